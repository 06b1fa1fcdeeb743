import logging
import operator
import socket
import socketserver
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest
from pydantic import SecretStr

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.limiter import RequestLimiter
from blocks.easybill.transport import LARGEST_ANSWER_BYTES
from tests.blocks.easybill.wire import KEY, Wire, a_page, always, raw_server, read_request

PATIENT = 60.0
QUICK = 0.9
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def client_at(base_url: str, calls: list[ApiCall], attempt_s: float = QUICK) -> EasybillClient:
    limiter = RequestLimiter.in_memory(1000)
    return EasybillClient(
        SecretStr(KEY),
        base_url,
        limiter=limiter,
        on_call=calls.append,
        attempt_seconds=attempt_s,
    )


def never_answer(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    talk.rfile.read()


def hang_up(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)


def cut_the_head(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    talk.wfile.write(b"HTTP/1.1 200 O")


def cut_the_body(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    talk.wfile.write(HEAD + b'Content-Length: 500\r\n\r\n{"id": 7, "is_dr')


def send_noise(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    talk.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")


def send_a_broken_encoding(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    talk.wfile.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")


FAULTS = [never_answer, hang_up, cut_the_head, cut_the_body, send_noise, send_a_broken_encoding]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_that_breaks_off_has_an_unknown_outcome(
    fault: Callable[[socketserver.StreamRequestHandler], None],
) -> None:
    calls: list[ApiCall] = []
    with (
        raw_server(fault) as url,
        client_at(url, calls) as client,
        pytest.raises(OutcomeUnknown, match="look before sending it again") as raised,
    ):
        client.create_draft({"type": "INVOICE"})
    assert [(call.outcome, call.error) for call in calls] == [("unknown", str(raised.value))]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_read_that_breaks_off_may_be_repeated(
    fault: Callable[[socketserver.StreamRequestHandler], None],
) -> None:
    calls: list[ApiCall] = []
    with raw_server(fault) as url, client_at(url, calls) as client, pytest.raises(Unavailable):
        client.read_document(7)
    assert [call.outcome for call in calls] == ["failure"]


def endless(packed: bool) -> Callable[[socketserver.StreamRequestHandler], None]:
    packer = zlib.compressobj(wbits=31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH) if packed else b"["
    mebibyte = bytes(2**20)
    # After a full flush a packed piece repeats.
    piece = packer.compress(mebibyte) + packer.flush(zlib.Z_FULL_FLUSH) if packed else mebibyte

    def talk(talk: socketserver.StreamRequestHandler) -> None:
        read_request(talk)
        talk.wfile.write(HEAD + (b"Content-Encoding: gzip\r\n\r\n" if packed else b"\r\n") + head)
        with suppress(OSError):
            while True:
                talk.wfile.write(piece)

    return talk


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("do", "kind"),
    [
        (operator.methodcaller("read_attachment", 3), Unavailable),
        (operator.methodcaller("list_attachments"), Unavailable),
        (operator.methodcaller("create_draft", {}), OutcomeUnknown),
    ],
)
def test_an_answer_without_an_end_is_read_up_to_the_limit(
    packed: bool, do: Callable[[EasybillClient], object], kind: type[Exception]
) -> None:
    calls: list[ApiCall] = []
    with (
        raw_server(endless(packed)) as url,
        client_at(url, calls, PATIENT) as client,
        pytest.raises(kind, match=f"more than {LARGEST_ANSWER_BYTES >> 20} MiB"),
    ):
        do(client)
    assert [call.status for call in calls] == [200]


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "zstd"])
def test_an_answer_packed_in_another_way_is_not_unpacked(encoding: str) -> None:
    stream, headers = httpx.ByteStream(b"{}"), {"Content-Encoding": encoding}
    wire = Wire(lambda _: httpx.Response(200, stream=stream, headers=headers))
    with pytest.raises(Unavailable, match="packed in a way that was not asked for"):
        wire.client.list_attachments()
    assert wire.requests[0].headers["Accept-Encoding"] == "gzip"


def test_a_write_that_could_not_connect_was_certainly_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    calls: list[ApiCall] = []
    with client_at(url, calls) as client, pytest.raises(Unavailable, match="was not sent"):
        client.create_draft({"type": "INVOICE"})
    assert [(call.status, call.outcome) for call in calls] == [(None, "failure")]


@pytest.mark.parametrize("error", [httpx.ConnectTimeout, httpx.ConnectError, httpx.PoolTimeout])
def test_a_write_that_never_got_a_connection_was_certainly_not_sent(
    error: type[httpx.TransportError],
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error("no luck")

    with pytest.raises(Unavailable, match="was not sent"):
        Wire(fail).client.delete_draft(7)


def test_a_redirect_is_not_followed() -> None:
    wire = Wire(always(302, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(Rejected, match="redirect is not followed"):
        wire.client.create_draft({})
    assert len(wire.requests) == 1


class PauseKeeper:
    """A window that lets everything through."""

    limit = 1_000_000

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def take(self, requests: int = 1) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "7"}, 7), ({}, 60)])
def test_too_many_requests_pause_everybody(headers: dict[str, str], seconds: float) -> None:
    window = PauseKeeper()
    with pytest.raises(Unavailable):
        Wire(always(429, headers=headers), RequestLimiter(window)).client.create_draft({})
    assert window.pauses == [seconds]


@pytest.mark.parametrize("status", [200, 400, 409, 503])
def test_nothing_else_pauses_anybody(status: int) -> None:
    window = PauseKeeper()
    with pytest.raises(Exception, match=str(status)):
        Wire(
            always(status, headers={"Retry-After": "7"}), RequestLimiter(window)
        ).client.create_draft({})
    assert window.pauses == []


def test_the_key_stays_out_of_every_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def refuse(talk: socketserver.StreamRequestHandler) -> None:
        read_request(talk)
        talk.wfile.write(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")

    with (
        raw_server(refuse) as url,
        client_at(url, []) as client,
        pytest.raises(Rejected),
    ):
        client.list_logins()
    assert "401" in caplog.text
    assert KEY not in caplog.text


def test_threads_share_one_client() -> None:
    wire = Wire(always(200, a_page()))
    threads = [threading.Thread(target=wire.client.list_logins) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [call.outcome for call in wire.calls] == ["success"] * 8
