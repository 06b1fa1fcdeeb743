"""Place lines: in which draft each line of the OMS's month is, and which are in none."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blocks.easybill.models import Document
from blocks.ledger.ledger import ACCEPTED, BilledLine, Claim, Export
from tasks.billing.invoice import Invoice, file_stem
from tasks.billing.line_item import LineItem
from tasks.easybill.csv_file import CsvFile
from tasks.load.billed_line import billed_line
from tasks.load.month_of_services import MonthOfServices

# `previewed`: built, and not sent. `unknown`: easybill could not be read.
DraftState = Literal["previewed", "draft", "edited", "finalised", "cancelled", "deleted", "unknown"]
Previewed = Mapping[tuple[str, int], tuple[Invoice, CsvFile]]


@dataclass(frozen=True, slots=True)
class AfterDelivery:
    """What the ledger and easybill know of the month after a run's last write.

    `is_read`: whether easybill could be read; `documents_of` is None for what could not.
    """

    exports: Collection[Export]
    claims: Mapping[BilledLine, Claim]
    documents_of: Callable[[Export], Sequence[Document] | None]
    is_read: bool


@dataclass(frozen=True, slots=True)
class PlacedDraft:
    """A draft that was sent, or the file of a preview; `key` is customer number and sequence.

    `document` is None where it was only previewed, and where easybill has none or was not read.
    `is_accepted`: a person said that it is right as it is.
    """

    key: tuple[str, int]
    sent: Export | CsvFile
    csv_path: str
    document: Document | None
    state: DraftState
    is_accepted: bool = False

    @property
    def document_id(self) -> int | None:
        """Its id in easybill; None where it was only previewed."""
        return self.sent.document_id if isinstance(self.sent, Export) else None


@dataclass(frozen=True, slots=True)
class PlacedLines:
    """The month's drafts, and where its lines are: in one of them, in none, in another month's.

    `lines` by customer number and sequence, `open_lines` by customer number.
    """

    drafts: tuple[PlacedDraft, ...]
    lines: Mapping[tuple[str, int], tuple[LineItem, ...]]
    open_lines: Mapping[str, tuple[LineItem, ...]]
    in_other_months: tuple[LineItem, ...]


def place_lines(
    loaded: MonthOfServices, now: AfterDelivery, previewed: Previewed, folder: Path
) -> PlacedLines:
    """Place every line of the month in its draft.

    The files of drafts lie in `folder`, wherever the run that sent them had it.
    """
    accepted = {c.export.id for c in now.claims.values() if c.line_sha256 == ACCEPTED}
    drafts = [
        replace(_draft(export, now, folder), is_accepted=export.id in accepted)
        for export in now.exports
        if export.document_id is not None
        # Another document bills its lines.
        and export.released_at is None
        and (export.customer_number, export.sequence) not in previewed
    ]
    drafts += [
        PlacedDraft(key, file, file.path, None, "previewed") for key, (_, file) in previewed.items()
    ]
    return _placed(loaded, now, sorted(drafts, key=lambda draft: draft.key), previewed)


def _placed(
    loaded: MonthOfServices, now: AfterDelivery, drafts: Iterable[PlacedDraft], previewed: Previewed
) -> PlacedLines:
    lines: dict[tuple[str, int], list[LineItem]] = defaultdict(list)
    open_lines: dict[str, list[LineItem]] = defaultdict(list)
    elsewhere: list[LineItem] = []
    there = [draft for draft in drafts if draft.state != "deleted"]
    holders = {draft.sent.id: draft.key for draft in there if isinstance(draft.sent, Export)}
    sent_next = _lines_of(previewed)
    for number, theirs in loaded.lines.items():
        for line in theirs:
            key = billed_line(line)
            claim = now.claims.get(key)
            if key in sent_next:
                lines[sent_next[key]].append(line)
            elif claim is None or claim.export.document_id is None:
                open_lines[number].append(line)
            elif claim.export.month != str(loaded.month):
                elsewhere.append(line)
            elif (holder := holders.get(claim.export.id)) is not None:
                lines[holder].append(line)
            else:
                open_lines[number].append(line)
    return PlacedLines(
        drafts=tuple(drafts),
        lines={key: tuple(placed) for key, placed in lines.items()},
        open_lines={number: tuple(placed) for number, placed in open_lines.items()},
        in_other_months=tuple(elsewhere),
    )


def _lines_of(previewed: Previewed) -> dict[BilledLine, tuple[str, int]]:
    return {
        billed_line(line): key for key, (invoice, _) in previewed.items() for line in invoice.lines
    }


def _draft(export: Export, now: AfterDelivery, folder: Path) -> PlacedDraft:
    found = now.documents_of(export) if now.is_read else None
    document = next((entry for entry in found or () if entry.id == export.document_id), None)
    return PlacedDraft(
        key=(export.customer_number, export.sequence),
        sent=export,
        csv_path=str(folder / _csv_name(export)),
        document=document,
        state="unknown" if found is None else _state_of(export, document),
    )


def _csv_name(export: Export) -> str:
    """The name of its file; of one that no run has built, the name that it would have."""
    return Path(export.csv_path or f"{file_stem(export.customer_number, export.sequence)}.csv").name


def _state_of(export: Export, document: Document | None) -> DraftState:
    """What became of the draft, for the report; its cents are not looked at."""
    if document is None:
        return "deleted"
    if document.cancel_id is not None:
        return "cancelled"
    if not document.is_draft:
        return "finalised"
    return "draft" if document.edited_at == export.document_edited_at else "edited"
