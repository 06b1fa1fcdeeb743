"""A process of ours: it can be paused and killed wherever it touches the world outside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from tests.simulation.timeline import Timeline, moment

Answer = TypeVar("Answer")


class Killed(BaseException):
    """The process is gone; nothing of ours may catch this."""


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What befalls a process, counted in its steps outside (0: never)."""

    dies_at: int = 0
    dies_after_effect: bool = False
    pauses_at: int = 0
    pause_seconds: float = 0.0
    pauses_before_sending: int = 0


class Process:
    """One run of ours on one machine, whose clock may be wrong by some seconds."""

    def __init__(
        self, timeline: Timeline, name: str, mishaps: Mishaps, clock_error_seconds: float = 0.0
    ) -> None:
        self.timeline = timeline
        self.name = name
        self.mishaps = mishaps
        self.clock_error_seconds = clock_error_seconds
        self.is_dead = False
        self.steps = 0
        self.requests = 0
        self.befell: list[str] = []
        self._paused_until = 0.0

    @property
    def was_killed(self) -> bool:
        """Whether it came to a sudden end."""
        return "killed" in self.befell

    def now(self) -> datetime:
        """What the machine's clock says."""
        return moment(self.timeline.now) + timedelta(seconds=self.clock_error_seconds)

    def monotonic(self) -> float:
        """Seconds that only ever grow, whatever the clock says."""
        return self.timeline.now

    def sleep(self, seconds: float) -> None:
        """Wait; longer where the process is paused meanwhile."""
        if self.is_dead:
            raise Killed
        self.timeline.wait_until(self.timeline.now + seconds)
        while self._paused_until > self.timeline.now and not self.is_dead:
            self.timeline.wait_until(self._paused_until)
        if self.is_dead:
            raise Killed

    def spawn(self, work: Callable[[], None], delay_seconds: float = 0.0) -> None:
        """Let something go on beside the rest of the process, until that ends."""

        def until_the_end() -> None:
            try:
                work()
            except Killed:
                self.is_dead = True

        self.timeline.spawn(self.timeline.now + delay_seconds, until_the_end)

    def step(self, seconds: float, effect: Callable[[], Answer]) -> Answer:
        """Do one thing in the world outside, which takes effect after some seconds or never."""
        dies = self.steps_on()
        self.sleep(seconds)
        answer = effect()
        if dies:
            self.die()
        return answer

    def steps_on(self) -> bool:
        """Count a step: the process may be paused or die here; whether it dies after the effect."""
        if self.is_dead:
            raise Killed
        self.steps += 1
        if self.steps == self.mishaps.pauses_at:
            self.pause(self.mishaps.pause_seconds)
        if self.steps != self.mishaps.dies_at:
            return False
        if not self.mishaps.dies_after_effect:
            self.die()
        return True

    def between_check_and_send(self) -> None:
        """The moment that no lease guards: a process that is paused here sends when it wakes."""
        self.requests += 1
        if self.requests == self.mishaps.pauses_before_sending:
            self.pause(self.mishaps.pause_seconds)

    def pause(self, seconds: float) -> None:
        """Stand still with all that goes on in the process, and then go on as if nothing were."""
        self.befell.append(f"paused for {seconds:.0f} s")
        self._paused_until = self.timeline.now + seconds
        self.sleep(0)

    def die(self) -> None:
        """End here and now."""
        self.befell.append("killed")
        self.is_dead = True
        raise Killed
