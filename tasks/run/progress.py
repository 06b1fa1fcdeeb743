"""Progress: how far the uploads of a run are, and an honest estimate of the time left."""

import time
from collections.abc import Callable
from dataclasses import dataclass

REQUESTS_PER_CUSTOMER = 3
TOLD_EVERY_S = 5
# So much slower than the request limit alone, and the limit is no longer the reason.
NOTABLY_SLOWER = 1.2


@dataclass(frozen=True, slots=True)
class Pace:
    """Customers done after some seconds, under a limit of requests that all of them share."""

    done: int
    total: int
    elapsed_s: float
    requests_per_minute: int

    @property
    def percent(self) -> float:
        """How far it is, with one decimal; 100 only when all is done."""
        return int(1000 * self.done / self.total) / 10

    @property
    def left_by_limit_s(self) -> float:
        """The seconds that easybill's request limit alone takes for the rest."""
        return (self.total - self.done) * REQUESTS_PER_CUSTOMER * 60 / self.requests_per_minute

    @property
    def left_by_rate_s(self) -> float:
        """The seconds for the rest at the rate so far; 0 before the first customer is done."""
        return (self.total - self.done) * self.elapsed_s / self.done if self.done else 0

    def __str__(self) -> str:
        counted = f"{self.done:,} of {self.total:,} customers uploaded"
        if self.done == self.total:
            return counted
        by_limit = duration_text(self.left_by_limit_s)
        if self.left_by_rate_s > NOTABLY_SLOWER * self.left_by_limit_s:
            return (
                f"{counted}; about {duration_text(self.left_by_rate_s)} left at the rate so far"
                f" ({60 * self.done / self.elapsed_s:.1f} customers a minute); the request limit"
                f" alone would take {by_limit}"
            )
        return (
            f"{counted}; about {by_limit} left: easybill allows"
            f" {self.requests_per_minute:,} requests a minute, and a customer takes"
            f" {REQUESTS_PER_CUSTOMER}"
        )


class Progress:
    """Counts the customers done; says how it is, but not more often than anybody reads."""

    def __init__(
        self,
        total: int,
        requests_per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._requests_per_minute = requests_per_minute
        self._clock = clock
        self._started = self._told = clock()
        self._done = 0

    @property
    def pace(self) -> Pace:
        """How it is now."""
        elapsed_s = self._clock() - self._started
        return Pace(self._done, self._total, elapsed_s, self._requests_per_minute)

    def one_more(self) -> Pace | None:
        """Count a customer; how it is, or None where that was said a moment ago."""
        self._done += 1
        now = self._clock()
        if now - self._told < TOLD_EVERY_S and self._done < self._total:
            return None
        self._told = now
        return self.pace


def duration_text(seconds: float) -> str:
    """A duration as people say it: `40 s`, `12 min`, `1 h 5 min`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
