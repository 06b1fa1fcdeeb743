"""A receiver of webhooks, on real HTTP: what the people who are told something would see."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.prefect_server import within


@dataclass(frozen=True, slots=True)
class Received:
    """One message, and when it came, in seconds of this process's clock."""

    path: str
    subject: str
    body: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where messages are posted to, and those that came."""

    address: str
    received: list[Received]

    def subjects(self, path: str = "/people") -> list[str]:
        """The subjects of what was posted to this path, in order."""
        return [message.subject for message in self.received if message.path == path]

    def told(self, subject: str, within_s: float, path: str = "/people") -> Received:
        """The first message to this path whose subject begins so, waited for."""

        def found() -> Received | None:
            there = (message for message in self.received if message.path == path)
            return next((m for m in there if m.subject.startswith(subject)), None)

        return within(within_s, found, f"no message {subject!r} came to {path}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    received: list[Received] = []

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.append(Received(self.path, at=time.monotonic(), **body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Receiver(f"http://127.0.0.1:{server.server_port}", received)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
