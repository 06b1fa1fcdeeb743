"""What can go wrong with a request on its way to easybill and back."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.run.gate import LATE_EFFECT_S
from tasks.run.lease import request_lasts_at_most_s

LEASE_SECONDS = 60
# No answer after this long is none at all; the client gives up.
LONGEST_REQUEST_SECONDS = request_lasts_at_most_s(LEASE_SECONDS)


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


# How long after its sender gave up a request may still take effect.
LATEST_SECONDS = 600

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
class LateEffects:
    """How many requests of a story may still take effect after the look that follows them."""

    left: int = 0


def draw_fault(
    rng: random.Random,
    method: str,
    at: str,
    rate: float,
    late_effects: LateEffects,
    usual: Sequence[Fault],
) -> Fault | None:
    """What happens to the next request, at this rate of faults."""
    if not usual or rng.random() >= rate:
        return None
    if method != "GET" and late_effects.left and rng.random() < 0.3:
        late_effects.left -= 1
        return Fault.LATE
    fault = rng.choice(usual)
    if fault is Fault.SLOW and (method == "GET" or "/documents" not in at):
        # A file that comes late lies around until it is swept, and harms nobody.
        return Fault.TIMED_OUT
    return fault


def usual_faults(among: Collection[object]) -> tuple[Fault, ...]:
    """The faults to draw from, where only these are switched on."""
    return tuple(fault for fault in _USUAL if fault in among)


def is_late(fault: Fault) -> bool:
    """Whether it takes effect after its sender gave up."""
    return fault in (Fault.LATE, Fault.SLOW)


def seconds_late(rng: random.Random, fault: Fault | None) -> float:
    """When a late request takes effect, counted from its sending."""
    if fault is Fault.LATE:
        return LONGEST_REQUEST_SECONDS + rng.uniform(5, LATEST_SECONDS)
    if fault is Fault.SLOW:
        return rng.uniform(LONGEST_REQUEST_SECONDS + 0.5, LATE_EFFECT_S - 0.5)
    return 0.0
