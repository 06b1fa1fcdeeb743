"""One HTTP request to easybill: sends it when its turn has come, reports how it ended."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Literal, TypeVar

import httpx
from pydantic import SecretStr

from blocks.easybill.answers import KEY_FROM_ENVIRONMENT, error_of, pause_seconds, trimmed, unclear
from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.deadline import ending_within, keep_deadlines
from blocks.easybill.errors import EasybillError, OutcomeUnknown, Unavailable
from blocks.easybill.limiter import RequestLimiter

T = TypeVar("T")

BeforeSend = Callable[[], None]


# What an attempt may take in all, once its turn has come: up to the last byte of the answer.
ATTEMPT_SECONDS = 45.0
# An idle connection is closed before the server closes it (uvicorn does after 5 s): a write over
# a connection that is being closed would end with its outcome unknown.
_LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=2.0)
# A page of a thousand invoices of 46 lines each takes 30 MB.
LARGEST_ANSWER_BYTES = 2**27
# What is not asked for, or packed several times, may unpack to gigabytes at once.
_ENCODINGS = {"identity", "gzip"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent; `query` is already percent-encoded."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    query: str = ""
    content: bytes | None = None
    file: tuple[str, bytes] | None = None


class Transport:
    """A pool of connections with the account's key; thread safe."""

    def __init__(
        self,
        api_key: SecretStr,
        base_url: str,
        limiter: RequestLimiter,
        attempt_seconds: float = ATTEMPT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        key_from: str = KEY_FROM_ENVIRONMENT,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.limiter = limiter
        self._api_key, self._key_from = api_key, key_from
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {api_key.get_secret_value()}",
                "Accept": "application/json, */*;q=0.5",
                "Accept-Encoding": "gzip",
                "User-Agent": "oms-to-easybill",
            },
            timeout=_waits_within(attempt_seconds),
            limits=_LIMITS,
            follow_redirects=False,
            transport=transport,
        )
        self._attempt_seconds = attempt_seconds
        keep_deadlines(self._http)

    @property
    def base_path(self) -> str:
        """The part of the base URL that each request line begins with."""
        return httpx.URL(self.base_url).raw_path.decode("ascii")

    @property
    def _secret(self) -> str:
        return self._api_key.get_secret_value()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self,
        request: Request,
        parse: Callable[[bytes], T],
        on_call: OnCall | None,
        before_send: BeforeSend | None = None,
    ) -> T:
        """Send once, after the limiter gave a turn; return what `parse` makes of the answer.

        `parse` raises ValueError for an answer that is not what was asked for. `on_call` hears
        of the attempt before this returns or raises. Raises EasybillError, and whatever
        `before_send` or `on_call` raise.
        """
        if before_send is not None:
            before_send()
        attempt = _Attempt(request, on_call)
        try:
            with (
                ending_within(self._attempt_seconds),
                closing(self._http.send(self._build(request), stream=True)) as response,
            ):
                attempt.status = response.status_code
                answer = self._accept(request, response, parse)
        except httpx.RequestError as error:
            failure = _transport_error(request, error, self._secret)
            attempt.report(failure)
            raise failure from error
        except BaseException as error:
            attempt.report(error)
            raise
        attempt.report(None)
        return answer

    def _build(self, request: Request) -> httpx.Request:
        query = f"?{request.query}" if request.query else ""
        return self._http.build_request(
            request.method,
            f"{self.base_url}{request.path}{query}",
            content=request.content,
            files={"file": (*request.file, "text/csv")} if request.file else None,
            headers={"Content-Type": "application/json"} if request.content is not None else {},
        )

    def _accept(self, request: Request, response: httpx.Response, parse: Callable[[bytes], T]) -> T:
        status = response.status_code
        if status == 429:
            self.limiter.pause(pause_seconds(response.headers))
        content = _content(request, response)
        if not response.is_success:
            method, path, secret = request.method, request.path, self._secret
            raise error_of(method, path, response, content, secret, self._key_from)
        try:
            return parse(content)
        except ValueError:
            text = (
                f"{request.method} {request.path} was answered with {status}, "
                "but not with what easybill's API describes."
            )
            # The parser's own message would quote the answer, so it is left out.
            raise unclear(text, request.method, status) from None


def _waits_within(seconds: float) -> httpx.Timeout:
    """How long each single wait of an attempt may be: together as long as the attempt."""
    ninth = seconds / 9
    return httpx.Timeout(connect=ninth, pool=ninth, write=2 * ninth, read=5 * ninth)


class _Attempt:
    def __init__(self, request: Request, on_call: OnCall | None) -> None:
        self.status: int | None = None
        self._request = request
        self._on_call = on_call
        self._at = datetime.now(UTC)
        self._started = time.monotonic()

    def report(self, error: BaseException | None) -> None:
        if self._on_call is None:
            return
        self._on_call(
            ApiCall(
                at=self._at,
                method=self._request.method,
                path=self._request.path,
                status=self.status,
                outcome=self._outcome(error),
                duration_ms=round((time.monotonic() - self._started) * 1000),
                error=None if error is None else str(error) or type(error).__name__,
            )
        )

    def _outcome(self, error: BaseException | None) -> Literal["success", "failure", "unknown"]:
        if error is None:
            return "success"
        if isinstance(error, OutcomeUnknown):
            return "unknown"
        # Anything else that ends a write early (an interrupt, for example) leaves its outcome open.
        is_open = not isinstance(error, EasybillError) and self._request.method != "GET"
        return "unknown" if is_open else "failure"


def _content(request: Request, response: httpx.Response) -> bytes:
    """The body, unpacked; an answer whose body is too large is none."""
    call = f"{request.method} {request.path} was answered with {response.status_code}"
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in _ENCODINGS:
        text = f"{call}, packed in a way that was not asked for."
        raise unclear(text, request.method, response.status_code)
    content = BytesIO()
    for chunk in response.iter_bytes():
        content.write(chunk)
        if content.tell() > LARGEST_ANSWER_BYTES:
            text = f"{call}, and with more than {LARGEST_ANSWER_BYTES >> 20} MiB."
            raise unclear(text, request.method, response.status_code)
    # No copy is made of what may be 30 MB.
    return content.getvalue()


def _transport_error(request: Request, error: httpx.RequestError, secret: str) -> EasybillError:
    call = f"{request.method} {request.path}"
    reason = trimmed(f"{type(error).__name__}: {error}", secret)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        text = f"{call} was not sent: easybill could not be reached ({reason})."
    elif isinstance(error, httpx.PoolTimeout):
        text = f"{call} was not sent: no connection became free ({reason})."
    else:
        return unclear(f"{call} got no whole answer ({reason}).", request.method, None)
    return Unavailable(text)
