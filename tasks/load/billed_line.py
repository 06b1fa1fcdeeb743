"""A line as the ledger knows it, who holds the lines of a month, and which nobody does."""

from collections.abc import Callable, Sequence

from blocks.ledger.ledger import Ledger
from blocks.ledger.records import BilledLine, Claim, Export
from tasks.billing.line_item import LineItem
from tasks.load.month_of_services import MonthOfServices


def billed_line(line: LineItem) -> BilledLine:
    """The line's key in the ledger, and what it comes to."""
    return BilledLine(*line.key, net_cents=line.net_cents)


def claims_of(ledger: Ledger, loaded: MonthOfServices) -> dict[BilledLine, Claim]:
    """What the month's exports hold, and who holds the lines that the OMS has in it today."""
    of_month = ledger.claims_of(str(loaded.month))
    lines = {billed_line(line) for lines in loaded.lines.values() for line in lines}
    return {**of_month, **ledger.billed_lines(lines - of_month.keys())}


def free_lines(
    ledger: Ledger, lines: Sequence[LineItem], may_go: Callable[[Export], bool] = lambda _: False
) -> list[LineItem]:
    """Those that are in no draft, as far as the ledger knows, or in one that may go."""
    claims = ledger.billed_lines([billed_line(line) for line in lines])
    holders = ((line, claims.get(billed_line(line))) for line in lines)
    return [
        line
        for line, claim in holders
        if claim is None or claim.export.document_id is None or may_go(claim.export)
    ]
