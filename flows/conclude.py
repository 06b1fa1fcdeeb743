"""How a run ends: Completed where every customer is done, Failed with the names where not."""

from collections.abc import Callable
from functools import partial
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.easybill.accept import Accepted
from tasks.easybill.look_at_drafts import DraftsChecked
from tasks.easybill.withdraw import ToWithdraw, Withdrawal
from tasks.report.rebuilt import Rebuilt
from tasks.report.run_report import RunReport
from tasks.run.connections import report_language
from tasks.run.display import DRAFTS_WAIT, tell_people
from tasks.run.lease import MonthHeld
from tasks.run.named_account import named_account, of_account
from tasks.run.run_failure import NotDone, leave_out_tracebacks, log_surprise, words_for

PREVIEWED = "Previewed"


Outcome = RunReport | Withdrawal | ToWithdraw | Accepted | Rebuilt | DraftsChecked


def concluded(work: Callable[[], Outcome]) -> State[Any]:
    """Do the work; its final state, whose message a person understands, has what was done.

    Cancelled where another run holds the month: nothing was sent. A preview that found nothing
    wrong is Completed under the name Previewed. Failed where not everything was done, or where an
    error ended the work. These two have a NotDone as Prefect wants an exception in them. The
    message begins with the account where one is named.
    """
    leave_out_tracebacks()
    try:
        report = work()
    except MonthHeld as held:
        said = of_account(str(held))
        return Cancelled(message=said, data=NotDone(said, held))
    except Exception as error:
        log_surprise(error)
        said = _said(partial(words_for, error))
        return Failed(message=said, data=NotDone(said, error))
    if isinstance(report, Accepted | Rebuilt):
        # Nobody is told of these.
        said = of_account(report.headline())
    else:
        said = _said(report.headline)
    if not report.is_complete:
        return Failed(message=said, data=NotDone(said, report))
    return Completed(message=said, data=report, name=_name(report))


def _said(words: Callable[[Speech], str]) -> str:
    """The message of a state, which is English; people are told it in the language of reports."""
    message, speech = of_account(words(IN_ENGLISH)), Speech(report_language(named_account()))
    if not speech.is_english:
        tell_people(of_account(words(speech)), message)
    return message


def _name(done: Outcome) -> str:
    """By its name people are told, or not."""
    if isinstance(done, DraftsChecked) and done.waiting:
        return DRAFTS_WAIT
    is_preview = isinstance(done, ToWithdraw) or (isinstance(done, RunReport) and done.preview)
    return PREVIEWED if is_preview else "Completed"
