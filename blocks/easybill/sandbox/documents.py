"""Documents: drafts with computed totals, until they are finalised."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import clock, totals
from blocks.easybill.sandbox.customers import Customers
from blocks.easybill.sandbox.fields import DOCUMENT, POSITION, SERVICE_DATE, Field, defaults
from blocks.easybill.sandbox.filters import DOCUMENT_FILTERS, Selection
from blocks.easybill.sandbox.refusal import Refused, invalid
from blocks.easybill.sandbox.store import Resources, Store, encoded
from blocks.easybill.sandbox.versions import Versions

_COLUMNS = tuple(column for _, column in DOCUMENT_FILTERS.values())
_ADDRESS = (
    *("salutation", "personal", "title", "first_name", "last_name", "suffix_1", "suffix_2"),
    *("company_name", "street", "zip_code", "city", "state", "country"),
)
_DUE_IN_DAYS = 14


class WhenFinalised(BaseModel):
    """What is done with a finalised document; easybill's description does not say it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    update: Literal["refused", "makes a version"] = "refused"
    delete: Literal["refused", "deleted"] = "refused"


class Documents(Resources):
    """The documents of a sandbox."""

    table = "documents"

    def __init__(self, store: Store, customers: Customers, login_id: int) -> None:
        super().__init__(store)
        self._customers = customers
        self._login_id = login_id
        self.when_finalised = WhenFinalised()
        self.versions = Versions(store)

    def create(self, accepted: Json) -> Json:
        """A new draft. Raises Refused (400) for a customer that does not exist."""
        stamp = clock.now()
        document = {
            **defaults(DOCUMENT),
            **_fresh(stamp),
            "login_id": self._login_id,
            "service_date": {"type": "DEFAULT", "date": stamp[:10]},
            "items": [],
            "file_format_config": [],
            **accepted,
        }
        self._compute(document)
        with self._store.transaction():
            document["id"] = self._store.insert("documents", {"body": ""})
            self._number_positions(document)
            self._saved(document)
        return {**document, "attachment_ids": []}

    def change(self, document_id: int, accepted: Json, reason: str = "") -> Json:
        """The document with the fields that were sent; the others stay.

        `reason` is kept with the version that is made of a finalised one.
        """
        document = self._changeable(document_id, self.when_finalised.update)
        # "Can only set on create" (API description).
        accepted = {name: value for name, value in accepted.items() if name != "type"}
        document.update(accepted, edited_at=clock.now())
        self._compute(document)
        self._number_positions(document)
        with self._store.transaction():
            if not document["is_draft"]:
                self.versions.keep(document_id, reason)
            return self._saved(document)

    def finalise(self, document_id: int) -> Json:
        """What the accountant does: the document gets its number and stays as it is."""
        document = self._unlocked(document_id)
        if not document["is_draft"]:
            return document
        days = document["due_in_days"]
        due = date.fromisoformat(str(document["document_date"]))
        due += timedelta(days=days if isinstance(days, int) else _DUE_IN_DAYS)
        document["number"] = document["number"] or self._next_number()
        document.update(is_draft=False, due_date=due.isoformat(), edited_at=clock.now())
        return self._saved(document)

    def cancel(self, document_id: int) -> Json:
        """The Storno of a finalised invoice, which keeps the Storno's id as `cancel_id`."""
        invoice = self._unlocked(document_id)
        if invoice["is_draft"] or invoice["type"] != "INVOICE" or invoice["cancel_id"]:
            raise invalid("Only a finalised invoice that is not cancelled can be cancelled")
        own = {"type": "STORNO", "ref_id": document_id, "number": None, "external_id": None}
        storno = self.create({**_sendable(invoice, DOCUMENT), **own, "items": _negated(invoice)})
        invoice.update(cancel_id=storno["id"], edited_at=clock.now())
        self._saved(invoice)
        return self.finalise(storno["id"])

    def pay(self, document_id: int, cents: int, day: str) -> None:
        """Add a payment; the document is paid on the day on which nothing is left to pay."""
        document = self._unlocked(document_id)
        if document["is_draft"]:
            raise invalid("A draft is not paid", "document_id")
        document["paid_amount"] += cents
        if document["paid_amount"] >= document["amount"]:
            document["paid_at"] = day
        self._saved(document)

    def stamp(self, document_id: int, edited_at: str) -> Json:
        """The document as if last edited at that time (for rehearsals only)."""
        document = self.read(document_id)
        document["edited_at"] = edited_at
        return self._saved(document)

    def lock(self, document_id: int, *, held: bool) -> None:
        """Answer each write to this document with 409, or no longer (for rehearsals only)."""
        self.read(document_id)
        self._store.update("documents", document_id, {"locked": int(held)})

    def delete(self, document_id: int) -> None:
        """Delete a document, and the files linked to it."""
        self._changeable(document_id, self.when_finalised.delete)
        with self._store.transaction():
            self._store.rows("DELETE FROM attachments WHERE document_id = ?", (document_id,))
            self._store.rows("DELETE FROM document_versions WHERE document_id = ?", (document_id,))
            super().delete(document_id)

    def read(self, document_id: int) -> Json:
        """The document. Raises Refused (404)."""
        (document,) = self._with_attachments([super().read(document_id)])
        return document

    def page(self, wanted: Selection) -> tuple[int, list[Json]]:
        """How many the query finds, and those of its page."""
        total, documents = super().page(wanted)
        return total, self._with_attachments(documents)

    def _unlocked(self, document_id: int) -> Json:
        document = self.read(document_id)
        if self._row("locked", document_id)["locked"]:
            raise Refused(409, "Resource is locked. Try again later.")
        return document

    def _changeable(self, document_id: int, when_finalised: str) -> Json:
        document = self._unlocked(document_id)
        if not document["is_draft"] and when_finalised == "refused":
            raise invalid("The document is finalised", "is_draft")
        return document

    def _saved(self, document: Json) -> Json:
        self._store.update("documents", document["id"], _row(document))
        return document

    def _compute(self, document: Json) -> None:
        from_gross = document["calc_vat_from"] == 1
        taxed = totals.is_taxed(document["vat_option"])
        document["items"] = priced = [
            totals.priced(_complete(item), from_gross=from_gross, taxed=taxed)
            for item in document["items"]
        ]
        rates = totals.per_rate(priced, from_gross=from_gross, taxed=taxed)
        document["amount_net"] = sum(rate.net_cents for rate in rates)
        document["amount"] = sum(rate.gross_cents for rate in rates)
        document["service_date"] = {**defaults(SERVICE_DATE), **document["service_date"]}
        if document["login_id"] != self._login_id:
            raise invalid("The login does not exist", "login_id")
        address = self._address(document["customer_id"])
        document.update(address=address, label_address=address)
        document.pop("customer_snapshot", None)
        if document["customer_id"] is not None:
            document["customer_snapshot"] = self._snapshot(document["customer_id"])

    def _address(self, customer_id: int | None) -> Json:
        if customer_id is None:
            return {}
        if not self._customers.has_id(customer_id):
            raise invalid("The customer does not exist", "customer_id")
        customer = self._customers.read(customer_id)
        return {name: "" if customer[name] is None else customer[name] for name in _ADDRESS}

    def _snapshot(self, customer_id: int) -> Json:
        """The customer as the document has it, as far as anybody here looks at it."""
        customer = self._customers.read(customer_id)
        shown = ("id", "number", "company_name", "first_name", "last_name")
        return {name: customer[name] for name in shown}

    def _number_positions(self, document: Json) -> None:
        for place, item in enumerate(document["items"], start=1):
            item["id"] = document["id"] * 10_000 + place
            item.setdefault("position", place)

    def _with_attachments(self, documents: list[Json]) -> list[Json]:
        found: dict[int, list[int]] = {document["id"]: [] for document in documents}
        marks = ",".join("?" * len(found))
        statement = f"SELECT id, document_id FROM attachments WHERE document_id IN ({marks})"  # noqa: S608 - our own names, no input
        for row in self._store.rows(f"{statement} ORDER BY id", tuple(found)):
            found[row["document_id"]].append(row["id"])
        return [{**document, "attachment_ids": found[document["id"]]} for document in documents]

    def _next_number(self) -> str:
        found = self._store.row("SELECT count(*) AS n FROM documents WHERE is_draft = 0")
        return f"{clock.today()[:4]}{(found['n'] if found else 0) + 1:05}"


