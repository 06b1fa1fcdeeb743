"""easybill in a story: what it keeps and computes, and what the accountant does there."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from blocks.easybill.models import Attachment, Customer, Document, Login
from tests.simulation.documents import SimAttachment, SimDocument, Touch
from tests.simulation.steps import AccountantAct
from tests.simulation.timeline import moment

# Berlin's winter: the stories happen in December and January.
_BERLIN = timedelta(hours=1)
_HALF = Decimal("0.5")
# An edit so soon after an update whose answer was lost can't be told from the update.
INDISTINCT_SECONDS = 120.0
LOGIN = Login(id=100001, display_name="Simulated")


class Refused(Exception):
    """easybill answers with this status, and nothing happened."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class SimEasybill:
    """One account. Nothing about an external id is unique; a draft's times have whole seconds."""

    def __init__(self, seconds_now: Callable[[], float]) -> None:
        self._seconds_now = seconds_now
        self.documents: dict[int, SimDocument] = {}
        self.attachments: dict[int, SimAttachment] = {}
        self.customers: dict[int, Customer] = {}
        # What the accountant did, by external id; and what of it we wrote over, so much later.
        self.acted: dict[str, list[tuple[float, AccountantAct]]] = {}
        self.overwritten: list[tuple[float, AccountantAct]] = []
        self._lost_updates: dict[int, list[float]] = {}
        # When each document was created, those that are gone among them.
        self.created: list[tuple[float, str]] = []
        self._last_id = 1000
        # Documents that are not ours, as the API answers them.
        self.others: dict[int, dict[str, object]] = {}
        self.lists_change = 0
        # Calls that are never answered otherwise: which, of whom, and how.
        self.for_good: list[tuple[str, str, int]] = []
        self.invoices_may_change = False
        self.changed_invoices: list[str] = []
        self.rounds_otherwise = False
        # Made anew after each change, whatever it was.
        self._views: dict[int, Document] = {}

    def now(self) -> str:
        return (moment(self._seconds_now()) + _BERLIN).strftime("%Y-%m-%d %H:%M:%S")

    def today(self) -> date:
        return (moment(self._seconds_now()) + _BERLIN).date()

    def create_customer(self, body: Mapping[str, object]) -> Customer:
        customer = Customer.model_validate({**body, "id": self._next_id()})
        self.customers[customer.id] = customer
        return customer

    def create_document(self, body: Mapping[str, object]) -> Document:
        self._require_customer(body)
        stamp = self.now()
        document = SimDocument(self._next_id(), dict(body), dict(body), stamp, stamp)
        self._round(document)
        self.documents[document.id] = document
        self.created.append((self._seconds_now(), document.external_id))
        return self.view(document)

    def update_document(self, document_id: int, body: Mapping[str, object]) -> Document:
        self._require_customer(body)
        document = self._changeable(document_id)
        if not document.is_draft:
            self.changed_invoices.append(document.external_id)
        self._views.clear()
        self._round(document)
        document.body |= {name: value for name, value in body.items() if name != "type"}
        document.ours = dict(document.body)
        self._overwritten(document)
        document.edited_at = self.now()
        return self.view(document)

    def delete_document(self, document_id: int) -> None:
        self._overwritten(self._changeable(document_id))
        self._remove(document_id)

    def read_document(self, document_id: int) -> Document:
        return self.view(self._known(document_id))

    def list_documents(self, edited_from: str, edited_to: str) -> list[Document]:
        return [
            self.view(document)
            for document in self.documents.values()
            if edited_from <= document.edited_at[:10] <= edited_to
        ]

    def create_attachment(self, file_name: str, content: bytes) -> Attachment:
        attachment = SimAttachment(self._next_id(), file_name, content, self._seconds_now())
        self.attachments[attachment.id] = attachment
        return attachment.view()

    def hang_attachment(self, attachment_id: int, document_id: int) -> Attachment:
        attachment = self._attachment(attachment_id)
        if document_id not in self.documents:
            raise Refused(400, "The document does not exist (code 20000) [document_id]")
        self._views.clear()
        attachment.document_id = document_id
        return attachment.view()

    def delete_attachment(self, attachment_id: int) -> None:
        self._attachment(attachment_id)
        self._views.clear()
        del self.attachments[attachment_id]

    def read_attachment(self, attachment_id: int) -> bytes:
        return self._attachment(attachment_id).content

    def write_other(self, external_id: str | None, *, is_odd: bool = False) -> None:
        """A document that is not ours; an odd one has what the API description allows."""
        number, stamp = self._next_id(), self.now()
        self.others[number] = {
            "id": number,
            "type": "INVOICE",
            "is_draft": True,
            "external_id": external_id,
            "amount": None if is_odd else 119,
            "amount_net": None if is_odd else 100,
            "created_at": stamp,
            "edited_at": stamp,
            "attachment_ids": None,
            "items": [{"number": None, "quantity": "1,5" if is_odd else 1}],
        }

    def change_lists(self) -> None:
        """A document of others goes and another comes, as often as the story says."""
        if self.lists_change and self.others:
            self.lists_change -= 1
            del self.others[min(self.others)]
            self.write_other(None)

    def require_no_refusal(self, call: str, whose: str | None) -> None:
        """Raise Refused where the call is never answered otherwise."""
        for refused, number, status in self.for_good:
            if (refused, number) == (call, whose):
                raise Refused(status, "for good")

    def whose(self, resource: str, number: int) -> str | None:
        """The customer number of a document or a file of ours."""
        if resource == "documents" and number in self.documents:
            return customer_of(self.documents[number].external_id)
        if resource == "attachments" and number in self.attachments:
            return customer_of_file(self.attachments[number].file_name)
        return None

    def attached(self, document_id: int) -> list[SimAttachment]:
        """The files that hang on the document."""
        return [a for a in self.attachments.values() if a.document_id == document_id]

    def act(self, document_id: int, act: AccountantAct) -> None:
        """The accountant's hand. Raises Refused where the document is not in a state for it."""
        if act == "deletes a waiting file":
            self._delete_waiting_file(document_id)
            return
        document = self._to_cancel(document_id) if act == "cancels" else self._draft(document_id)
        self._views.clear()
        self.acted.setdefault(document.external_id, []).append((self._seconds_now(), act))
        if act == "deletes":
            self._remove(document_id)
            return
        before = self._trace(document)
        if act == "finalises":
            document.is_draft = False
        elif act == "cancels":
            document.cancel_id = self._next_id()
        elif act == "retitles":
            document.body["title"] = "Rechnung"
        else:
            first, *others = _positions(document.body)
            price = Decimal(str(first["single_price_net"])) + 1
            document.body["items"] = [{**first, "single_price_net": price}, *others]
        document.edited_at = self.now()
        # In the second of our own write, only other cents tell that somebody else was there.
        is_seen = self._trace(document) != before and not self._is_indistinct(document_id)
        shows = is_seen or not document.is_draft
        document.touched.append(Touch(self._seconds_now(), act, shows))

    def view(self, document: SimDocument) -> Document:
        """The document as the API answers it."""
        if (known := self._views.get(document.id)) is not None:
            return known
        net, gross = totals_cents(_positions(document.body), document.body.get("vat_option"))
        shown = {
            **document.body,
            "id": document.id,
            "is_draft": document.is_draft,
            "cancel_id": document.cancel_id,
            "amount": gross + document.cents_off,
            "amount_net": net + document.cents_off,
            "created_at": document.created_at,
            "edited_at": document.edited_at,
            "attachment_ids": [attachment.id for attachment in self.attached(document.id)],
        }
        view = self._views[document.id] = Document.model_validate(shown)
        return view

    def _delete_waiting_file(self, nth: int) -> None:
        waiting = [a.id for a in self.attachments.values() if a.document_id is None]
        if not waiting:
            raise Refused(404, "Resource not found")
        del self.attachments[waiting[nth % len(waiting)]]

    def lose_update(self, document_id: int) -> None:
        """Keep in mind that we did not hear what became of an update."""
        self._lost_updates.setdefault(document_id, []).append(self._seconds_now())

    def _is_indistinct(self, document_id: int) -> bool:
        lost = self._lost_updates.get(document_id, [])
        return any(self._seconds_now() - at <= INDISTINCT_SECONDS for at in lost)

    def _trace(self, document: SimDocument) -> object:
        return document.edited_at, totals_cents(_positions(document.body))

    def _overwritten(self, document: SimDocument) -> None:
        now = self._seconds_now()
        self.overwritten += [
            (now - touch.at, touch.act) for touch in document.touched if touch.shows
        ]
        document.touched.clear()

    def _remove(self, document_id: int) -> None:
        self._views.clear()
        del self.documents[document_id]
        for attachment in self.attached(document_id):
            del self.attachments[attachment.id]

    def _known(self, document_id: int) -> SimDocument:
        document = self.documents.get(document_id)
        if document is None:
            raise Refused(404, "Resource not found")
        return document

    def _draft(self, document_id: int) -> SimDocument:
        document = self._known(document_id)
        if not document.is_draft:
            raise Refused(400, "The document is finalised (code 20000) [is_draft]")
        return document

    def _to_cancel(self, document_id: int) -> SimDocument:
        document = self._known(document_id)
        if document.is_draft or document.cancel_id is not None:
            raise Refused(400, "The document cannot be cancelled (code 20000)")
        return document

    def _changeable(self, document_id: int) -> SimDocument:
        """A draft; or an invoice, where easybill lets it change (it makes a version then)."""
        document = self._known(document_id)
        if document.is_draft or not self.invoices_may_change:
            return self._draft(document_id)
        return document

    def _round(self, document: SimDocument) -> None:
        document.cents_off = int(self.rounds_otherwise)
        if self.rounds_otherwise:
            self.rounds_otherwise = False
            self.acted.setdefault(document.external_id, []).append(
                (self._seconds_now(), "reprices")
            )

    def _attachment(self, attachment_id: int) -> SimAttachment:
        attachment = self.attachments.get(attachment_id)
        if attachment is None:
            raise Refused(404, "Resource not found")
        return attachment

    def _require_customer(self, body: Mapping[str, object]) -> None:
        if "customer_id" in body and body["customer_id"] not in self.customers:
            raise Refused(400, "The customer does not exist (code 20000) [customer_id]")

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def customer_of(external_id: str) -> str | None:
    """The customer number in an external id of ours."""
    return external_id.split(":")[2] if external_id.count(":") >= 2 else None


def customer_of_file(file_name: str) -> str:
    """The customer number in the name of a file of ours."""
    return file_name[8:].rsplit("-", 1)[0]


def totals_cents(
    positions: Iterable[Mapping[str, object]], vat_option: object = None
) -> tuple[int, int]:
    """Net and gross, computed anew: a position half up to the cent, VAT once per rate."""
    net: dict[Decimal, int] = {}
    for position in positions:
        rate = Decimal(str(position["vat_percent"])) if vat_option is None else Decimal(0)
        amount = Decimal(str(position["quantity"])) * Decimal(str(position["single_price_net"]))
        net[rate] = net.get(rate, 0) + _whole(amount)
    vat = sum(_whole(cents * rate / 100) for rate, cents in net.items())
    return sum(net.values()), sum(net.values()) + vat


def _whole(cents: Decimal) -> int:
    return int((cents + _HALF).to_integral_value(ROUND_FLOOR))


def _positions(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    items = body.get("items", [])
    return list(items) if isinstance(items, list | tuple) else []
