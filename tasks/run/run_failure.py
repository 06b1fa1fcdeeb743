"""Why a run as a whole could not be done: one sentence with the next step, for its final state."""

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import sentences_of
from tasks.run.connections import SettingsError
from tasks.run.failures import CustomerFailure, issue_of
from tasks.run.log import run_log
from tasks.run.resolve_month import MonthNotOver


def explained(error: Exception) -> str:
    """What happened and what to do, in plain words; the log gets it too."""
    issue = _issue_of(error)
    if issue.code is IssueCode.UNEXPECTED:
        run_log().exception("Unexpected")
        return sentences_of(issue)
    sentence = f"{error}" if isinstance(error, CustomerFailure) else sentences_of(issue)
    run_log().error("%s", sentence)
    return sentence


def _issue_of(error: Exception) -> Issue:
    if isinstance(error, SettingsError):
        return Issue(IssueCode.SETTINGS_WRONG, facts={"said": str(error)})
    if isinstance(error, MonthNotOver):
        return Issue(IssueCode.MONTH_NOT_OVER, facts={"said": str(error)})
    return issue_of(error)
