"""Payments of documents."""

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import clock
from blocks.easybill.sandbox.documents import Documents
from blocks.easybill.sandbox.fields import PAYMENT, defaults
from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.store import Resources, Store, encoded


class Payments(Resources):
    """The payments of a sandbox; whether one changes a document's `edited_at` nobody says."""

    table = "document_payments"

    def __init__(self, store: Store, documents: Documents, login_id: int) -> None:
        super().__init__(store)
        self._documents = documents
        self._login_id = login_id

    def create(self, accepted: Json) -> Json:
        """A payment of a finalised document. Raises Refused."""
        for name in ("document_id", "amount"):
            if accepted.get(name) is None:
                raise invalid("The value is missing", name)
        payment = {**defaults(PAYMENT), "payment_at": clock.today(), **accepted}
        payment["login_id"] = self._login_id
        with self._store.transaction():
            self._documents.pay(payment["document_id"], payment["amount"], payment["payment_at"])
            payment["id"] = self._store.insert(self.table, {"body": ""})
            self._store.update(self.table, payment["id"], {"body": encoded(payment)})
        return payment
