"""Keeps requests below the limit of the easybill plan.

easybill allows 10 (PLUS) or 60 (BUSINESS) requests per minute and does not say how it counts.
So no more than that many are let into any 60 seconds, wherever they begin; up to that many go
at once.
"""

import time
from collections.abc import Callable
from typing import Protocol, Self

from blocks.easybill.memory_window import MemoryWindow

# A request reaches easybill a little after its turn came. In a window of a minute, a slow one
# followed a minute later by a quick one would arrive less than a minute apart.
WINDOW_SECONDS = 61.0
LONGEST_NAP_SECONDS = 1.0


class Window(Protocol):
    """Lets at most the plan's limit of requests through in any WINDOW_SECONDS.

    Thread safe. What it raises keeps the request from being sent.
    """

    def take(self) -> float:
        """Let one request through and return 0, or return how many seconds to wait first."""

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

    def acquire(self, while_waiting: Callable[[], None] | None = None) -> None:
        """Wait until a request may be sent; `while_waiting` is called each second and may raise."""
        while (seconds := self._window.take()) > 0:
            while seconds > 0:
                if while_waiting is not None:
                    while_waiting()
                nap = seconds if while_waiting is None else min(seconds, LONGEST_NAP_SECONDS)
                self._sleep(nap)
                seconds -= nap

    def pause(self, seconds: float) -> None:
        """Give nobody who shares this window a turn for this time."""
        self._window.pause(seconds)
