import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from blocks.easybill.calls import ApiCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.limiter import RequestLimiter
from tests.blocks.easybill.wire import KEY, Wire, a_page, always, raw_server, read_request

QUICK = httpx.Timeout(connect=0.5, read=0.2, write=0.2, pool=0.2)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def client_at(base_url: str, calls: list[ApiCall]) -> EasybillClient:
    limiter = RequestLimiter.in_memory(1000)
    return EasybillClient(
        SecretStr(KEY), base_url, limiter=limiter, on_call=calls.append, timeouts=QUICK
    )


def never_answer(talk: socketserver.StreamRequestHandler) -> None:
    read_request(talk)
    time.sleep(1)


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

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def take(self) -> float:
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
