import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler

import pytest

from blocks.easybill.check import main
from blocks.easybill.settings import EasybillSettings
from tests.blocks.easybill.wire import KEY, a_page, raw_server, read_request

Check = Callable[..., tuple[int, str]]


@pytest.fixture
def check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Check:
    monkeypatch.chdir(tmp_path)
    for variable in EasybillSettings.model_fields.values():
        monkeypatch.delenv(str(variable.validation_alias), raising=False)

    def run(**settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"EASYBILL_{name}", value)
        return main([]), capsys.readouterr().out

    return run


@contextmanager
def answering(status: str, body: bytes) -> Iterator[str]:
    def talk(request: StreamRequestHandler) -> None:
        read_request(request)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
        request.wfile.write(head.encode() + body)

    with raw_server(talk) as url:
        yield url


LOGINS = json.dumps(a_page({"id": 1, "display_name": "Erika Beispiel"}, {"id": 2})).encode()


def test_the_account_is_described(check: Check) -> None:
    with answering("200 OK", LOGINS) as url:
        code, output = check(API_KEY=KEY, BASE_URL=url)
    assert code == 0
    assert "The API key works." in output
    assert "Erika Beispiel, login 2" in output
    assert "10 requests per minute (PLUS)" in output
    assert f"{url} (not easybill's own" in output
    assert KEY not in output


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("60", "60 requests per minute (BUSINESS)"), ("7", "7 requests per minute,")],
)
def test_the_limit_of_the_settings_is_shown(check: Check, limit: str, expected: str) -> None:
    with answering("200 OK", LOGINS) as url:
        assert expected in check(API_KEY=KEY, BASE_URL=url, REQUESTS_PER_MINUTE=limit)[1]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        ("401 No", b'{"message": "Nein."}', "Nein. Check the API key (EASYBILL_API_KEY)."),
        ("200 OK", b"<html>Welcome", "not with what easybill's API describes"),
        ("302 Found", b"", "check the base URL (EASYBILL_BASE_URL)"),
        ("500 Oh", b"<html>", "answered with 500"),
    ],
)
def test_what_is_wrong_is_one_plain_sentence(
    check: Check, status: str, body: bytes, expected: str
) -> None:
    with answering(status, body) as url:
        code, output = check(API_KEY=KEY, BASE_URL=url)
    assert code == 1
    assert expected in output
    assert output.count("\n") == 1
    assert KEY not in output


def test_an_easybill_that_cannot_be_reached_is_reported(check: Check) -> None:
    code, output = check(API_KEY=KEY, BASE_URL="http://127.0.0.1:1")
    assert code == 1
    assert "could not be reached" in output


def test_a_missing_key_is_reported(check: Check) -> None:
    assert check() == (1, "EASYBILL_API_KEY is missing: set it in the environment or in .env.\n")
