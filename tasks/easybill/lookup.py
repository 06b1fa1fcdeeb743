"""Look: what is in easybill already, in one listing for everyone who asks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from threading import Lock
from typing import Generic, TypeVar

from blocks.easybill.client import EasybillClient
from blocks.easybill.models import Attachment, Document

Entry = TypeVar("Entry")


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
    """

    def __init__(self, client: EasybillClient, edited_from: date) -> None:
        self._documents = _Listing[Document](
            lambda: client.list_documents(edited_from=edited_from), lambda entry: entry.external_id
        )
        self._attachments = _Listing[Attachment](
            client.list_attachments, lambda entry: entry.file_name
        )

    def documents(self, external_id: str) -> list[Document]:
        """Invoices and drafts that have the external id."""
        return self._documents.entries().get(external_id, [])

    def all_documents(self) -> Iterator[Document]:
        """Every invoice and draft of the listing that has an external id."""
        for entries in self._documents.entries().values():
            yield from entries

    def list_documents_anew(self) -> None:
        """Fetch the documents as they are now; what was asked before is asked again."""
        self._documents.outdate()
        self._documents.entries()

    def attachments(self, file_name: str) -> list[Attachment]:
        """Attachments of that name."""
        return self._attachments.entries().get(file_name, [])

    def all_attachments(self) -> Iterator[Attachment]:
        """Every attachment of the account."""
        for entries in self._attachments.entries().values():
            yield from entries

    def outdate(self) -> None:
        """Say that a write's answer was lost: whatever was listed before proves nothing now."""
        self._documents.outdate()
        self._attachments.outdate()
