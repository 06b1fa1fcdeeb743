"""A process of ours: it can be paused and killed wherever it touches the world outside."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from greenlet import greenlet

from tests.simulation.luck import Luck
from tests.simulation.timeline import Timeline, moment

Answer = TypeVar("Answer")


class Killed(BaseException):
    """The process is gone; nothing of ours may catch this."""


class Stopped(BaseException):
    """The process is asked to end: what waits is interrupted, what was sent goes on."""


class Process:
    """One run of ours on one machine, whose clock may be wrong by some seconds."""

    def __init__(
        self, timeline: Timeline, name: str, luck: Luck, clock_error_seconds: float = 0.0
    ) -> None:
        self.timeline = timeline
        self.name = name
        self.luck = luck
        self.clock_error_seconds = clock_error_seconds
        self.is_dead = False
        self.befell: list[str] = []
        self._paused_until = 0.0
        self._stops_at: float | None = None
        self._main: greenlet | None = None

    @property
    def was_killed(self) -> bool:
        """Whether it came to a sudden end."""
        return "killed" in self.befell

    def stop_after(self, seconds: float) -> None:
        """Interrupt the greenlet that asks, wherever it waits by then."""
        self._main, self._stops_at = greenlet.getcurrent(), self.timeline.now + seconds

    def now(self) -> datetime:
        """What the machine's clock says."""
        return moment(self.timeline.now) + timedelta(seconds=self.clock_error_seconds)

    def monotonic(self) -> float:
        """Seconds that only ever grow, whatever the clock says."""
        return self.timeline.now

    def sleep(self, seconds: float) -> None:
        """Wait; longer where the process is paused meanwhile, less where it is stopped."""
        if self.is_dead:
            raise Killed
        if self._stops_at is not None and greenlet.getcurrent() is self._main:
            self._stop_before(self.timeline.now + seconds)
        self.rest(seconds)

    def rest(self, seconds: float) -> None:
        """Wait for what is not interrupted by a stop."""
        if self.is_dead:
            raise Killed
        self.timeline.wait_until(self.timeline.now + seconds)
        while self._paused_until > self.timeline.now and not self.is_dead:
            self.timeline.wait_until(self._paused_until)
        if self.is_dead:
            raise Killed

    def _stop_before(self, until: float) -> None:
        if self._stops_at is None or self._stops_at > until:
            return
        self.timeline.wait_until(self._stops_at)
        self._stops_at = None
        if self.is_dead:
            raise Killed
        self.befell.append("stopped")
        raise Stopped

    def spawn(self, work: Callable[[], object], delay_seconds: float = 0.0) -> None:
        """Let something go on beside the rest of the process, until that ends."""

        def until_the_end() -> None:
            try:
                work()
            except Killed:
                self.is_dead = True

        self.timeline.spawn(self.timeline.now + delay_seconds, until_the_end)

    def step(self, at: str, seconds: float, effect: Callable[[], Answer]) -> Answer:
        """Do one thing in the world outside, which takes effect after some seconds or never."""
        dies = self.steps_on(at)
        self.rest(seconds)
        answer = effect()
        if dies:
            self.die()
        return answer

    def steps_on(self, at: str) -> bool:
        """Begin a step: the process may be paused or die here; whether it dies after the effect."""
        if self.is_dead:
            raise Killed
        befalls = self.luck.at_step(at)
        if befalls.pause_s:
            self.pause(befalls.pause_s)
        if befalls.dies == "before":
            self.die()
        return befalls.dies == "after"

    def between_check_and_send(self, at: str) -> None:
        """The moment that no lease guards: a process that is paused here sends when it wakes."""
        if pause_s := self.luck.before_sending(at):
            self.pause(pause_s)

    def pause(self, seconds: float) -> None:
        """Stand still with all that goes on in the process, and then go on as if nothing were."""
        self.befell.append(f"paused for {seconds:.0f} s")
        self._paused_until = self.timeline.now + seconds
        self.rest(0)

    def die(self) -> None:
        """End here and now."""
        self.befell.append("killed")
        self.is_dead = True
        raise Killed
