"""Look: what is in easybill already, in one listing for everyone who asks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

from blocks.easybill.client import EasybillClient
from blocks.easybill.models import Attachment, Document, UnreadableEntry

Entry = TypeVar("Entry")
Found = Document | UnreadableEntry
FoundFile = Attachment | UnreadableEntry


class _Listing(Generic[Entry]):
    """Entries by key, fetched again for a question that is younger than the last fetch."""

    def __init__(
        self, fetch: Callable[[], Iterable[Entry]], key: Callable[[Entry], str | None]
    ) -> None:
        self._fetch, self._key = fetch, key
        self._lock = Lock()
        self._wanted, self._taken = 1, 0
        self._entries: dict[str, list[Entry]] = {}

    def outdate(self) -> None:
        self._wanted += 1

    def entries(self) -> Mapping[str, list[Entry]]:
        with self._lock:
            if self._taken < self._wanted:
                # What is outdated while the fetch goes on may be missing from it.
                begun = self._wanted
                self._entries = self._grouped(self._fetch())
                self._taken = begun
            return self._entries

    def _grouped(self, found: Iterable[Entry]) -> dict[str, list[Entry]]:
        grouped: dict[str, list[Entry]] = defaultdict(list)
        for entry in found:
            key = self._key(entry)
            if key is not None:
                grouped[key].append(entry)
        return dict(grouped)


class EasybillLookup:
    """Finds documents by external id and attachments by file name.

    easybill filters by neither, so both are found in a listing: documents edited since the billing
    month's end (no draft of ours is older), and all attachments. A listing serves every question
    until an answer is lost; a hundred lost answers that are looked up together cost one more.
    `left_out`: ids of documents that a person has told us to leave alone. A cancelled invoice bills
    nothing; it counts only where it is one of the `known` ids, or what a lost call created.
    """

    def __init__(
        self,
        client: EasybillClient,
        edited_from: date,
        left_out: Set[int] = frozenset(),
        known: Set[int | None] = frozenset(),
    ) -> None:
        self._left_out = left_out
        self._known = set(known)
        self._list_documents = partial(client.list_documents, edited_from=edited_from)
        self._documents = _Listing[Found](self._list_documents, _external_id)
        self._attachments = _Listing[FoundFile](
            client.list_attachments, lambda entry: entry.file_name
        )

    def documents(self, external_id: str) -> list[Document]:
        """Invoices and drafts that have the external id. Raises Unreadable."""
        found = _read("document", self._documents.entries().get(external_id, []))
        return [document for document in found if self._counts(document)]

    def sent_documents(self, external_id: str) -> list[Document]:
        """What a call may have created of which no id is known; else, what was cancelled since.

        That counts from now on: a cancelled invoice keeps its services. Raises Unreadable.
        """
        if found := self.documents(external_id):
            return found
        sent = _read("document", self._documents.entries().get(external_id, []))
        self._known |= {document.id for document in sent}
        return self.documents(external_id)

    def all_documents(self) -> Iterator[Found]:
        """Every invoice and draft of the listing that has an external id."""
        for entries in self._documents.entries().values():
            yield from filter(self._counts, entries)

    def _counts(self, entry: Found) -> bool:
        is_cancelled = isinstance(entry, Document) and entry.cancel_id is not None
        is_known = entry.id in self._known
        return entry.id not in self._left_out and (is_known or not is_cancelled)

    def list_documents_anew(self) -> None:
        """Fetch the documents as they are now, for a report: their positions are left out."""
        self._documents = _Listing[Found](
            partial(self._list_documents, positions=False), _external_id
        )
        self._documents.entries()

    def attachments(self, file_name: str) -> list[Attachment]:
        """Attachments of that name. Raises Unreadable."""
        return _read("file", self._attachments.entries().get(file_name, []))

    def all_attachments(self) -> Iterator[Attachment]:
        """Every attachment of the account that can be read."""
        for entries in self._attachments.entries().values():
            yield from (entry for entry in entries if isinstance(entry, Attachment))

    def outdate(self) -> None:
        """Say that a write's answer was lost: whatever was listed before proves nothing now."""
        self._documents.outdate()
        self._attachments.outdate()


def _external_id(entry: Found) -> str | None:
    return entry.external_id


def _read(kind: str, found: Sequence[Entry | UnreadableEntry]) -> list[Entry]:
    """What was found; an entry that cannot be read may be the one that is asked for."""
    read: list[Entry] = []
    for entry in found:
        if isinstance(entry, UnreadableEntry):
            raise entry.error(kind)
        read.append(entry)
    return read
