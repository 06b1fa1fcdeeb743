"""How answers are put into words: times, drafts, issues, and aligned columns."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime

from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue
from tasks.billing.money import amount_text
from tasks.billing.month import BERLIN
from tasks.billing.wording import next_step_of, text_of
from tasks.billing.words import counted

LinkTo = Callable[[int], str | None]


def berlin(moment: datetime) -> str:
    """The moment on Berlin's clocks, to the second."""
    return f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M:%S}"


def utc(moment: datetime) -> str:
    """The moment in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def draft_words(export: Export, link_to: LinkTo) -> str:
    """A draft with its amounts, its state, and its address where the account has a template."""
    document_id = export.document_id or 0
    link = link_to(document_id)
    net, lines = amount_text(export.net_cents), counted(export.line_count, "line")
    said = (
        f"draft {document_id}: {lines}, net {net},"
        f" gross {amount_text(export.gross_cents)}, {export.state} {berlin(export.updated_at)}"
    )
    return f"{said}, {link}" if link else said


def issue_lines(issues: Sequence[Issue]) -> Iterator[str]:
    """Each issue with its next step, indented."""
    for issue in issues:
        yield f"    {text_of(issue)}"
        yield f"    Next: {next_step_of(issue)}."


def aligned(rows: Sequence[Sequence[str]], right: Collection[int]) -> Iterator[str]:
    """The rows as columns that are aligned; those in `right` end in line instead."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
