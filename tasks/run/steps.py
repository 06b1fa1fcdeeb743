"""The steps of a run: how each is run, with which retries and which cache, in one table.

A step itself is a plain function. Only what is named here as a task shows in Prefect's UI.
"""

from dataclasses import dataclass
from enum import StrEnum

FIRST_PAUSE_S = 2.0


class Way(StrEnum):
    """How a step is run: as one task, as one task per customer, or without a task."""

    TASK = "task"
    MAPPED = "mapped"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Step:
    """How a step is run.

    `attempts`: how often at most, where what failed may be repeated. `is_cached`: a result of the
    same key and digest is taken again, across runs too; nothing else outlives a run.
    """

    name: str
    way: Way
    attempts: int = 1
    is_cached: bool = False

    @property
    def pauses_s(self) -> list[float]:
        """The seconds to wait before each further attempt: 2, 4, 8 and so on."""
        return [FIRST_PAUSE_S * 2**retry for retry in range(self.attempts - 1)]


# A retried run must see the fixed OMS, so what was loaded is kept nowhere.
LOAD = Step("load-services", Way.TASK)
SETTLE = Step("settle", Way.MAPPED, attempts=4)
TAKE_IN = Step("take-in", Way.TASK, attempts=4)
MATCH = Step("match-customers", Way.TASK, attempts=4)
BUILD = Step("csv", Way.MAPPED, is_cached=True)
# Only the ledger knows what was sent: a kept result would outlive a draft that was withdrawn.
UPLOAD = Step("upload", Way.MAPPED, attempts=5)
LOOK_AGAIN = Step("look-again", Way.TASK, attempts=4)
COMPARE = Step("compare", Way.TASK, attempts=4)
RECONCILE = Step("reconcile", Way.PLAIN)
KEEP_REPORT = Step("keep-report", Way.PLAIN)
WITHDRAW = Step("withdraw", Way.TASK)
ACCEPT = Step("accept", Way.TASK)
LOOK_AT_DRAFTS = Step("look-at-drafts", Way.TASK, attempts=4)

STEPS = (
    *(LOAD, SETTLE, TAKE_IN, MATCH, BUILD, UPLOAD, LOOK_AGAIN, COMPARE, RECONCILE, KEEP_REPORT),
    *(WITHDRAW, ACCEPT, LOOK_AT_DRAFTS),
)
