"""Keeps requests below the limit of the easybill plan.

easybill allows 10 (PLUS) or 60 (BUSINESS) requests per minute and does not say how it counts.
So no more than that many are let into any 60 seconds, wherever they begin; up to that many go
at once.
"""

import time
from collections.abc import Callable
from typing import Protocol, Self

from blocks.easybill.memory_window import MemoryWindow
from blocks.ledger.request_window import SharedWindow

WINDOW_SECONDS = 60.0
# A request reaches easybill a little after its turn came. Without a margin, a slow one followed
# a minute later by a quick one would arrive less than a minute apart.
MARGIN_SECONDS = 1.0


class Window(Protocol):
    """Remembers when requests were let through."""

    def take(self) -> float:
        """Let one request through and say 0, or say how many seconds to wait first."""

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long."""

    def close(self) -> None:
        """Let go of what it holds open."""


class RequestLimiter:
    """Hands out the turns to send a request; thread safe."""

    def __init__(self, window: Window, sleep: Callable[[float], None] = time.sleep) -> None:
        self._window = window
        self._sleep = sleep

    @classmethod
    def in_memory(
        cls,
        requests_per_minute: int,
        *,
        window_seconds: float = WINDOW_SECONDS,
        margin_seconds: float = MARGIN_SECONDS,
    ) -> Self:
        """Limit this process alone."""
        return cls(MemoryWindow(_counted(requests_per_minute), window_seconds + margin_seconds))

    @classmethod
    def shared(
        cls,
        database_url: str,
        account: str,
        requests_per_minute: int,
        *,
        window_seconds: float = WINDOW_SECONDS,
        margin_seconds: float = MARGIN_SECONDS,
    ) -> Self:
        """Limit, in all, every process that names this database and account.

        The database is a SQLite file or PostgreSQL; ValueError for any other. It is first opened
        when a turn is asked for.
        """
        return cls(
            SharedWindow(
                database_url,
                account,
                _counted(requests_per_minute),
                window_seconds + margin_seconds,
            )
        )

    def acquire(self) -> None:
        """Wait until a request may be sent; Unavailable where the window cannot be used."""
        while (seconds := self._window.take()) > 0:
            self._sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Give nobody who shares this window a turn for so long."""
        self._window.pause(seconds)

    def close(self) -> None:
        """Close the connection to a shared window's database."""
        self._window.close()


def _counted(requests_per_minute: int) -> int:
    if requests_per_minute < 1:
        raise ValueError("The limit is at least one request per minute.")
    return requests_per_minute
