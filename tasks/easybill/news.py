"""News: documents of a month that the ledger does not know, or of which it does not know all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blocks.easybill.models import Document, UnreadableEntry
from blocks.ledger.ledger import Export
from blocks.ledger.protocol import permits
from blocks.ledger.states import Event, ExportState
from tasks.billing.invoice import address_of
from tasks.easybill.draft_status import is_untouched
from tasks.easybill.held_content import content_of
from tasks.easybill.lookup import Found


@dataclass(frozen=True, slots=True)
class News:
    """The documents of one external id, and the export that the ledger has there, if any."""

    sequence: int
    documents: Sequence[Found]
    export: Export | None

    @property
    def readable(self) -> list[Document]:
        """The documents; raises Unreadable where there is one that nobody can judge."""
        for document in self.documents:
            if isinstance(document, UnreadableEntry):
                raise document.error("document")
        return [document for document in self.documents if isinstance(document, Document)]

    @property
    def is_known(self) -> bool:
        """Whether the ledger knows one of the documents, and what it sent there."""
        known_id = (
            None if self.export is None or _was_unclear(self.export) else self.export.document_id
        )
        return known_id is not None and known_id in {document.id for document in self.documents}


def news_of(
    month: str, documents: Iterable[Found], exports: Iterable[Export]
) -> dict[str, list[News]]:
    """The month's news by customer number, in the order of sequences."""
    known = {(export.customer_number, export.sequence): export for export in exports}
    news: dict[str, list[News]] = defaultdict(list)
    for (number, sequence), found in sorted(_by_address(month, documents).items()):
        entry = News(sequence, found, known.get((number, sequence)))
        if _is_news(entry):
            news[number].append(entry)
    return news


def is_of_another_run(export: Export, file_id: int) -> bool:
    """Whether the file on the export's document is none that the ledger knows of."""
    return file_id not in (export.attachment_id, export.replaced_attachment_id)


def _by_address(month: str, documents: Iterable[Found]) -> Mapping[tuple[str, int], list[Found]]:
    found: dict[tuple[str, int], list[Found]] = defaultdict(list)
    for document in documents:
        address = address_of(document.external_id)
        if address is not None and address[0] == month:
            found[address[1:]].append(document)
    return found


def _is_news(entry: News) -> bool:
    if any(isinstance(document, UnreadableEntry) for document in entry.documents):
        # It may bill what the ledger takes for open.
        return True
    if entry.export is None or not entry.is_known:
        return permits(entry.export, Event.TAKEN_IN)
    return len(entry.documents) == 1 and _may_hold_more(entry.export, entry.documents[0])


def _was_unclear(export: Export) -> bool:
    """Whether it is about a document that no run of this ledger planned, or has understood."""
    is_empty = export.csv_sha256 is None and export.document_sha256 is None
    return is_empty and export.state != ExportState.DELIVERED


def _may_hold_more(export: Export, document: Found) -> bool:
    """Whether its positions are not those that we sent last, as far as this ledger knows."""
    return (
        export.state != ExportState.CONFLICT
        and permits(export, Event.TAKEN_IN)
        and isinstance(document, Document)
        and document.id == export.document_id
        # What a cancelled invoice held may be in a further draft by now.
        and export.released_at is None
        and not is_untouched(export, document)
        and (
            content_of(document).document_sha256 != export.document_sha256
            # A later run sent another one for it.
            or not _has_its_file(export, document)
        )
    )


def _has_its_file(export: Export, document: Document) -> bool:
    """Whether just the file that the ledger knows is on the document: one, or none at all."""
    if export.attachment_id is None:
        return not document.attachment_ids
    return export.attachment_id in document.attachment_ids
