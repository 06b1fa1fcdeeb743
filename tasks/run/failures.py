"""What easybill, the ledger and the OMS raise, as issues; a customer's failure carries one.

By what the reader can do about it: one table for a customer's delivery and for a whole run.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from blocks.easybill.errors import (
    EasybillError,
    Forbidden,
    KeyRefused,
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unreadable,
)
from blocks.ledger.errors import (
    AlreadyBilled,
    LeaseLost,
    LedgerError,
    LedgerUnavailable,
    NotPermitted,
)
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import sentences_of
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.billing.words import one_line
from tasks.run.whole_file import FileNotWritten

LONGEST_UNEXPECTED = 300


class CustomerFailure(Exception):
    """One customer of one month is not invoiced; the issue says why and what to do next."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue)
        self.issue = issue

    def __str__(self) -> str:
        return self.said_in(IN_ENGLISH)

    def said_in(self, speech: Speech) -> str:
        """Who it is, why, and what to do."""
        issue = self.issue
        return speech.say(
            "customer {number}, {month}: {why}",
            number=issue.customer_number,
            month=issue.month and speech.month(issue.month),
            why=sentences_of(issue, speech.language),
        )


_Causes = type[Exception] | tuple[type[Exception], ...]
_CODES: tuple[tuple[_Causes, IssueCode], ...] = (
    (KeyRefused, IssueCode.KEY_REFUSED),
    (Forbidden, IssueCode.EASYBILL_FORBIDDEN),
    (Rejected, IssueCode.EASYBILL_REFUSED),
    (Unavailable, IssueCode.EASYBILL_UNAVAILABLE),
    (Unreadable, IssueCode.EASYBILL_UNREADABLE),
    ((OutcomeUnknown, EasybillError), IssueCode.OUTCOME_UNKNOWN),
    ((NotSent, LeaseLost), IssueCode.MONTH_LOST),
    (LedgerUnavailable, IssueCode.LEDGER_UNAVAILABLE),
    (NotPermitted, IssueCode.NOT_PERMITTED),
    (AlreadyBilled, IssueCode.ALREADY_BILLED),
    (LedgerError, IssueCode.LEDGER_REFUSED),
    (FileNotWritten, IssueCode.FILE_NOT_WRITTEN),
    (OmsUnavailable, IssueCode.OMS_UNAVAILABLE),
    (OmsContractBroken, IssueCode.OMS_CONTRACT_BROKEN),
)


def issue_of(
    error: Exception, customer_number: str | None = None, month: str | None = None
) -> Issue:
    """The issue that an error comes to; UNEXPECTED for what nobody foresaw."""
    if isinstance(error, CustomerFailure):
        return error.issue
    said = one_line(str(error)).rstrip(".")
    for causes, code in _CODES:
        if isinstance(error, causes):
            return Issue(code, customer_number, month, facts={"said": said})
    facts = {"error": type(error).__name__, "said": said[:LONGEST_UNEXPECTED]}
    return Issue(IssueCode.UNEXPECTED, customer_number, month, facts=facts)


def may_be_repeated(error: object) -> bool:
    """Whether trying again by itself may help; never after a refusal.

    What easybill provably did not do, or what is looked up before it is done again.
    """
    return isinstance(error, Unavailable) or (
        isinstance(error, CustomerFailure) and error.issue.is_repeatable
    )


@contextmanager
def failures_of(customer_number: str, month: str) -> Iterator[None]:
    """Turn what easybill and the ledger raise into this customer's failure."""
    try:
        yield
    except (EasybillError, LedgerError, NotSent) as error:
        raise CustomerFailure(issue_of(error, customer_number, month)) from error
