"""How a run ends: Completed where every customer is done, Failed with the names where not."""

from collections.abc import Callable
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from tasks.easybill.withdraw import Withdrawal
from tasks.report.run_report import RunReport
from tasks.run.lease import MonthHeld
from tasks.run.run_failure import explained

PREVIEWED = "Previewed"


def concluded(work: Callable[[], RunReport | Withdrawal]) -> State[Any]:
    """Do the work; its final state, whose message a person understands, has what was done.

    Cancelled where another run holds the month: nothing was sent. A preview that found nothing
    wrong is Completed under the name Previewed. An error that ended the work is in a Failed state
    that says what to do.
    """
    try:
        report = work()
    except MonthHeld as held:
        return Cancelled(message=str(held), data=held)
    except Exception as error:
        return Failed(message=explained(error), data=error)
    if not report.is_complete:
        return Failed(message=report.headline(), data=report)
    name = PREVIEWED if isinstance(report, RunReport) and report.preview else "Completed"
    return Completed(message=report.headline(), data=report, name=name)
