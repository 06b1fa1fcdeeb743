"""easybill in a story: what it keeps and computes, and what the accountant does there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from blocks.easybill.models import Attachment, Customer, Document, Login
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


@dataclass(slots=True)
class SimDocument:
    """A document; `ours` is what we last wrote, `touched` what the accountant did to it since."""

    id: int
    body: dict[str, object]
    ours: dict[str, object]
    created_at: str
    edited_at: str
    is_draft: bool = True
    touched: list["Touch"] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        return str(self.body.get("external_id"))


@dataclass(frozen=True, slots=True)
class Touch:
    """What the accountant did to a document, and whether its answer shows it at all."""

    at: float
    act: AccountantAct
    shows: bool


@dataclass(slots=True)
class SimAttachment:
    """An uploaded file."""

    id: int
    file_name: str
    content: bytes
    document_id: int | None = None

    def view(self) -> Attachment:
        return Attachment(id=self.id, file_name=self.file_name, document_id=self.document_id)


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
        self._last_id = 1000

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
        self.documents[document.id] = document
        return self.view(document)

    def update_document(self, document_id: int, body: Mapping[str, object]) -> Document:
        self._require_customer(body)
        document = self._draft(document_id)
        document.body |= {name: value for name, value in body.items() if name != "type"}
        document.ours = dict(document.body)
        self._overwritten(document)
        document.edited_at = self.now()
        return self.view(document)

    def delete_document(self, document_id: int) -> None:
        self._overwritten(self._draft(document_id))
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
        attachment = SimAttachment(self._next_id(), file_name, content)
        self.attachments[attachment.id] = attachment
        return attachment.view()

    def hang_attachment(self, attachment_id: int, document_id: int) -> Attachment:
        attachment = self._attachment(attachment_id)
        if document_id not in self.documents:
            raise Refused(400, "The document does not exist (code 20000) [document_id]")
        attachment.document_id = document_id
        return attachment.view()

    def delete_attachment(self, attachment_id: int) -> None:
        self._attachment(attachment_id)
        del self.attachments[attachment_id]

    def attached(self, document_id: int) -> list[SimAttachment]:
        """The files that hang on the document."""
        return [a for a in self.attachments.values() if a.document_id == document_id]

    def act(self, document_id: int, act: AccountantAct) -> None:
        """The accountant's hand. Raises Refused where the document is an invoice already."""
        document = self._draft(document_id)
        self.acted.setdefault(document.external_id, []).append((self._seconds_now(), act))
        if act == "deletes":
            self._remove(document_id)
            return
        before = self._trace(document)
        if act == "finalises":
            document.is_draft = False
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
        net, gross = totals_cents(_positions(document.body), document.body.get("vat_option"))
        shown = {
            **document.body,
            "id": document.id,
            "is_draft": document.is_draft,
            "amount": gross,
            "amount_net": net,
            "created_at": document.created_at,
            "edited_at": document.edited_at,
            "attachment_ids": [attachment.id for attachment in self.attached(document.id)],
        }
        return Document.model_validate(shown)

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
