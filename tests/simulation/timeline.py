"""Virtual time: what happens next is what is due first; nothing waits for real."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from greenlet import greenlet

BEGINNING = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Timeline:
    """Seconds since the story began, and what is due when; the same each time it is told."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._hub = greenlet(self._turn)

    def call_at(self, at: float, action: Callable[[], object]) -> None:
        """Let something happen at a time that is not past."""
        heapq.heappush(self._due, (max(at, self.now), next(self._order), action))

    def wait_until(self, at: float) -> None:
        """Let the greenlet that asks go on at that time, others in between."""
        if not self._due or at < self._due[0][0]:
            self.now = max(at, self.now)
            return
        self.call_at(at, greenlet.getcurrent().switch)
        self._hub.switch()

    def run(self) -> None:
        """Live through everything that is due, and whatever follows from it."""
        self._hub = greenlet(self._turn)
        self._hub.switch()

    def spawn(self, at: float, work: Callable[[], None]) -> None:
        """Begin a greenlet at that time."""
        self.call_at(at, lambda: greenlet(work, parent=self._hub).switch())

    def _turn(self) -> None:
        while self._due:
            self.now, _, action = heapq.heappop(self._due)
            action()


def moment(seconds: float) -> datetime:
    """The true time, in UTC, after these seconds of the story."""
    return BEGINNING + timedelta(seconds=seconds)
