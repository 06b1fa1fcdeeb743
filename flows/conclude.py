"""How a run ends: Completed where every customer is done, Failed with the names where not."""

from collections.abc import Callable
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from tasks.lease import MonthHeld
from tasks.report import RunReport


def concluded(work: Callable[[], RunReport]) -> State[Any]:
    """Do the work; its final state, whose message a person understands, bears the report.

    Cancelled where another run holds the month: nothing was sent.
    """
    try:
        report = work()
    except MonthHeld as held:
        return Cancelled(message=str(held), data=held)
    ending = Completed if report.is_complete else Failed
    return ending(message=report.headline(), data=report)
