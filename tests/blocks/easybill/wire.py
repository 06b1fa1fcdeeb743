"""easybill's side of the wire, as tests need it."""

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from pydantic import SecretStr

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.limiter import RequestLimiter

KEY = "k3y-that-nobody-may-see"
BASE_URL = "https://easybill.example/rest/v1"

Handler = Callable[[httpx.Request], httpx.Response]


class Wire:
    """A client whose requests and calls are kept, answered by a handler."""

    def __init__(self, handler: Handler, limiter: RequestLimiter | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.calls: list[ApiCall] = []
        self._handler = handler
        self.client = EasybillClient(
            SecretStr(KEY),
            BASE_URL,
            limiter=limiter or RequestLimiter.in_memory(1_000_000),
            on_call=self.calls.append,
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._handler(request)


def always(
    status: int, body: object = None, headers: dict[str, str] | None = None, text: str | None = None
) -> Handler:
    """Every request gets this answer."""
    content = text.encode() if text is not None else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content, headers=headers)


def a_page(*items: object, page: int = 1, pages: int = 1) -> dict[str, object]:
    return {"page": page, "pages": pages, "limit": 1000, "total": len(items), "items": list(items)}


def a_document(**fields: object) -> dict[str, object]:
    return {"id": 7, "is_draft": True, "amount": 11900, "amount_net": 10000} | fields


@contextmanager
def raw_server(talk: Callable[[socketserver.StreamRequestHandler], None]) -> Iterator[str]:
    """A real socket that says whatever `talk` writes, then hangs up; gives its base URL."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            talk(self)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/rest/v1"
        server.shutdown()


def read_request(talk: socketserver.StreamRequestHandler) -> None:
    """Take in one request, head and body."""
    length = 0
    while (line := talk.rfile.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    talk.rfile.read(length)


@contextmanager
def stamping_server() -> Iterator[tuple[int, list[float]]]:
    """A real HTTP server; gives its port and the moments at which requests arrived."""
    arrivals: list[float] = []

    class Stamp(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrivals.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - Python's own name for it
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Stamp) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1], arrivals
        server.shutdown()


def shortest_span(moments: list[float], count: int) -> float:
    """The shortest time in which `count` of these moments lie."""
    ordered = sorted(moments)
    return min(last - first for first, last in zip(ordered, ordered[count - 1 :], strict=False))
