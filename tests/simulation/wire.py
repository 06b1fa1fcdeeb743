"""The way between a process and easybill: what it takes, and what goes wrong on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.simulation.easybill import Refused, SimEasybill
from tests.simulation.faults import LONGEST_REQUEST_SECONDS, WITHOUT_EFFECT, Fault
from tests.simulation.luck import OnTheWire
from tests.simulation.timeline import Timeline

Answer = TypeVar("Answer")

RETRY_AFTER_SECONDS = 60.0


@dataclass(slots=True)
class Attempt:
    """One request as easybill's side counts it; `is_in_log` once its sender has logged it."""

    sender: str
    method: str
    path: str
    fault: Fault | None
    is_in_log: bool = False


@dataclass(slots=True)
class Reply(Generic[Answer]):
    """What easybill made of a request, by the time that the sender hears of it."""

    answer: Answer | None = None
    refusal: Refused | None = None
    is_over: bool = False


@dataclass(slots=True)
class Wire:
    """All requests of a story; every process sends over it."""

    timeline: Timeline
    easybill: SimEasybill
    tell: Callable[[str, str], None]
    paths: set[str] = field(default_factory=set)
    attempts: list[Attempt] = field(default_factory=list)
    free_at: float = 0.0

    def send(self, luck: OnTheWire, act: Callable[[], Answer]) -> tuple[Reply[Answer], float]:
        """Let the request take its effect, now or later; answers how long the sender waits."""
        reply: Reply[Answer] = Reply()

        def take_effect() -> None:
            try:
                reply.answer = act()
            except Refused as refusal:
                reply.refusal = refusal
            reply.is_over = True

        out, back = luck.out_s, luck.back_s
        if luck.late_s:
            self.timeline.call_at(self.timeline.now + luck.late_s, take_effect)
            return reply, LONGEST_REQUEST_SECONDS
        if luck.fault in WITHOUT_EFFECT:
            return reply, out + back
        if luck.fault is Fault.TIMED_OUT:
            out, back = out * 2, LONGEST_REQUEST_SECONDS - out * 2
        self.timeline.call_at(self.timeline.now + out, take_effect)
        return reply, out + back
