"""The key of a line in the ledger."""

from blocks.ledger.records import BilledLine
from tasks.billing.line_item import LineItem


def billed_line(line: LineItem) -> BilledLine:
    """The line's key in the ledger."""
    return BilledLine(*line.key)
