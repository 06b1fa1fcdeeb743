"""The way between a process and easybill: what it takes, and what goes wrong on it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from tasks.run.gate import LATE_EFFECT_S
from tasks.run.lease import request_lasts_at_most_s
from tests.simulation.easybill import Refused, SimEasybill
from tests.simulation.timeline import Timeline

Answer = TypeVar("Answer")

LEASE_SECONDS = 60
# No answer after this long is none at all; the client gives up.
LONGEST_REQUEST_SECONDS = request_lasts_at_most_s(LEASE_SECONDS)
RETRY_AFTER_SECONDS = 60.0


class Fault(StrEnum):
    """What can happen to a request."""

    NOT_SENT = "not sent"
    LOST = "sent and lost before it took effect"
    CUT = "took effect, and the answer was cut"
    TIMED_OUT = "took effect, and no answer came"
    LOCKED = "409"
    BUSY = "429"
    BUSY_FOR_A_WHILE = "429 with Retry-After"
    BROKEN_BEFORE = "500 before it took effect"
    BROKEN_AFTER = "502 after it took effect"
    GARBAGE = "took effect, and the answer is garbage"
    REFUSED = "400"
    SLOW = "takes effect within a minute, after the client gave up"
    LATE = "takes effect long after the client gave up"


# A refusal is rarer: the customer waits for the next run.
_USUAL = (
    *(Fault.NOT_SENT, Fault.LOST, Fault.CUT, Fault.TIMED_OUT, Fault.LOCKED, Fault.BUSY) * 4,
    *(Fault.BUSY_FOR_A_WHILE, Fault.BROKEN_BEFORE, Fault.BROKEN_AFTER, Fault.GARBAGE) * 4,
    *(Fault.REFUSED, Fault.SLOW),
)
WITHOUT_EFFECT = frozenset(
    {
        *(Fault.NOT_SENT, Fault.LOST, Fault.LOCKED, Fault.BUSY, Fault.BUSY_FOR_A_WHILE),
        *(Fault.BROKEN_BEFORE, Fault.REFUSED),
    }
)


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


@dataclass(slots=True)
class Wire:
    """All requests of a story; every process sends over it."""

    timeline: Timeline
    easybill: SimEasybill
    rng: random.Random
    tell: Callable[[str, str], None]
    attempts: list[Attempt] = field(default_factory=list)
    late_effects_left: int = 0
    free_at: float = 0.0

    def draw(self, method: str, rate: float) -> Fault | None:
        """What happens to the next request, at this rate of faults."""
        if self.rng.random() >= rate:
            return None
        if method != "GET" and self.late_effects_left and self.rng.random() < 0.3:
            self.late_effects_left -= 1
            return Fault.LATE
        return self.rng.choice(_USUAL)

    def seconds_out(self) -> float:
        """How long a request is on its way."""
        return self.rng.uniform(0.5, 8.0) if self.rng.random() < 0.04 else self.rng.uniform(0, 0.3)

    def send(self, fault: Fault | None, act: Callable[[], Answer]) -> tuple[Reply[Answer], float]:
        """Let the request take its effect, now or later; answers how long the sender waits."""
        reply: Reply[Answer] = Reply()

        def take_effect() -> None:
            try:
                reply.answer = act()
            except Refused as refusal:
                reply.refusal = refusal

        out, back = self.seconds_out(), self.seconds_out()
        if fault is Fault.LATE:
            delay = LONGEST_REQUEST_SECONDS + self.rng.uniform(5, 600)
            self.timeline.call_at(self.timeline.now + delay, take_effect)
            return reply, LONGEST_REQUEST_SECONDS
        if fault is Fault.SLOW:
            delay = self.rng.uniform(LONGEST_REQUEST_SECONDS + 0.5, LATE_EFFECT_S - 0.5)
            self.timeline.call_at(self.timeline.now + delay, take_effect)
            return reply, LONGEST_REQUEST_SECONDS
        if fault in WITHOUT_EFFECT:
            return reply, out + back
        if fault is Fault.TIMED_OUT:
            out, back = out * 2, LONGEST_REQUEST_SECONDS - out * 2
        self.timeline.call_at(self.timeline.now + out, take_effect)
        return reply, out + back
