"""An attempt ends in all when its time is over, however lively the other side is."""

import operator
import socketserver
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from pydantic import SecretStr

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import OutcomeUnknown, Unavailable
from blocks.easybill.limiter import RequestLimiter
from tests.blocks.easybill.wire import KEY, raw_server, read_request

Do = Callable[[EasybillClient], object]

ATTEMPT_S = 0.6
# Each drop comes long before a single wait is over; all of them would take many attempts.
DROP_S = ATTEMPT_S / 30
DROPS = 1500
LONGER_S = 3 * ATTEMPT_S
LONGEST_BODY = bytes(2**26)

HEAD = b"HTTP/1.1 200 OK\r\n"
BEGINNINGS = {
    "status line": b"HTTP/1.1 200 ",
    "head": HEAD + b"X-Drops: ",
    "body": HEAD + b"\r\n[",
    "body of a known length": HEAD + b"Content-Length: 1000000\r\n\r\n[",
    "packed body": HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\x03",
    "refusal": b"HTTP/1.1 400 No\r\n\r\n",
}
READ = operator.methodcaller("read_document", 7)
WRITE = operator.methodcaller("create_draft", {"type": "INVOICE"})


def client_at(base_url: str, calls: list[ApiCall], attempt_s: float) -> EasybillClient:
    limiter = RequestLimiter.in_memory(1000)
    return EasybillClient(
        SecretStr(KEY), base_url, limiter=limiter, on_call=calls.append, attempt_seconds=attempt_s
    )


class Drip:
    """A server that answers in drops."""

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning
        self.drops = 0

    def __call__(self, talk: socketserver.StreamRequestHandler) -> None:
        read_request(talk)
        talk.wfile.write(self.beginning)
        with suppress(OSError):
            while self.drops < DROPS:
                talk.wfile.write(b"a")
                self.drops += 1
                time.sleep(DROP_S)


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
@pytest.mark.parametrize(("do", "kind"), [(READ, Unavailable), (WRITE, OutcomeUnknown)])
def test_an_answer_in_drops_is_given_up(beginning: bytes, do: Do, kind: type[Exception]) -> None:
    drip, calls = Drip(beginning), list[ApiCall]()
    with (
        raw_server(drip) as url,
        client_at(url, calls, ATTEMPT_S) as client,
        pytest.raises(kind, match="got no whole answer"),
    ):
        do(client)
    assert drip.drops < DROPS / 2
    assert [call.outcome for call in calls] == ["unknown" if kind is OutcomeUnknown else "failure"]


def test_an_answer_in_drops_is_given_up_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    drip = Drip(BEGINNINGS["head"])
    with raw_server(drip) as url:
        monkeypatch.setenv("HTTP_PROXY", url.removesuffix("/rest/v1"))
        with (
            client_at("http://easybill.invalid/rest/v1", [], ATTEMPT_S) as client,
            pytest.raises(Unavailable, match="got no whole answer"),
        ):
            client.read_document(7)
    assert 0 < drip.drops < DROPS / 2


def test_a_body_that_is_taken_in_by_drops_is_given_up() -> None:
    swallowed: list[int] = []

    def swallow(talk: socketserver.StreamRequestHandler) -> None:
        with suppress(OSError):
            while piece := talk.connection.recv(2**16):
                swallowed.append(len(piece))
                time.sleep(DROP_S / 2)

    with (
        raw_server(swallow) as url,
        client_at(url, [], LONGER_S) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.upload_attachment("a.csv", LONGEST_BODY)
    assert sum(swallowed) < len(LONGEST_BODY) / 2


def test_each_attempt_has_its_own_time() -> None:
    """Over one connection, which is older than an attempt may be."""

    def answer_slowly(talk: socketserver.StreamRequestHandler) -> None:
        for _ in range(4):
            read_request(talk)
            time.sleep(LONGER_S / 3.5)
            talk.wfile.write(HEAD + b"Content-Length: 2\r\n\r\nab")

    with raw_server(answer_slowly) as url, client_at(url, [], LONGER_S) as client:
        assert [client.read_attachment(3) for _ in range(4)] == [b"ab"] * 4
