"""Cancelled invoices: their services are billed again only when somebody asks for it."""

from collections.abc import Iterator

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.report.place_lines import PlacedLines

NAMED = 10


def cancelled_invoices(placed: PlacedLines, month: BillingMonth) -> Iterator[Issue]:
    """A warning for each invoice of the month that a Storno cancels, with its services."""
    for draft in placed.drafts:
        if draft.state != "cancelled":
            continue
        lines = placed.lines.get(draft.key, ())
        ids = sorted({line.service_id for line in lines})
        yield Issue(
            IssueCode.INVOICE_CANCELLED,
            draft.key[0],
            str(month),
            document_id=draft.document_id,
            facts={
                "service_ids": ids[:NAMED],
                "more_count": max(len(ids) - NAMED, 0),
                "net_cents": sum(line.net_cents for line in lines),
            },
        )
