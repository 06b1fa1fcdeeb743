"""The gate of a run: lets its requests out while it may send, and knows which are still out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition

from blocks.easybill.calls import ApiCall
from blocks.easybill.errors import NotSent

# How long after sending a write whose answer was lost may still take effect.
LATE_EFFECT_S = 60.0
LONGEST_NAP_S = 1.0


class RunStopped(NotSent):
    """The run was stopped: nothing new is sent."""


def elapsed_s() -> float:
    """Seconds since some moment, also those in which the machine slept where it counts them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time as one process has it; not comparable with another's."""

    monotonic: Callable[[], float] = elapsed_s
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Gate:
    """Lets the requests of a run out; thread safe.

    `may_send` raises NotSent where the run may not send any more, for example because its lease is
    too short.
    """

    may_send: Callable[[], None]
    clock: Clock = field(default_factory=Clock)
    _changed: Condition = field(default_factory=Condition)
    _is_closed: bool = False
    _out: int = 0
    _doubtful_until: dict[str | None, float] = field(default_factory=dict)

    def let_out(self) -> None:
        """Count a request that is about to be sent; raises NotSent where it may not be."""
        with self._changed:
            self.require_open()
            self.may_send()
            self._out += 1

    def came_back(self, customer_number: str | None, call: ApiCall) -> None:
        """Count a request whose end is known, also where its outcome is not."""
        with self._changed:
            self._out -= 1
            if call.outcome == "unknown" and _may_come_late(call):
                sent_s = self.clock.monotonic() - call.duration_ms / 1000
                self._doubtful_until[customer_number] = sent_s + LATE_EFFECT_S
            self._changed.notify_all()

    def require_open(self) -> None:
        """Raise RunStopped once the run was stopped; long waits ask again and again."""
        if self._is_closed:
            raise RunStopped("the run was stopped: nothing more is sent; run the month again")

    def wait_out_doubt(self, customer_number: str | None) -> bool:
        """Wait until a lost write for this customer can't take effect any more; whether one was.

        Only a look that begins after that proves something where it finds nothing: one that began
        before may come back later.
        """
        until = self._doubtful_until.get(customer_number)
        if until is None:
            return False
        self.wait_while(lambda: True, until - self.clock.monotonic())
        return True

    def wait_while(self, goes_on: Callable[[], bool], at_most_s: float) -> None:
        """Wait while something goes on, but not longer; asks every second."""
        until = self.clock.monotonic() + at_most_s
        while (left_s := until - self.clock.monotonic()) > 0 and goes_on():
            self.require_open()
            self.clock.sleep(min(left_s, LONGEST_NAP_S))

    def close(self, at_most_s: float) -> bool:
        """Send nothing new and wait for what is out; whether all of it is known to be over.

        False where a request is still out after this time, or a lost write may yet take effect:
        then the month must not be given back.
        """
        deadline = self.clock.monotonic() + at_most_s
        with self._changed:
            self._is_closed = True
            while self._out and (left_s := deadline - self.clock.monotonic()) > 0:
                self._changed.wait(left_s)
            now = self.clock.monotonic()
            return not self._out and all(until <= now for until in self._doubtful_until.values())


def _may_come_late(call: ApiCall) -> bool:
    """Whether a late effect would do harm; a file that comes late is found and removed."""
    return call.method != "GET" and not call.path.startswith("/attachments")
