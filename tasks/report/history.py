"""History: what the months before came to, and which of them were never run."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from blocks.ledger.ledger import Ledger
from blocks.ledger.records import CustomerTotals
from tasks.billing.month import BillingMonth
from tasks.report.month_report import DraftRow, MonthTotals

MONTHS_SHOWN = 13


def history(
    ledger: Ledger, month: BillingMonth, drafts: Iterable[DraftRow]
) -> tuple[MonthTotals, ...]:
    """What the last months came to by the ledger, the oldest first, and this one by its drafts."""
    by_month: dict[str, list[CustomerTotals]] = defaultdict(list)
    for totals in ledger.totals_before(str(month), MONTHS_SHOWN - 1):
        by_month[totals.month].append(totals)
    earlier = [_month_totals(name, customers) for name, customers in sorted(by_month.items())]
    return (*earlier, _totals_of(month, drafts))


def find_missed(ledger: Ledger, month: BillingMonth) -> tuple[str, ...]:
    """The months since the ledger's first that have no export at all: they were never run."""
    known = ledger.months_before(str(month))
    if not known:
        return ()
    missed = []
    earlier = month.preceding()
    while str(earlier) > known[0]:
        if str(earlier) not in known:
            missed.append(str(earlier))
        earlier = earlier.preceding()
    return tuple(reversed(missed))


def never_run(month: str, *others: str) -> str:
    """The words for months that were missed."""
    if not others:
        return f"{month} was never run; run it with --month {month}"
    return f"{month} and {len(others)} later months were never run; run each with --month"


def _month_totals(month: str, customers: Sequence[CustomerTotals]) -> MonthTotals:
    return MonthTotals(
        month=month,
        customer_count=len(customers),
        draft_count=sum(totals.draft_count for totals in customers),
        line_count=sum(totals.line_count for totals in customers),
        net_cents=sum(totals.net_cents for totals in customers),
        gross_cents=sum(totals.gross_cents for totals in customers),
    )


def _totals_of(month: BillingMonth, drafts: Iterable[DraftRow]) -> MonthTotals:
    """What the drafts come to; one that was deleted in easybill counts no more."""
    standing = [draft for draft in drafts if draft.state != "deleted"]
    return MonthTotals(
        month=str(month),
        customer_count=len({draft.customer_number for draft in standing}),
        draft_count=len(standing),
        line_count=sum(draft.line_count for draft in standing),
        net_cents=sum(draft.net_cents for draft in standing),
        gross_cents=sum(draft.gross_cents for draft in standing),
    )
