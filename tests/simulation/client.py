"""The easybill client as a process of a story holds it: the real one, down to its requests."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from pydantic import BaseModel

from blocks.easybill.answers import unclear
from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import (
    EasybillError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from blocks.easybill.listing import Entry
from blocks.easybill.models import Document, Page, PageOfDocuments, UnreadableEntry
from blocks.easybill.transport import BeforeSend, Request
from blocks.ledger.errors import LedgerError
from tests.simulation.api import answer, page_of, whose
from tests.simulation.easybill import Refused
from tests.simulation.faults import WITHOUT_EFFECT, Fault
from tests.simulation.paths import FAULT, LOST_ANSWER, call_of
from tests.simulation.process import Killed, Process, Stopped
from tests.simulation.wire import RETRY_AFTER_SECONDS, Attempt, Reply, Wire

Answer = TypeVar("Answer")
M = TypeVar("M", bound=BaseModel)
# So small that the drafts of a story need several, between which the world moves on.
PAGE_SIZE = 4

_STATUS = {
    Fault.LOCKED: 409,
    Fault.BUSY: 429,
    Fault.BUSY_FOR_A_WHILE: 429,
    Fault.BROKEN_BEFORE: 500,
    Fault.BROKEN_AFTER: 502,
    Fault.REFUSED: 400,
    Fault.GARBAGE: 200,
}


def _unless_the_ledger_is_gone(came_back: Callable[[], object]) -> None:
    """A process that was stopped ends here; nobody hears of it any more."""
    with suppress(LedgerError):
        came_back()


class SimEasybillClient(EasybillClient):
    """Sends over the story's wire; each request is a step of the process."""

    def __init__(
        self,
        wire: Wire,
        process: Process,
        on_call: OnCall | None = None,
        before_send: BeforeSend | None = None,
        while_waiting: BeforeSend | None = None,
    ) -> None:
        self._wire = wire
        self._process = process
        self._on_call = on_call
        self._before_send = before_send
        self._while_waiting = while_waiting
        self._turns = 0
        limiter = SimpleNamespace(acquire=self._acquire)
        self._transport = cast(
            "Any", SimpleNamespace(base_path="/rest/v1", base_url="simulated", limiter=limiter)
        )

    def reporting_to(
        self,
        on_call: OnCall,
        *,
        before_send: BeforeSend | None = None,
        while_waiting: BeforeSend | None = None,
    ) -> "SimEasybillClient":
        return type(self)(self._wire, self._process, on_call, before_send, while_waiting)

    def _delete(self, path: str) -> None:
        request = Request("DELETE", path)
        self._request(request, lambda: answer(self._wire.easybill, request))

    def _send(self, request: Request, model: type[M]) -> M:
        return cast("M", self._request(request, lambda: answer(self._wire.easybill, request)))

    def read_attachment(self, attachment_id: int) -> bytes:
        request = Request("GET", f"/attachments/{attachment_id}/content")
        return cast("bytes", self._request(request, lambda: answer(self._wire.easybill, request)))

    def _documents(self, **query: str) -> list[Document | UnreadableEntry]:
        # How pages overlap is tried elsewhere; those of a story are too small for it.
        request = Request("GET", "/documents", urlencode(query, safe=","))
        return self._list(request, PageOfDocuments)

    def _page(
        self,
        request: Request,
        kind: type[Page[Entry]],
        number: int,
        size: int | None = None,
    ) -> Page[Entry]:
        if self._wire.easybill.others and request.path == "/documents":
            return super()._page(request, kind, number)

        def page() -> Page[Entry]:
            found = cast("list[Entry]", answer(self._wire.easybill, request))
            first = (number - 1) * PAGE_SIZE
            return kind.model_construct(
                page=number,
                pages=max(-(-len(found) // PAGE_SIZE), 1),
                total=len(found),
                items=tuple(found[first : first + PAGE_SIZE]),
            )

        return self._request(request, page)

    def _transported(self, request: Request, parse: Callable[[bytes], Answer]) -> Answer:
        """A page as it comes over the wire, read by the real client."""
        easybill = self._wire.easybill
        content = self._request(request, lambda: page_of(easybill, request, PAGE_SIZE))
        easybill.change_lists()
        try:
            return parse(content)
        except ValueError as error:
            text = f"GET {request.path}: no usable answer ({type(error).__name__})."
            raise unclear(text, "GET", 200) from error

    def _request(self, request: Request, act: Callable[[], Answer]) -> Answer:
        process, wire = self._process, self._wire
        at = f"{request.method} {request.path}"
        dies = process.steps_on(at)
        self._wait_for_turn(at)
        luck = process.luck.on_the_wire(at, request.method)
        fault = luck.fault
        wire.tell(process.name, f"{at}{f': {fault}' if fault else ''}")
        attempt = Attempt(process.name, request.method, request.path, fault)
        wire.attempts.append(attempt)
        if fault is not None:
            where = "GET" if request.method == "GET" else call_of(request.method, request.path)
            wire.paths.add(f"{FAULT}{where}: {fault}")
        sent_at, began = process.now(), process.monotonic()
        reply, seconds = wire.send(luck, lambda: self._unless_refused(request, act))
        if fault is not None and fault not in WITHOUT_EFFECT:
            # The accountant may come before we give up waiting.
            self._note_lost(request)
        came_back = partial(self._came_back, request, attempt, reply, sent_at, began)
        try:
            if dies:
                process.die()
            process.sleep(seconds)
        except Killed:
            self._note_lost(request)
            raise
        except Stopped:
            # It is out, and its end is written down by whoever waits for it.
            left_s = began + seconds - process.monotonic()
            process.spawn(lambda: _unless_the_ledger_is_gone(came_back), max(left_s, 0.0))
            raise
        if (error := came_back()) is not None:
            raise error
        return cast("Answer", reply.answer)

    def _came_back(
        self,
        request: Request,
        attempt: Attempt,
        reply: Reply[Any],
        sent_at: datetime,
        began: float,
    ) -> EasybillError | None:
        """Write down how a request ended."""
        wire, fault = self._wire, attempt.fault
        if fault is Fault.BUSY_FOR_A_WHILE:
            wire.free_at = wire.timeline.now + RETRY_AFTER_SECONDS
        error = _error_of(request.method, request.path, fault, reply)
        if isinstance(error, OutcomeUnknown):
            self._note_lost(request)
            is_done = reply.is_over and reply.refusal is None
            call = call_of(request.method, request.path)
            wire.paths.add(f"{LOST_ANSWER}{call}: it was {'done' if is_done else 'not done'}")
        self._report(request, sent_at, began, error)
        attempt.is_in_log = True
        return error

    def _unless_refused(self, request: Request, act: Callable[[], Answer]) -> Answer:
        easybill = self._wire.easybill
        if easybill.for_good:
            call = call_of(request.method, request.path)
            easybill.require_no_refusal(call, whose(easybill, request))
        return act()

    def _wait_for_turn(self, at: str) -> None:
        self._take_turn()
        if self._before_send is not None:
            self._before_send()
        self._process.between_check_and_send(at)

    def _acquire(self, while_waiting: BeforeSend | None, *, requests: int = 1) -> None:
        """A story has no limit but the pauses that easybill asks for, so a turn is every turn."""
        wire = self._wire
        while wire.free_at > wire.timeline.now:
            if while_waiting is not None:
                while_waiting()
            self._process.sleep(wire.free_at - wire.timeline.now)

    def _report(
        self, request: Request, sent_at: datetime, began: float, error: EasybillError | None
    ) -> None:
        if self._on_call is not None:
            self._on_call(
                ApiCall(
                    at=sent_at,
                    method=request.method,
                    path=request.path,
                    status=error.status if error else 200,
                    outcome="success" if error is None else _outcome(error),
                    duration_ms=round((self._process.monotonic() - began) * 1000),
                    error=str(error) if error else None,
                )
            )

    def _note_lost(self, request: Request) -> None:
        if request.method == "PUT" and request.path.startswith("/documents/"):
            self._wire.easybill.lose_update(int(request.path.split("/")[2]))


def _outcome(error: EasybillError) -> Any:
    return "unknown" if isinstance(error, OutcomeUnknown) else "failure"


def _error_of(
    method: str, path: str, fault: Fault | None, reply: Reply[Answer]
) -> EasybillError | None:
    call = f"{method} {path}"
    if fault is None:
        return None if reply.refusal is None else _refusal(call, reply.refusal)
    status = _STATUS.get(fault)
    text = f"{call}: {fault}."
    if fault is Fault.NOT_SENT:
        return Unavailable(text)
    if fault is Fault.REFUSED:
        return Rejected(text, status=status)
    if fault not in WITHOUT_EFFECT or fault in {Fault.LOST, Fault.BROKEN_BEFORE}:
        return unclear(text, method, status)
    return Unavailable(text, status=status)


def _refusal(call: str, refusal: Refused) -> EasybillError:
    status = refusal.status
    text = f"{call} was answered with {status}: {refusal.message}."
    if status == 409:
        return Unavailable(text, status=status)
    if status >= 500:
        return unclear(text, call.split()[0], status)
    kind = {403: Forbidden, 404: NotFound}.get(status, Rejected)
    return kind(text, status=status)
