"""Withdraw: take back the drafts of a month that nobody has touched, and free their services."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from blocks.ledger.states import IN_DOUBT
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import said_of
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.easybill.draft_status import undisputed
from tasks.easybill.upload import MonthDelivery
from tasks.run.failures import CustomerFailure, failures_of
from tasks.run.log import run_log
from tasks.run.run_failure import words_for

NAMED = 20


@dataclass(frozen=True, slots=True)
class ToWithdraw:
    """Whose drafts would be taken back, and how many a person expects."""

    month: str
    customers: tuple[str, ...]
    confirm: int | None

    @property
    def is_confirmed(self) -> bool:
        """Whether the person expects just these."""
        return self.confirm == len(self.customers)

    @property
    def is_complete(self) -> bool:
        """Whether nothing else was asked for."""
        return self.confirm is None

    def headline(self, speech: Speech = IN_ENGLISH) -> str:
        """What would be done, and what to do for it."""
        count = len(self.customers)
        drafts = speech.counted(count, "draft")
        would = speech.say("{drafts} would be withdrawn", drafts=drafts)
        would = f"{speech.month(self.month)}: {would}{_of(self.customers, speech)}"
        if not count:
            return would
        if self.confirm is not None:
            would += speech.say(", not {count}", count=speech.number(self.confirm))
        again = speech.say("Nothing is done: start it again with confirm={count}", count=count)
        return f"{would}. {again}"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which customers' drafts were taken back, and which were left and why.

    `not_redrawn`: why the month's report is as it was before, if so.
    """

    month: str
    withdrawn: tuple[str, ...]
    left: tuple[Issue, ...]
    not_redrawn: Exception | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every draft that was asked for is taken back, and the report says so."""
        return not self.left and self.not_redrawn is None

    def headline(self, speech: Speech = IN_ENGLISH) -> str:
        """What was taken back, and who was left."""
        say, month = speech.say, speech.month(self.month)
        drafts = say("{drafts} withdrawn", drafts=speech.counted(len(self.withdrawn), "draft"))
        sentences = [f"{month}: {drafts}{_of(self.withdrawn, speech)}"]
        if self.left:
            why = said_of(self.left, speech.language)
            sentences.append(say("{count} left: {why}", count=len(self.left), why=why))
        if self.not_redrawn is not None:
            why = words_for(self.not_redrawn, speech)
            sentences.append(say("The month's report is as it was before: {why}", why=why))
        return ". ".join(sentences).rstrip(".")


def _of(customers: Sequence[str], speech: Speech) -> str:
    if not customers:
        return ""
    said = speech.say(", of {customers}", customers=speech.named(customers[:NAMED], "customer"))
    if (more := len(customers) - NAMED) > 0:
        said += speech.say(" and {count} more", count=speech.number(more))
    return said


def to_withdraw(
    delivery: MonthDelivery, customers: Collection[str] | None, confirm: int | None
) -> ToWithdraw:
    """Whose drafts a withdrawal would take back; sends nothing.

    Raises CustomerFailure for a customer of whom the month has nothing.
    """
    exports, month = delivery.connections.ledger.exports(str(delivery.month)), str(delivery.month)
    known = {export.customer_number for export in exports}
    for number in sorted(set(customers or ()) - known):
        raise CustomerFailure(Issue(IssueCode.NOTHING_TO_WITHDRAW, number, month))
    concerned = (export.customer_number for export in _concerned(exports, customers))
    return ToWithdraw(month, tuple(concerned), confirm)


def _concerned(exports: Iterable[Export], customers: Collection[str] | None) -> Iterator[Export]:
    for export in exports:
        if customers is not None and export.customer_number not in customers:
            continue
        if export.document_id is not None or export.state in IN_DOUBT:
            yield export


def withdraw(delivery: MonthDelivery, customers: Collection[str] | None) -> Withdrawal:
    """Delete the untouched drafts of these customers, or of all, with their files."""
    withdrawn: list[str] = []
    left: list[Issue] = []
    exports = delivery.connections.ledger.exports(str(delivery.month))
    for export in _concerned(exports, customers):
        try:
            with failures_of(export.customer_number, export.month):
                _withdraw(delivery, export)
        except CustomerFailure as failure:
            run_log().error("%s", failure)
            left.append(failure.issue)
        else:
            run_log().info("%s: draft %s withdrawn", export.customer_number, export.document_id)
            withdrawn.append(export.customer_number)
    return Withdrawal(str(delivery.month), tuple(withdrawn), tuple(left))


def _withdraw(delivery: MonthDelivery, export: Export) -> None:
    with delivery.of(export.customer_number) as customer:
        if export.state in IN_DOUBT:
            export = undisputed(customer.settle(export))
        if export.document_id is not None:
            customer.withdraw(export)
