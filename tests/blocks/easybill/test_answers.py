from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from blocks.easybill.answers import LONGEST_PAUSE_SECONDS, error_of, pause_seconds
from blocks.easybill.errors import (
    EasybillError,
    Forbidden,
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
    return error_of(method, "/documents", response, response.content, SECRET)


@pytest.mark.parametrize("method", ["GET", *WRITES])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Rejected),
        (307, Rejected),
        (400, Rejected),
        (401, KeyRefused),
        (403, Forbidden),
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
    assert str(error).startswith(f"{method} /documents was answered with {status}: ")
    assert error.status == status


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
def test_a_server_error_leaves_a_write_open_but_not_a_read(status: int) -> None:
    assert type(answered("GET", status)) is Unavailable
    assert {type(answered(method, status)) for method in WRITES} == {OutcomeUnknown}


def test_the_message_of_easybill_is_shown() -> None:
    body = {"code": 20000, "message": "Bitte füllen Sie alle Felder aus.", "arguments": ["a", "b"]}
    assert str(answered("POST", 400, json=body)) == (
        "POST /documents was answered with 400: "
        "Bitte füllen Sie alle Felder aus. (code 20000) [a, b]."
    )


@pytest.mark.parametrize("message", ["Unauthorized", "Unauthorized."])
def test_what_easybill_says_and_what_to_check_are_two_sentences(message: str) -> None:
    assert str(answered("GET", 401, json={"message": message})) == (
        "GET /documents was answered with 401: Unauthorized. Check the API key (EASYBILL_API_KEY)."
    )


def test_several_messages_of_easybill_are_all_shown() -> None:
    body = {"code": 20000, "message": ["Kein Kunde.", 7, "", f"Key {SECRET}\nfalsch."]}
    assert str(answered("PUT", 400, json=body)) == (
        "PUT /documents was answered with 400: Kein Kunde.; Key *** falsch. (code 20000)."
    )


@pytest.mark.parametrize(
    "body",
    [
        *([], "x", None, {}, {"message": 5, "code": "x", "arguments": "y"}, {"message": ""}),
        *({"message": []}, {"message": [None, 5]}, {"message": {"a": "b"}}),
    ],
)
def test_an_error_body_of_another_form_does_no_harm(body: object) -> None:
    assert "no message of easybill's (" in str(answered("POST", 400, json=body))


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
    assert "*** ist ungültig [***]." in str(answered("GET", 401, json=body))
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
        ("9" * 400, LONGEST_PAUSE_SECONDS),
        ("9" * 5000, LONGEST_PAUSE_SECONDS),
        ("1e999999999", 60),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_PAUSE_SECONDS),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", 60),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", 60),
        ("soon", 60),
        ("-5", 60),
        ("²", 60),
        ("", 60),
    ],
)
def test_retry_after_is_read_and_capped_and_else_means_a_minute(
    header: str, seconds: float
) -> None:
    assert pause_seconds({"Retry-After": header}) == seconds


def test_retry_after_may_be_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert pause_seconds({"Retry-After": moment}) == pytest.approx(90, abs=5)
