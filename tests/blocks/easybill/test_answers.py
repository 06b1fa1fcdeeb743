from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from blocks.easybill.answers import LONGEST_PAUSE_SECONDS, error_of, retry_after_seconds
from blocks.easybill.errors import (
    EasybillError,
    KeyRefused,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)

SECRET = "k3y"
WRITES = ["POST", "PUT", "DELETE"]


def answered(method: str, status: int, **more: object) -> EasybillError:
    response = httpx.Response(status, **more)  # type: ignore[arg-type]
    return error_of(method, "/documents", response, SECRET)


@pytest.mark.parametrize("method", ["GET", *WRITES])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Rejected),
        (307, Rejected),
        (400, Rejected),
        (401, KeyRefused),
        (403, KeyRefused),
        (404, NotFound),
        (409, Unavailable),
        (414, Rejected),
        (422, Rejected),
        (429, Unavailable),
    ],
)
def test_a_refusal_means_the_same_for_every_method(
    method: str, status: int, kind: type[EasybillError]
) -> None:
    error = answered(method, status)
    assert type(error) is kind
    assert (error.method, error.path, error.status) == (method, "/documents", status)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_server_error_leaves_a_write_open_but_not_a_read(status: int) -> None:
    assert type(answered("GET", status)) is Unavailable
    assert {type(answered(method, status)) for method in WRITES} == {OutcomeUnknown}


def test_easybills_own_words_are_shown() -> None:
    body = {"code": 20000, "message": "Bitte füllen Sie alle Felder aus.", "arguments": ["a", "b"]}
    error = answered("POST", 400, json=body)
    assert isinstance(error, Rejected)
    assert (error.code, error.message, error.arguments) == (20000, body["message"], ("a", "b"))
    assert str(error) == (
        "POST /documents was answered with 400: "
        "Bitte füllen Sie alle Felder aus. (code 20000) [a, b]"
    )


@pytest.mark.parametrize(
    "body",
    [[], "x", None, {}, {"message": 5, "code": "x", "arguments": "y"}, {"message": ""}],
)
def test_an_error_body_of_another_shape_is_no_obstacle(body: object) -> None:
    error = answered("POST", 400, json=body)
    assert isinstance(error, Rejected)
    assert (error.code, error.message, error.arguments) == (None, None, ())


def test_a_page_of_html_is_not_shown_whole() -> None:
    error = answered("GET", 502, html="<html>" + "x" * 50_000)
    assert "<html>" not in str(error)
    assert "text/html" in str(error)
    assert len(str(error)) < 300


def test_a_long_message_is_trimmed_to_one_line() -> None:
    body = {"message": "a\nb " * 1000, "arguments": ["c" * 5000] * 500}
    text = str(answered("POST", 400, json=body))
    assert "\n" not in text
    assert len(text) < 8000


def test_the_key_is_masked_where_the_answer_repeats_it() -> None:
    body = {"message": f"{SECRET} ist ungültig", "arguments": [SECRET]}
    error = answered("GET", 401, json=body, headers={"Content-Type": SECRET})
    assert isinstance(error, KeyRefused)
    assert SECRET not in f"{error} {error.message} {error.arguments}"
    assert SECRET not in str(answered("GET", 500, headers={"Content-Type": SECRET}))


def test_a_refused_key_and_a_redirect_say_what_to_check() -> None:
    assert "EASYBILL_API_KEY" in str(answered("GET", 401))
    assert "EASYBILL_BASE_URL" in str(answered("GET", 302, headers={"Location": "/x"}))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("60", 60),
        ("99999999", LONGEST_PAUSE_SECONDS),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Fri, 21 Oct 2435 07:28:00 GMT", LONGEST_PAUSE_SECONDS),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after_is_read_and_capped(header: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": header}) == seconds


def test_retry_after_may_be_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after_seconds({"Retry-After": moment}) == pytest.approx(90, abs=5)


def test_too_many_requests_without_a_time_means_a_minute() -> None:
    error = answered("POST", 429)
    assert isinstance(error, Unavailable)
    assert error.retry_after_seconds == 60


def test_a_locked_resource_says_a_time_only_if_easybill_does() -> None:
    silent, telling = answered("PUT", 409), answered("PUT", 409, headers={"Retry-After": "3"})
    assert isinstance(silent, Unavailable)
    assert isinstance(telling, Unavailable)
    assert (silent.retry_after_seconds, telling.retry_after_seconds) == (None, 3)
