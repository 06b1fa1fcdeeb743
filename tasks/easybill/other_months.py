"""Other months: their documents that the ledger does not know, and what those bill of this month.

A service may move to another month; where the ledger is lost or older than easybill, only the
document of the month that it was in tells that it is billed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from blocks.easybill.models import Document, UnreadableEntry
from blocks.ledger.ledger import BilledLine, Export
from blocks.ledger.states import IN_DOUBT, ExportState
from tasks.billing.invoice import address_of
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth
from tasks.easybill.attached_csv import find_attached_csv
from tasks.easybill.billed_by import billed_by, without
from tasks.easybill.held_content import content_of, item_at, item_of, priced
from tasks.easybill.lookup import Found
from tasks.easybill.news import is_of_another_run
from tasks.easybill.upload import MonthDelivery
from tasks.load.billed_line import billed_line, free_lines
from tasks.load.load_services import read_month_of
from tasks.load.month_of_services import MonthOfServices
from tasks.run.failures import CustomerFailure

# Month and customer number.
_Addressee = tuple[str, str]
_OPEN = IN_DOUBT | {ExportState.CONFLICT}


def find_in_other_months(
    delivery: MonthDelivery, loaded: MonthOfServices, customers: Set[str]
) -> dict[str, tuple[Issue, ...]]:
    """Which of these customers have services here that such a document bills, or may bill.

    Reads easybill only where its own month does not explain a document. Raises what is no
    customer's own.
    """
    found: dict[str, tuple[Issue, ...]] = {}
    months: dict[str, _OtherMonth] = {}
    for (month, number), documents in _unknown_to(delivery, loaded, customers).items():
        if month not in months:
            months[month] = _OtherMonth.of(delivery, month)
        free = free_lines(delivery.connections.ledger, loaded.lines[number])
        try:
            with delivery.failures_of(number):
                issues = tuple(months[month].issues_about(number, documents, free, loaded.month))
        except CustomerFailure as failure:
            if delivery.outage.concerns(failure):
                raise
            issues = (failure.issue,)
        if issues:
            found[number] = (*found.get(number, ()), *issues)
    return found


def _unknown_to(
    delivery: MonthDelivery, loaded: MonthOfServices, customers: Set[str]
) -> Mapping[_Addressee, list[Found]]:
    """The documents of other months, of customers with services here, that are news."""
    found: dict[_Addressee, list[Found]] = defaultdict(list)
    for document in delivery.lookup.all_documents():
        month, number, _ = address_of(document.external_id) or ("", "", 0)
        is_concerned = month not in ("", str(loaded.month)) and number in loaded.lines
        if is_concerned and number in customers:
            found[month, number].append(document)
    for month in {month for month, _ in found}:
        known = _KnownOf.month(delivery, month)
        for addressee in [addressee for addressee in found if addressee[0] == month]:
            found[addressee] = [d for d in found[addressee] if not known.explains(d)]
    return {addressee: documents for addressee, documents in found.items() if documents}


@dataclass(frozen=True, slots=True)
class _KnownOf:
    """What the ledger knows of another month."""

    exports: Mapping[tuple[str, int], Export]
    line_counts: Mapping[int, int]
    left_out: Set[int]

    @classmethod
    def month(cls, delivery: MonthDelivery, month: str) -> "_KnownOf":
        ledger = delivery.connections.ledger
        exports = {(e.customer_number, e.sequence): e for e in ledger.exports(month)}
        held = Counter(claim.export.id for claim in ledger.claims_of(month).values())
        return cls(exports, held, ledger.left_out(month))

    def explains(self, document: Found) -> bool:
        """Whether the ledger has whatever the document may bill.

        What another run put into it, it also sent a file for. An export in doubt or in conflict
        holds what it was to bill.
        """
        address = address_of(document.external_id)
        export = None if address is None else self.exports.get(address[1:])
        if document.id in self.left_out:
            return True
        if export is None or isinstance(document, UnreadableEntry):
            return export is not None and export.document_id == document.id
        if export.state in _OPEN:
            return self.line_counts.get(export.id, 0) >= len(priced(document))
        if export.document_id != document.id:
            return False
        is_ours = not any(is_of_another_run(export, id_) for id_ in document.attachment_ids)
        return is_ours or content_of(document).document_sha256 == export.document_sha256


@dataclass(frozen=True, slots=True)
class _OtherMonth:
    """Another month as the OMS has it now."""

    delivery: MonthDelivery
    month: str
    lines: Mapping[str, Sequence[LineItem]]

    @classmethod
    def of(cls, delivery: MonthDelivery, month: str) -> "_OtherMonth":
        loaded = read_month_of(delivery.connections, BillingMonth.parse(month))
        return cls(delivery, month, loaded.lines)

    def issues_about(
        self,
        number: str,
        documents: Iterable[Found],
        free: Sequence[LineItem],
        this_month: BillingMonth,
    ) -> Iterator[Issue]:
        """An issue per document that bills, or may bill, one of the free lines.

        Raises Unreadable where there is one that nobody can judge.
        """
        for document in documents:
            if isinstance(document, UnreadableEntry):
                raise document.error("document")
            billed = self._billed_of(number, document, free)
            if billed:
                facts = {
                    "other_month": self.month,
                    "services": sorted({line.service_id for line in billed}),
                }
                yield Issue(
                    IssueCode.BILLED_IN_OTHER_MONTH,
                    number,
                    str(this_month),
                    document_id=document.id,
                    facts=facts,
                )

    def _billed_of(
        self, number: str, document: Document, free: Sequence[LineItem]
    ) -> list[BilledLine]:
        connections = self.delivery.connections
        lines = self.lines.get(number, ())
        own = free_lines(connections.ledger, lines, lambda e: e.document_id == document.id)
        open_ = billed_by(priced(document), own, lambda: None).unexplained
        if not open_:
            return []
        client = connections.client_for(self.delivery.month, number)
        csv_lines = find_attached_csv(
            client, connections, self.delivery.lookup, document, (self.month, number)
        ).lines()
        if csv_lines is not None:
            named = {row.line for row in csv_lines}
            further = without(open_, (row.item for row in csv_lines))
            # An update may have come to the document whose file did not.
            has_more = len(priced(document)) > len(csv_lines)
            numbers = {item_at(position).number for position in further if has_more}
            return [
                billed_line(line)
                for line in free
                if billed_line(line) in named or item_of(line).number in numbers
            ]
        # Without a file nobody knows what somebody has changed in the document since.
        items = set(map(item_at, open_))
        alike = [billed_line(line) for line in free if item_of(line) in items]
        return alike or list(map(billed_line, free))
