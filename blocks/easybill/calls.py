"""The record of one HTTP attempt, as an observer of the client receives it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One HTTP attempt: sent `at` (UTC), answered or given up after `duration_ms`.

    `outcome` is unknown where easybill may or may not have done a write.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    outcome: Literal["success", "failure", "unknown"]
    duration_ms: int
    error: str | None


OnCall = Callable[[ApiCall], None]
