"""Withdraw: take back the drafts of a month that nobody has touched, and free their services."""

from collections.abc import Collection
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from blocks.ledger.states import IN_DOUBT
from tasks.billing.issue import Issue
from tasks.billing.wording import sentences_of
from tasks.easybill.upload import MonthDelivery
from tasks.run.failures import CustomerFailure, failures_of
from tasks.run.log import run_log


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which customers' drafts were taken back, and which were left and why."""

    month: str
    withdrawn: tuple[str, ...]
    left: tuple[Issue, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every draft that was asked for is taken back."""
        return not self.left

    def headline(self) -> str:
        """One sentence; names who was left."""
        done = f"{self.month}: {len(self.withdrawn)} drafts withdrawn"
        if not self.left:
            return done
        return f"{done}, {len(self.left)} left: {' '.join(map(sentences_of, self.left))}"


def withdraw(delivery: MonthDelivery, customers: Collection[str] | None) -> Withdrawal:
    """Delete the untouched drafts of these customers, or of all, with their files."""
    withdrawn: list[str] = []
    left: list[Issue] = []
    for export in delivery.connections.ledger.exports(str(delivery.month)):
        if customers is not None and export.customer_number not in customers:
            continue
        if export.document_id is None and export.state not in IN_DOUBT:
            continue
        try:
            with failures_of(export.customer_number, export.month):
                _withdraw(delivery, export)
        except CustomerFailure as failure:
            run_log().error("%s", failure)
            left.append(failure.issue)
        else:
            run_log().info("customer %s: draft withdrawn", export.customer_number)
            withdrawn.append(export.customer_number)
    return Withdrawal(str(delivery.month), tuple(withdrawn), tuple(left))


def _withdraw(delivery: MonthDelivery, export: Export) -> None:
    customer = delivery.of(export.customer_number)
    if export.state in IN_DOUBT:
        export = customer.settle(export)
    if export.document_id is not None:
        customer.withdraw(export)
