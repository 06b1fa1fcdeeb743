"""What every request to the API passes: line length, key, limit, planted faults, the record."""

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blocks.easybill.sandbox.faults import Fault
from blocks.easybill.sandbox.refusal import Refused
from blocks.easybill.sandbox.requests import RecordedRequest, readable_headers
from blocks.easybill.sandbox.state import Sandbox

BASE_PATH = "/rest/v1"
_LONGEST_REQUEST_LINE_BYTES = 4094


class Gate:
    """Lets a request to the API through, or answers it itself; records both."""

    def __init__(self, api: ASGIApp, sandbox: Sandbox) -> None:
        self._api = api
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and record it."""
        if scope["type"] != "http":
            return
        request = _request(scope)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        try:
            request.body = await _body(receive)
            await self._answer(scope, request, receive, noting)
        finally:
            self._sandbox.requests.add(request)

    async def _answer(
        self, scope: Scope, request: RecordedRequest, receive: Receive, send: Send
    ) -> None:
        replay = _Replay(request.body, receive)
        try:
            self._admit(scope)
        except Refused as refused:
            await refusal_response(refused)(scope, replay, send)
            return
        hits = (f for f in self._sandbox.faults if f.hits(request.method, request.path))
        fault = next(hits, None)
        if fault is None:
            await self._api(scope, replay, send)
            return
        if fault.kind == "slow_before":
            await asyncio.sleep(fault.seconds)
            await self._api(scope, replay, send)
            return
        if not fault.is_before:
            answer = _Held()
            await self._api(scope, replay, answer)
            if fault.kind == "slow_after":
                await asyncio.sleep(fault.seconds)
                await answer.release(send)
                return
        await _answer_with(fault, scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        if _request_line_bytes(scope) > _LONGEST_REQUEST_LINE_BYTES:
            raise Refused(414, "Request-URI Too Large")
        if not _is_key(_sent_key(scope["headers"]), self._sandbox.api_key):
            raise Refused(401, "Unauthorized", headers={"WWW-Authenticate": "Bearer"})
        wait = self._sandbox.limit.seconds_to_wait()
        if wait:
            raise Refused(429, "Too Many Requests", headers={"Retry-After": str(wait)})


def refusal_response(refused: Refused) -> Response:
    """The answer to a request that is refused."""
    return JSONResponse(refused.body, refused.status, refused.headers)


class _Replay:
    """Gives the body that was read already once more, then what the connection says."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._messages: list[Message] = [{"type": "http.request", "body": body}]
        self._receive = receive

    async def __call__(self) -> Message:
        return self._messages.pop() if self._messages else await self._receive()


class _Held:
    """Keeps an answer back until it is released."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self._messages.append(message)

    async def release(self, send: Send) -> None:
        for message in self._messages:
            await send(message)


def unguarded(api: ASGIApp) -> ASGIApp:
    """The API as the accountant reaches it in easybill itself: no key, limit, fault or record."""

    async def pass_on(scope: Scope, receive: Receive, send: Send) -> None:
        _request(scope)
        await api(scope, receive, send)

    return pass_on


def _request(scope: Scope) -> RecordedRequest:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    path = scope["path"].removeprefix(scope["root_path"])
    headers = readable_headers(scope["headers"])
    request = RecordedRequest(scope["method"], path, query, headers, arrived_at=time.time())
    scope["state"]["request"] = request
    return request


def _request_line_bytes(scope: Scope) -> int:
    query = scope["query_string"]
    target = len(scope["raw_path"]) + (len(query) + len("?") if query else 0)
    return len(scope["method"]) + target + len("  HTTP/1.1")


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer_with(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.kind.startswith("close"):
        scope["state"]["transport"].abort()
        while (await receive())["type"] != "http.disconnect":
            pass
    elif fault.kind == "garbage":
        await Response("<html>not the answer", 200)(scope, receive, send)
    else:
        await Response(fault.body, fault.status, fault.headers)(scope, receive, send)


def _sent_key(headers: Sequence[tuple[bytes, bytes]]) -> str:
    sent = next((value for name, value in headers if name == b"authorization"), b"")
    scheme, _, credentials = sent.decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        email, _, key = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return key if email else ""


def _is_key(sent: str, wanted: str | None) -> bool:
    if wanted is None:
        return bool(sent)
    return secrets.compare_digest(sent.encode(), wanted.encode())
