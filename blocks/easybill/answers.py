"""Which error an answer of easybill means, and what its text says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from blocks.easybill.errors import (
    EasybillError,
    KeyRefused,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from blocks.easybill.exact_json import decode_object

DEFAULT_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 600.0
_LONGEST_TEXT = 300
_MOST_ARGUMENTS = 20
_NEXT_STEPS = {
    401: " Check the API key (EASYBILL_API_KEY).",
    403: " Check that the API key may do this.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """easybill's own words for why it refused."""

    code: int | None = None
    message: str | None = None
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        code = f" (code {self.code})" if self.code is not None else ""
        arguments = f" [{', '.join(self.arguments)}]" if self.arguments else ""
        return f"{self.message}{code}{arguments}"


def error_of(method: str, path: str, response: httpx.Response, secret: str) -> EasybillError:
    """Name the error that an answer other than 2xx means; `secret` never shows in its text."""
    status = response.status_code
    refusal = _refusal(response.content, secret)
    said = str(refusal) if refusal.message else _what_came_instead(response, secret)
    text = f"{method} {path} was answered with {status}: {said}"
    if status in {409, 429}:
        pause = retry_after_seconds(response.headers)
        if status == 429 and pause is None:
            pause = DEFAULT_PAUSE_SECONDS
        return Unavailable(text, method=method, path=path, status=status, retry_after_seconds=pause)
    if status >= 500 or status == 408:
        return unclear(text, method, path, status, retry_after_seconds(response.headers))
    if response.is_redirect:
        text += " A redirect is not followed; check the base URL (EASYBILL_BASE_URL)."
    return _refused(status)(
        text + _NEXT_STEPS.get(status, ""),
        method=method,
        path=path,
        status=status,
        code=refusal.code,
        message=refusal.message,
        arguments=refusal.arguments,
    )


def unclear(
    text: str, method: str, path: str, status: int | None, pause: float | None = None
) -> EasybillError:
    """Judge a call that got no usable answer: harmless for a read, not for a write."""
    if method == "GET":
        return Unavailable(text, method=method, path=path, status=status, retry_after_seconds=pause)
    return OutcomeUnknown(
        f"{text} Whether easybill carried it out is unknown; look before sending it again.",
        method=method,
        path=path,
        status=status,
    )


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read the Retry-After header, at most 600 s; None where it says nothing usable."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_PAUSE_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date that carries "-0000" comes back without a zone; HTTP dates are always GMT.
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)


def _refused(status: int) -> type[Rejected]:
    if status in {401, 403}:
        return KeyRefused
    return NotFound if status == 404 else Rejected


def _refusal(content: bytes, secret: str) -> Refusal:
    try:
        body = decode_object(content)
    except ValueError:
        return Refusal()
    code, message, arguments = body.get("code"), body.get("message"), body.get("arguments")
    return Refusal(
        code=code if isinstance(code, int) else None,
        message=trimmed(message, secret) if isinstance(message, str) and message else None,
        arguments=tuple(trimmed(str(one), secret) for one in arguments[:_MOST_ARGUMENTS])
        if isinstance(arguments, list)
        else (),
    )


def trimmed(text: str, secret: str) -> str:
    """Put the text in one line of sane length, without the secret."""
    text = " ".join(text.replace(secret, "***").split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _what_came_instead(response: httpx.Response, secret: str) -> str:
    kind = trimmed(response.headers.get("Content-Type", "no content type"), secret)
    return f"no message of easybill's ({kind}, {len(response.content)} bytes)."
