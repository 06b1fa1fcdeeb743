"""Which error an answer of easybill means, and what its text says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from blocks.easybill.errors import (
    EasybillError,
    Forbidden,
    KeyRefused,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from blocks.easybill.exact_json import decode_object

# Any key may ask whose it is.
LOGINS = "/logins"
DEFAULT_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 600.0
_LONGEST_TEXT = 300
_MOST_ARGUMENTS = 20
KEY_FROM_ENVIRONMENT = "EASYBILL_API_KEY"


def error_of(
    method: str,
    path: str,
    response: httpx.Response,
    content: bytes,
    secret: str,
    key_from: str = KEY_FROM_ENVIRONMENT,
) -> EasybillError:
    """The error that an answer other than 2xx means; `secret` is never in its text.

    `key_from` says where the key was taken from, and so where a person corrects it.
    """
    status = response.status_code
    text = f"{method} {path} was answered with {status}: {_reason(response, content, secret)}"
    if status in {409, 429}:
        return Unavailable(text, status=status)
    if status >= 500 or status == 408:
        return unclear(text, method, status)
    if response.is_redirect:
        text += " A redirect is not followed; check the base URL (EASYBILL_BASE_URL)."
    next_steps = {
        401: f" Check the API key ({key_from}).",
        403: " Check that the API key may do this.",
    }
    return _refused(status, path)(text + next_steps.get(status, ""), status=status)


def unclear(text: str, method: str, status: int | None) -> EasybillError:
    """The error of a call that got no usable answer: harmless for a read, not for a write."""
    if method == "GET":
        return Unavailable(text, status=status)
    return OutcomeUnknown(
        f"{text} Whether easybill did it is unknown; look before sending it again.",
        status=status,
    )


def pause_seconds(headers: Mapping[str, str]) -> float:
    """How long to wait after a 429: as Retry-After says, at most 600 s; 60 s if it says nothing."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_PAUSE_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return DEFAULT_PAUSE_SECONDS
    # A date with "-0000" comes back without a zone; HTTP dates are always GMT.
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)


def trimmed(text: str, secret: str) -> str:
    """Put the text in one line of a reasonable length, without the secret."""
    text = " ".join(text.replace(secret, "***").split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _refused(status: int, path: str) -> type[Rejected]:
    if status == 401 or (status == 403 and path == LOGINS):
        return KeyRefused
    if status == 403:
        return Forbidden
    return NotFound if status == 404 else Rejected


def _reason(response: httpx.Response, content: bytes, secret: str) -> str:
    """Why, in easybill's own words; without any, what the answer was."""
    try:
        body = decode_object(content)
    except ValueError:
        body = {}
    code, message, arguments = body.get("code"), body.get("message"), body.get("arguments")
    texts = message if isinstance(message, list) else [message]
    said = "; ".join(text for text in texts if isinstance(text, str) and text)
    if not said:
        kind = trimmed(response.headers.get("Content-Type", "no content type"), secret)
        return f"no message of easybill's ({kind}, {len(content)} bytes)."
    reason = trimmed(said, secret)
    if isinstance(code, int):
        reason += f" (code {code})"
    if isinstance(arguments, list) and arguments:
        shown = (trimmed(str(argument), secret) for argument in arguments[:_MOST_ARGUMENTS])
        reason += f" [{', '.join(shown)}]"
    return reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."
