"""One HTTP request to easybill: waits for its turn, sends, reports how it ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

import httpx
from pydantic import SecretStr

from blocks.easybill.answers import error_of, pause_seconds, trimmed, unclear
from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.errors import EasybillError, OutcomeUnknown, Unavailable
from blocks.easybill.limiter import RequestLimiter

T = TypeVar("T")

BeforeSend = Callable[[], None]


def timeouts_within(seconds: float) -> httpx.Timeout:
    """Timeouts that add up to what an attempt may take after its turn has come."""
    ninth = seconds / 9
    return httpx.Timeout(connect=ninth, pool=ninth, write=2 * ninth, read=5 * ninth)


TIMEOUTS = timeouts_within(45.0)
# An idle connection is closed before the server closes it (uvicorn does after 5 s): a write over
# a connection that is being closed would end with its outcome unknown.
_LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=2.0)


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
        timeouts: httpx.Timeout = TIMEOUTS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.limiter = limiter
        self._api_key = api_key
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {api_key.get_secret_value()}",
                "Accept": "application/json",
                "User-Agent": "oms-to-easybill",
            },
            timeout=timeouts,
            limits=_LIMITS,
            follow_redirects=False,
            transport=transport,
        )

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
        while_waiting: BeforeSend | None = None,
    ) -> T:
        """Send once; return what `parse` makes of the answer.

        `parse` raises ValueError for an answer that is not what was asked for. `on_call` hears
        of the attempt before this returns or raises. Raises EasybillError, and whatever the
        limiter's window, `before_send` or `on_call` raise.
        """
        self.limiter.acquire(while_waiting)
        if before_send is not None:
            before_send()
        attempt = _Attempt(request, on_call)
        try:
            response = self._http.send(self._build(request))
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
        if not response.is_success:
            raise error_of(request.method, request.path, response, self._secret)
        try:
            return parse(response.content)
        except ValueError:
            text = (
                f"{request.method} {request.path} was answered with {status}, "
                "but not with what easybill's API describes."
            )
            # The parser's own message would quote the answer, so it is left out.
            raise unclear(text, request.method, status) from None


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
