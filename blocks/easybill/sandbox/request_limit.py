"""The plan's request limit: at most that many in any 60 seconds, counted as they arrive."""

import math
import time
from collections import deque
from collections.abc import Callable

_WINDOW_SECONDS = 60.0


class RequestLimit:
    """A sliding window of arrivals; a request that is over the limit does not count."""

    def __init__(
        self, requests_per_minute: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = requests_per_minute
        self._clock = clock
        self._arrivals: deque[float] = deque()

    def seconds_to_wait(self) -> int:
        """0 if the request that arrives now is within the limit, else the seconds to wait."""
        if self._most is None:
            return 0
        now = self._clock()
        while self._arrivals and now - self._arrivals[0] >= _WINDOW_SECONDS:
            self._arrivals.popleft()
        if len(self._arrivals) < self._most:
            self._arrivals.append(now)
            return 0
        return max(1, math.ceil(self._arrivals[0] + _WINDOW_SECONDS - now))
