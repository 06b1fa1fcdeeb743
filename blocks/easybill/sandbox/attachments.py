"""Attachments: files, each linked to at most one document, customer or project."""

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import clock
from blocks.easybill.sandbox.customers import Customers
from blocks.easybill.sandbox.documents import Documents
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.store import Resources, Store
from blocks.easybill.sandbox.validation import CONTEXTS

_SHOWN = "id, file_name, size, created_at, customer_id, document_id, project_id"


class Attachments(Resources):
    """The attachments of a sandbox."""

    table = "attachments"

    def __init__(self, store: Store, customers: Customers, documents: Documents) -> None:
        super().__init__(store)
        self._customers = customers
        self._documents = documents

    def create(self, file_name: str, content: bytes) -> Json:
        """Keep the file, linked to nothing yet; several files may have the same name."""
        row = {
            "file_name": file_name,
            "size": len(content),
            "content": content,
            "created_at": clock.today(),
        }
        return self.read(self._store.insert("attachments", row))

    def link(self, attachment_id: int, context: Json) -> Json:
        """Link the file to what the context names. Raises Refused (400) if that does not exist."""
        self.read(attachment_id)
        if context:
            self._check(context)
            row = {name: context.get(name) for name in CONTEXTS}
            self._store.update("attachments", attachment_id, row)
        return self.read(attachment_id)

    def read(self, attachment_id: int) -> Json:
        """The attachment. Raises Refused (404)."""
        return dict(self._row(_SHOWN, attachment_id))

    def content(self, attachment_id: int) -> tuple[str, bytes]:
        """The file's name and bytes. Raises Refused (404)."""
        row = self._row("file_name, content", attachment_id)
        return row["file_name"], row["content"]

    def page(self, wanted: Selection) -> tuple[int, list[Json]]:
        """How many there are in all, and those of the page."""
        total, rows = self._store.page("attachments", _SHOWN, wanted)
        return total, [dict(row) for row in rows]

    def _check(self, context: Json) -> None:
        document_id, customer_id = context.get("document_id"), context.get("customer_id")
        if isinstance(document_id, int) and not self._documents.has_id(document_id):
            raise invalid("The document does not exist", "document_id")
        if isinstance(customer_id, int) and not self._customers.has_id(customer_id):
            raise invalid("The customer does not exist", "customer_id")