def _sendable(answer: Json, fields: Mapping[str, Field]) -> Json:
    return {name: answer[name] for name in fields.keys() & answer if not fields[name].read_only}


def _negated(invoice: Json) -> list[Json]:
    """The invoice's positions at the opposite price."""
    positions = [_sendable(item, POSITION) for item in invoice["items"]]
    for position in positions:
        for price in ("single_price_net", "single_price_gross"):
            position[price] = -totals.decimal(position[price])
    return positions


def _fresh(stamp: str) -> Json:
    return {
        "is_draft": True,
        "created_at": stamp,
        "edited_at": stamp,
        "document_date": stamp[:10],
        "anonymize_status": "NOT_ANONYMIZED",
        "anonymized_at": None,
        "cancel_id": None,
        "due_date": None,
        "item_notes": [],
        "last_postbox_id": None,
        "paid_amount": 0,
        "paid_at": None,
        "pdf_pages": 1,
        "root_id": None,
        "vat_id": "",
    }


def _complete(item: Mapping[str, object]) -> Json:
    computed = {"cost_price_total": 0, "cost_price_charge": 0, "cost_price_charge_type": "PERCENT"}
    return {**defaults(POSITION), "serial_number_id": "", "serial_number": "", **computed, **item}


def _row(document: Json) -> dict[str, object]:
    period = document["service_date"]
    stored = {name: value for name, value in document.items() if name != "attachment_ids"}
    return {
        "body": encoded(stored),
        **{name: document.get(name) for name in _COLUMNS},
        "external_id": document["external_id"],
        "service_from": period.get("date_from") or period.get("date"),
        "service_to": period.get("date_to") or period.get("date"),
        "positions": len(document["items"]),
        "amount": document["amount"],
        "amount_net": document["amount_net"],
        "currency": document["currency"],
    }
