"""The window of one process: pyrate-limiter's sliding log."""

import threading
import time
from collections.abc import Callable

from pyrate_limiter import InMemoryBucket, Rate, RateItem


def monotonic_ms() -> int:
    """Read a clock that nobody can set."""
    return time.monotonic_ns() // 1_000_000


class MemoryWindow:
    """At most `limit` requests in any `seconds`; thread safe."""

    def __init__(
        self, limit: int, seconds: float, now_ms: Callable[[], int] = monotonic_ms
    ) -> None:
        if limit < 1:
            raise ValueError("The limit is at least one request.")
        self.limit = limit
        self._bucket = InMemoryBucket([Rate(limit, round(seconds * 1000))])
        self._now_ms = now_ms
        self._paused_until_ms = 0
        # The bucket takes the moment from outside: without a lock around both, a later moment
        # could be put in before an earlier one.
        self._lock = threading.Lock()

    def take(self, requests: int = 1) -> float:
        """Let this number through and return 0, or return the seconds to wait first."""
        with self._lock:
            now = self._now_ms()
            if now < self._paused_until_ms:
                return (self._paused_until_ms - now) / 1000
            self._bucket.leak(now)
            item = RateItem("easybill", now, weight=requests)
            if self._bucket.put(item):
                return 0.0
            wait_ms = self._bucket.waiting(item)
            if not isinstance(wait_ms, int):
                raise TypeError("the bucket in memory answered as if it were asynchronous")
            return max(wait_ms, 1) / 1000

    def pause(self, seconds: float) -> None:
        """Let nothing through for this time."""
        with self._lock:
            until = self._now_ms() + round(seconds * 1000)
            self._paused_until_ms = max(self._paused_until_ms, until)
