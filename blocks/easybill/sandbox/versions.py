"""Versions: one for each time that a finalised document was changed."""

from dataclasses import replace

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import clock
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.refusal import not_found
from blocks.easybill.sandbox.store import Resources

_SHOWN = "id, document_id, created_at, reason"


class Versions(Resources):
    """The versions of a sandbox's documents."""

    table = "document_versions"

    def keep(self, document_id: int, reason: str) -> None:
        """Keep a version of the document."""
        row = {"document_id": document_id, "created_at": clock.now(), "reason": reason}
        self._store.insert(self.table, row)

    def of_document(self, document_id: int, wanted: Selection) -> tuple[int, list[Json]]:
        """How many versions the document has, and those of the page."""
        wanted = replace(wanted, conditions=("document_id = ?",), values=(document_id,))
        total, rows = self._store.page(self.table, _SHOWN, wanted)
        return total, [_version(dict(row)) for row in rows]

    def one(self, document_id: int, version_id: int) -> Json:
        """The version. Raises Refused (404) where the document has none of this id."""
        row = self._row(_SHOWN, version_id)
        if row["document_id"] != document_id:
            raise not_found()
        return _version(dict(row))


def _version(row: Json) -> Json:
    # The sandbox draws no PDF, so a version has no files.
    return {**row, "items": []}
