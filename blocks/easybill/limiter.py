"""Keeps requests below the limit of the easybill plan.

easybill allows 10 (PLUS) or 60 (BUSINESS) requests per minute and does not say how it counts.
So no more than that many are let into any 60 seconds, wherever they begin; up to that many go
at once.
"""

import time
from collections.abc import Callable
from typing import Protocol, Self

from blocks.easybill.errors import Unavailable
from blocks.easybill.memory_window import MemoryWindow

# A request reaches easybill a little after its turn came. In a window of a minute, a slow one
# followed a minute later by a quick one would arrive less than a minute apart.
WINDOW_SECONDS = 61.0
LONGEST_NAP_SECONDS = 1.0
# Far longer than many runs that share a small limit wait for each other, pauses among them.
LONGEST_WAIT_SECONDS = 3600.0


class Window(Protocol):
    """Lets at most the plan's limit of requests through in any WINDOW_SECONDS.

    Thread safe. What it raises keeps the request from being sent.
    """

    limit: int

    def take(self, requests: int = 1) -> float:
        """Let this number of requests through and return 0, or return the seconds to wait first.

        All of them or none; at most `limit`.
        """

    def pause(self, seconds: float) -> None:
        """Let nothing through for this time."""


class RequestLimiter:
    """Hands out the turns to send a request; thread safe."""

    def __init__(self, window: Window, sleep: Callable[[float], None] = time.sleep) -> None:
        self._window = window
        self._sleep = sleep

    @classmethod
    def in_memory(cls, requests_per_minute: int) -> Self:
        """Limit this process alone."""
        return cls(MemoryWindow(requests_per_minute, WINDOW_SECONDS))

    def acquire(
        self, while_waiting: Callable[[], None] | None = None, *, requests: int = 1
    ) -> None:
        """Wait until this number of requests may be sent, one right after another.

        `while_waiting` is called each second and may raise. More than the limit can't be let
        through at once: their turns are then waited for one by one, and used together. Raises
        Unavailable after LONGEST_WAIT_SECONDS.
        """
        if requests <= self._window.limit:
            self._wait_for(requests, while_waiting)
            return
        for _ in range(requests):
            self._wait_for(1, while_waiting)

    def _wait_for(self, requests: int, while_waiting: Callable[[], None] | None) -> None:
        left = LONGEST_WAIT_SECONDS
        while (seconds := self._window.take(requests)) > 0:
            if left <= 0:
                raise Unavailable("Nothing was sent: easybill's request limit left no turn.")
            seconds = min(seconds, left)
            left -= seconds
            if requests > 1:
                # Others would take each turn as it becomes free, and never leave several at once.
                self._window.pause(seconds)
            while seconds > 0:
                if while_waiting is not None:
                    while_waiting()
                nap = seconds if while_waiting is None else min(seconds, LONGEST_NAP_SECONDS)
                self._sleep(nap)
                seconds -= nap

    def pause(self, seconds: float) -> None:
        """Give nobody who shares this window a turn for this time."""
        self._window.pause(seconds)
