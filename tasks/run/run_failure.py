"""Why a run did not do all: one sentence with the next step, for its final state and its log."""

import logging

from blocks.saved import SettingsError
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import sentences_of
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.run.failures import CustomerFailure, issue_of
from tasks.run.log import run_log
from tasks.run.resolve_month import MonthBeforeFirst, MonthNotOver


class NotDone(Exception):
    """How a run ended that did not do all, in words for people.

    `cause`, what was done or the error that ended it, stays in this process: Prefect keeps the
    words alone.
    """

    def __init__(self, said: str, cause: object = None) -> None:
        super().__init__(said)
        self.cause = cause

    def __reduce__(self) -> tuple[type["NotDone"], tuple[str]]:
        return type(self), (str(self),)


def log_surprise(error: Exception) -> None:
    """Write the traceback of an error that nobody foresaw into the log."""
    if _issue_of(error).code is IssueCode.UNEXPECTED:
        run_log().exception("Unexpected")


def words_for(error: Exception, speech: Speech = IN_ENGLISH) -> str:
    """What happened and what to do, in plain words."""
    if isinstance(error, CustomerFailure):
        return error.said_in(speech)
    return sentences_of(_issue_of(error), speech.language)


def leave_out_tracebacks() -> None:
    """Let Prefect's own lines have no traceback of an error that has a sentence.

    Prefect's engine logs a run's exception after the run's end: that line says how it ended.
    """
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_said_in_one_line)


def _said_in_one_line(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, NotDone):
        record.msg, record.args, record.exc_info, record.exc_text = str(error), (), None, None
        return True
    # Who failed a task is told by us, and so is how the run ends.
    return not isinstance(error, Exception) or _issue_of(error).code is IssueCode.UNEXPECTED


def _issue_of(error: Exception) -> Issue:
    if isinstance(error, SettingsError):
        return Issue(IssueCode.SETTINGS_WRONG, facts={"said": str(error)})
    if isinstance(error, MonthNotOver):
        facts = {"last_day": error.last_day}
        return Issue(IssueCode.MONTH_NOT_OVER, month=error.month, facts=facts)
    if isinstance(error, MonthBeforeFirst):
        facts = {"first": error.first}
        return Issue(IssueCode.MONTH_BEFORE_FIRST, month=error.month, facts=facts)
    return issue_of(error)
