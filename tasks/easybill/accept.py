"""Accept: a person says that a document in easybill is the right one as it is, and why."""

from dataclasses import dataclass

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound
from blocks.easybill.models import Customer, Document
from blocks.ledger.ledger import ACCEPTED, Acceptance, Export, TakenIn
from blocks.ledger.protocol import permits
from blocks.ledger.records import BilledLine
from blocks.ledger.states import Event
from tasks.billing.invoice import address_of
from tasks.billing.issue import Issue, IssueCode
from tasks.easybill.attached_csv import AttachedCsv, find_attached_csv
from tasks.easybill.csv_file import read_intact
from tasks.easybill.held_content import content_of, priced
from tasks.easybill.upload import MonthDelivery
from tasks.run.failures import CustomerFailure


@dataclass(frozen=True, slots=True)
class ToAccept:
    """What a person wants to accept, by whom and why."""

    customer_number: str
    document_id: int
    reason: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting the document does: which services count as billed by it from then on.

    `other_document_ids` have its external id too; no run looks at them any more.
    """

    month: str
    asked: ToAccept
    services: tuple[str, ...]
    other_document_ids: tuple[int, ...]
    is_confirmed: bool

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for is done, or would be."""
        return True

    def headline(self) -> str:
        """A few sentences for the person who asked."""
        asked, ids = self.asked, ", ".join(map(str, self.other_document_ids))
        done = "is" if self.is_confirmed else "would be"
        sentences = [
            f"{self.month}: document {asked.document_id} {done} accepted for customer"
            f" {asked.customer_number}, by {asked.accepted_by}.",
            f"It bills these services: {', '.join(self.services) or 'none'}.",
            f"No run looks at {ids} any more." if ids else "",
            "" if self.is_confirmed else "Nothing is done yet: confirm it.",
        ]
        return " ".join(filter(None, sentences))


def accept(delivery: MonthDelivery, asked: ToAccept, *, confirm: bool) -> Accepted:
    """Let the document count for what the customer's export was to bill, and its CSV names.

    Nothing changes in easybill; without `confirm` nothing at all. Raises CustomerFailure where the
    document cannot be accepted.
    """
    connections, month = delivery.connections, str(delivery.month)
    client = connections.client_for(delivery.month, asked.customer_number)
    document, sequence = _document(client, asked, month)
    export = connections.ledger.find_export(month, asked.customer_number, sequence)
    if not permits(export, Event.ACCEPTED):
        raise _not_acceptable(
            asked, month, "the answer to a call is not known yet; run the month first"
        )
    whose = (month, asked.customer_number)
    attached = find_attached_csv(client, connections, delivery.lookup, document, whose, export)
    named = {row.line for row in attached.lines() or ()}
    lines = named if export is None else named | connections.ledger.lines_of(export)
    others = {same.id for same in delivery.lookup.documents(document.external_id or "")}
    accepted = Accepted(
        month,
        asked,
        tuple(sorted({line.service_id for line in lines})),
        tuple(sorted(others - {document.id})),
        confirm,
    )
    if confirm:
        if attached.layout is not None:
            connections.ledger.keep_layout(attached.layout.sha256, attached.layout.text)
        connections.ledger.take_in(
            *whose,
            sequence,
            _taken_in(document, frozenset(lines), export, attached, accepted),
            flow_run_id=connections.flow_run_id,
        )
    return accepted


def _document(client: EasybillClient, asked: ToAccept, month: str) -> tuple[Document, int]:
    """The document and its sequence, if it is this customer's."""
    try:
        document = client.read_document(asked.document_id)
    except NotFound:
        raise _not_acceptable(asked, month, "easybill has no such document") from None
    address = address_of(document.external_id)
    if address is None or address[:2] != (month, asked.customer_number):
        found = document.external_id or "none"
        raise _not_acceptable(asked, month, f"it has another external id ({found})")
    customers = client.find_customers([asked.customer_number]).get(asked.customer_number, ())
    if document.customer_id not in {known.id for known in customers if isinstance(known, Customer)}:
        raise _not_acceptable(asked, month, "it is another customer's in easybill")
    return document, address[2]


def _taken_in(
    document: Document,
    lines: frozenset[BilledLine],
    export: Export | None,
    attached: AttachedCsv,
    accepted: Accepted,
) -> TakenIn:
    """The document as it is; nobody but the accountant changes it from now on."""
    asked = accepted.asked
    known_id = None if export is None else export.attachment_id
    known_layout = None if export is None else export.layout_sha256
    return TakenIn(
        document_id=document.id,
        document_edited_at=None,
        lines=dict.fromkeys(lines, ACCEPTED),
        line_count=len(priced(document)),
        net_cents=document.amount_net,
        gross_cents=document.amount,
        csv_sha256=attached.sha256 or _known_csv(export, attached),
        csv_path=None if export is None else export.csv_path,
        layout_sha256=known_layout if attached.layout is None else attached.layout.sha256,
        attachment_id=known_id if attached.attachment is None else attached.attachment.id,
        document_sha256=content_of(document).document_sha256,
        acceptance=Acceptance(
            document.id, accepted.other_document_ids, asked.reason, asked.accepted_by
        ),
    )


def _known_csv(export: Export | None, attached: AttachedCsv) -> str | None:
    """The hash of the CSV that the export sent; None where that is neither here nor in easybill."""
    if export is None:
        return None
    is_here = read_intact(export.csv_path or "", export.csv_sha256 or "") is not None
    return export.csv_sha256 if is_here or attached.attachment is not None else None


def _not_acceptable(asked: ToAccept, month: str, why: str) -> CustomerFailure:
    return CustomerFailure(
        Issue(
            IssueCode.NOT_ACCEPTABLE,
            asked.customer_number,
            month,
            document_id=asked.document_id,
            facts={"why": why},
        )
    )
