"""How answers are put into words: drafts, issues, and aligned columns."""

from collections.abc import Callable, Collection, Iterator, Sequence

from blocks.ledger.ledger import Export
from blocks.ledger.states import DraftState
from tasks.billing.issue import Issue
from tasks.billing.wording import next_step_of, text_of
from tasks.billing.wording.speech import Speech

LinkTo = Callable[[int], str | None]


def draft_words(export: Export, link_to: LinkTo, speech: Speech) -> str:
    """A draft with its amounts, its state, and its address where the account has a template."""
    document_id = export.document_id or 0
    link = link_to(document_id)
    said = speech.say(
        "draft {id}: {lines}, net {net}, gross {gross}, {state} {moment}",
        id=document_id,
        lines=speech.counted(export.line_count, "line"),
        net=speech.amount(export.net_cents),
        gross=speech.amount(export.gross_cents),
        state=speech.say(export.state),
        moment=speech.moment(export.updated_at, ":ss"),
    )
    return ", ".join([said, *_became(export, speech), *([link] if link else [])])


def _became(export: Export, speech: Speech) -> Iterator[str]:
    """What the accountant did with it, by the last look."""
    if export.draft_state in (None, DraftState.DRAFT):
        return
    say = speech.say
    yield say("{state} in easybill", state=say(str(export.draft_state)))
    if export.invoice_number:
        yield say("invoice {number}", number=export.invoice_number)
    if export.due_date:
        yield say("due {day}", day=speech.day(export.due_date))
    if export.paid_at:
        yield say("paid {day}", day=speech.day(export.paid_at))
    if export.draft_state == DraftState.CANCELLED:
        yield say("billed again") if export.released_at else say("not billed again")


def issue_lines(issues: Sequence[Issue], speech: Speech) -> Iterator[str]:
    """Each issue with its next step, indented."""
    for issue in issues:
        yield f"    {text_of(issue, speech.language)}"
        step = next_step_of(issue, speech.language)
        yield f"    {speech.say('Next: {step}.', step=step)}"


def aligned(rows: Sequence[Sequence[str]], right: Collection[int]) -> Iterator[str]:
    """The rows as columns that are aligned; those in `right` end in line instead."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
