"""History: what the months before came to, and which of them were never run."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from blocks.ledger.ledger import Ledger
from blocks.ledger.records import CustomerTotals
from tasks.billing.month import BillingMonth
from tasks.billing.wording.speech import IN_ENGLISH, Speech
from tasks.report.month_report import DraftRow, MonthTotals

MONTHS_SHOWN = 13


def history(
    ledger: Ledger, month: BillingMonth, drafts: Iterable[DraftRow]
) -> tuple[MonthTotals, ...]:
    """What the last months came to by the ledger, the oldest first, and this one by its drafts."""
    by_month: dict[str, list[CustomerTotals]] = defaultdict(list)
    for totals in ledger.totals_before(str(month), MONTHS_SHOWN - 1):
        by_month[totals.month].append(totals)
    earlier = [
        _added_up(name, sum(totals.draft_count for totals in rows), rows)
        for name, rows in sorted(by_month.items())
    ]
    # What was deleted or cancelled in easybill counts no more.
    there = [draft for draft in drafts if draft.state not in ("deleted", "cancelled")]
    return (*earlier, _added_up(str(month), len(there), there))


def find_missed(
    ledger: Ledger, month: BillingMonth, first: BillingMonth | None = None
) -> tuple[str, ...]:
    """The months since the ledger's first that have no export at all: they were never run.

    `first`: the first month that is billed; earlier ones are not missed.
    """
    known = ledger.months_before(str(month))
    if not known:
        return ()
    missed = []
    earlier = month.preceding()
    while str(earlier) > known[0]:
        if str(earlier) not in known and (first is None or earlier >= first):
            missed.append(str(earlier))
        earlier = earlier.preceding()
    return tuple(reversed(missed))


def never_run(missed: Sequence[str], speech: Speech = IN_ENGLISH) -> str:
    """The words for months that were missed."""
    month, *others = missed
    said = speech.month(month)
    if not others:
        return speech.say(
            "{month} was never run; run it with --month {value}", month=said, value=month
        )
    later = speech.counted(len(others), "later month")
    return speech.say(
        "{month} and {later} were never run; run each with --month", month=said, later=later
    )


def _added_up(
    month: str, draft_count: int, rows: Sequence[CustomerTotals | DraftRow]
) -> MonthTotals:
    return MonthTotals(
        month=month,
        customer_count=len({row.customer_number for row in rows}),
        draft_count=draft_count,
        line_count=sum(row.line_count for row in rows),
        net_cents=sum(row.net_cents for row in rows),
        gross_cents=sum(row.gross_cents for row in rows),
    )
