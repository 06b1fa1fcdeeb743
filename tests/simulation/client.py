"""The easybill client as a process of a story holds it: the real one, down to its requests."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from blocks.easybill.answers import unclear
from blocks.easybill.calls import ApiCall, OnCall
from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import EasybillError, NotFound, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.models import Page
from blocks.easybill.transport import BeforeSend, Request
from tests.simulation.api import answer
from tests.simulation.easybill import Refused
from tests.simulation.process import Killed, Process
from tests.simulation.wire import RETRY_AFTER_SECONDS, WITHOUT_EFFECT, Attempt, Fault, Reply, Wire

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


class SimEasybillClient(EasybillClient):
    """Sends over the story's wire; each request is a step of the process."""

    def __init__(
        self,
        wire: Wire,
        process: Process,
        fault_rate: float,
        on_call: OnCall | None = None,
        before_send: BeforeSend | None = None,
        while_waiting: BeforeSend | None = None,
    ) -> None:
        self._wire = wire
        self._process = process
        self._fault_rate = fault_rate
        self._on_call = on_call
        self._before_send = before_send
        self._while_waiting = while_waiting
        self._transport = cast("Any", SimpleNamespace(base_path="/rest/v1", base_url="simulated"))

    def reporting_to(
        self,
        on_call: OnCall,
        *,
        before_send: BeforeSend | None = None,
        while_waiting: BeforeSend | None = None,
    ) -> "SimEasybillClient":
        return type(self)(
            self._wire, self._process, self._fault_rate, on_call, before_send, while_waiting
        )

    def _delete(self, path: str) -> None:
        request = Request("DELETE", path)
        self._request(request, lambda: answer(self._wire.easybill, request))

    def _send(self, request: Request, model: type[M]) -> M:
        return cast("M", self._request(request, lambda: answer(self._wire.easybill, request)))

    def _page(self, request: Request, model: type[M], number: int) -> Page[M]:
        def page() -> Page[M]:
            found = cast("list[M]", answer(self._wire.easybill, request))
            first = (number - 1) * PAGE_SIZE
            return Page[M].model_construct(
                page=number,
                pages=max(-(-len(found) // PAGE_SIZE), 1),
                total=len(found),
                items=tuple(found[first : first + PAGE_SIZE]),
            )

        return self._request(request, page)

    def _request(self, request: Request, act: Callable[[], Answer]) -> Answer:
        process, wire = self._process, self._wire
        dies = process.steps_on()
        self._wait_for_turn()
        fault = wire.draw(request.method, self._fault_rate)
        if fault is Fault.SLOW and (request.method == "GET" or "/documents" not in request.path):
            # A file that comes late lies around until it is swept, and harms nobody.
            fault = Fault.TIMED_OUT
        wire.tell(process.name, f"{request.method} {request.path}{f': {fault}' if fault else ''}")
        attempt = Attempt(process.name, request.method, request.path, fault)
        wire.attempts.append(attempt)
        sent_at, began = process.now(), process.monotonic()
        reply, seconds = wire.send(fault, act)
        if fault is not None and fault not in WITHOUT_EFFECT:
            # The accountant may come before we give up waiting.
            self._note_lost(request)
        try:
            if dies:
                process.die()
            process.sleep(seconds)
        except Killed:
            self._note_lost(request)
            raise
        if fault is Fault.BUSY_FOR_A_WHILE:
            wire.free_at = wire.timeline.now + RETRY_AFTER_SECONDS
        error = _error_of(request.method, request.path, fault, reply)
        if isinstance(error, OutcomeUnknown):
            self._note_lost(request)
        self._report(request, sent_at, began, error)
        attempt.is_in_log = True
        if error is not None:
            raise error
        return cast("Answer", reply.answer)

    def _wait_for_turn(self) -> None:
        wire = self._wire
        while wire.free_at > wire.timeline.now:
            if self._while_waiting is not None:
                self._while_waiting()
            self._process.sleep(wire.free_at - wire.timeline.now)
        if self._before_send is not None:
            self._before_send()
        self._process.between_check_and_send()

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


def _refusal(call: str, refusal: Refused) -> Rejected:
    kind = NotFound if refusal.status == 404 else Rejected
    text = f"{call} was answered with {refusal.status}: {refusal.message}."
    return kind(text, status=refusal.status)
