"""Take in: keep in the ledger what easybill has of a month, and the ledger does not know.

Without this, a ledger that was lost or put back to an older copy bills again what a draft holds.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, field
from hashlib import sha256

from blocks.easybill.layout import Layout
from blocks.easybill.models import Document, Position
from blocks.ledger.ledger import Export, TakenIn
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.words import counted
from tasks.easybill.attached_csv import AttachedCsv, find_attached_csv
from tasks.easybill.billed_by import Billed, Known, billed_by, billed_further_by
from tasks.easybill.billed_content import digest_of
from tasks.easybill.csv_file import upload_name
from tasks.easybill.csv_rows import csv_lines
from tasks.easybill.held_content import content_of, names_of, planned_content, priced
from tasks.easybill.layouts import known_layouts
from tasks.easybill.match_customers import match_customers
from tasks.easybill.news import News, is_of_another_run, news_of
from tasks.easybill.upload import MonthDelivery
from tasks.load.billed_line import billed_line, free_lines
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.kept_issue import reason_of
from tasks.run.failures import CustomerFailure
from tasks.run.log import run_log


@dataclass(slots=True)
class TakenInMonth:
    """The exports of what was taken in, conflicts among them, and whose could not be and why."""

    exports: list[Export] = field(default_factory=list)
    failures: dict[str, tuple[Issue, ...]] = field(default_factory=dict)


def take_in(delivery: MonthDelivery, loaded: MonthOfServices, customers: Set[str]) -> TakenInMonth:
    """Take in the documents of these customers that are news to the ledger.

    Also of those who have no services left: what they had may be another customer's or month's
    now. What is not clear becomes a conflict. Raises what is no customer's own.
    """
    taken, month = TakenInMonth(), str(loaded.month)
    exports = delivery.connections.ledger.exports(month)
    news = news_of(month, delivery.lookup.all_documents(), exports)
    concerned = sorted((news.keys() & loaded.customers.keys() & customers) - loaded.refused.keys())
    if not concerned:
        return taken
    client = delivery.connections.client_for(loaded.month, None)
    of_oms = [loaded.customers[number] for number in concerned]
    matches = match_customers(client, loaded.month, of_oms)
    for customer in of_oms:
        number = customer.customer_number
        matched = matches.found.get(number)
        known_as = None if matched is None else matched.easybill_id
        try:
            with delivery.failures_of(number):
                _Customer(delivery, loaded, customer, known_as).take(news[number], taken)
        except CustomerFailure as failure:
            if delivery.outage.concerns(failure):
                raise
            taken.failures[number] = (failure.issue,)
    return taken


@dataclass(frozen=True, slots=True)
class _Customer:
    """One customer whose documents are taken in; `easybill_id` is None for one without."""

    delivery: MonthDelivery
    loaded: MonthOfServices
    customer: Customer
    easybill_id: int | None

    def take(self, news: Sequence[News], taken: TakenInMonth) -> None:
        """Take in one document after the other, up to the first that is not clear."""
        lines = self._invoice(self.loaded.lines.get(self._number, ()), 1).lines
        # Another document is there now instead of the one that these knew.
        replaced = {e.export.id for e in news if e.export is not None and not e.is_known}
        ledger = self.delivery.connections.ledger
        free = free_lines(ledger, lines, lambda export: export.id in replaced)
        for entry in news:
            found = self._found(entry, lines, free)
            # What names nothing, of a customer without services, is reported as an orphan.
            is_orphan = entry.export is None or entry.export.document_id is None
            if found is None or (is_orphan and not (lines or found.lines)):
                continue
            export = ledger.take_in(
                str(self.loaded.month),
                self._number,
                entry.sequence,
                found,
                flow_run_id=self.delivery.connections.flow_run_id,
            )
            taken.exports.append(export)
            if found.reason is not None:
                return
            free = [line for line in free if billed_line(line) not in found.lines]
            run_log().warning(
                "customer %s: document %s was not known and is taken in, %s",
                self._number,
                export.document_id,
                counted(len(found.lines), "line"),
            )

    def _found(
        self, entry: News, lines: Sequence[LineItem], free: Sequence[LineItem]
    ) -> TakenIn | None:
        """What the ledger is to keep of the document; None where it holds nothing further."""
        document, *others = entry.readable
        if others:
            ids = [str(same.id) for same in entry.readable]
            return self._unclear(entry, IssueCode.DOCUMENTS_DUPLICATED, ids=ids)
        currency = self.customer.currency
        if (document.customer_id, document.currency) != (self.easybill_id, currency):
            return self._unclear(entry, IssueCode.DOCUMENT_OF_ANOTHER)
        attached = self._attached(document, entry.export)
        if entry.export is not None and entry.is_known:
            return self._found_further(entry, entry.export, lines, free, attached)
        billed = billed_by(priced(document), free, attached.lines)
        if billed.unexplained:
            return self._not_explained(entry, billed.unexplained)
        return self._whole(entry.sequence, document, billed, lines, attached)

    def _whole(
        self,
        sequence: int,
        document: Document,
        billed: Billed,
        lines: Sequence[LineItem],
        attached: AttachedCsv,
    ) -> TakenIn:
        """All that the ledger keeps of a draft; as if it had been delivered a moment ago."""
        invoice = self._invoice(
            [line for line in lines if billed.lines.get(billed_line(line))], sequence
        )
        content = content_of(document)
        says_just_that = (
            len(invoice.lines) == len(billed.lines)
            and self.easybill_id is not None
            and content == planned_content(invoice, self.easybill_id)
        )
        file = attached.attachment
        csv_sha256, layout = attached.sha256, attached.layout
        if csv_sha256 is None and says_just_that:
            csv_sha256, layout = self._as_written(invoice, None if file is None else file.file_name)
        # Without a file, the one that is built of the document is its CSV.
        is_named = csv_sha256 is not None and (
            file is None or self._name(csv_sha256) == file.file_name
        )
        folder = self.delivery.connections.export_dir / str(self.loaded.month)
        return TakenIn(
            document_id=document.id,
            # Whoever edits it later makes the two differ.
            document_edited_at=document.created_at,
            lines=billed.lines,
            line_count=len(priced(document)),
            net_cents=document.amount_net,
            gross_cents=document.amount,
            csv_sha256=csv_sha256 if is_named else None,
            csv_path=str(folder / f"{invoice.file_stem}.csv"),
            attachment_id=None if file is None else file.id,
            # A draft without its file is updated, which sends the file too.
            content_sha256=digest_of(invoice) if says_just_that and file is not None else None,
            document_sha256=content.document_sha256,
            layout_sha256=self._kept(layout if is_named else None),
        )

    def _found_further(
        self,
        entry: News,
        export: Export,
        lines: Sequence[LineItem],
        free: Sequence[LineItem],
        attached: AttachedCsv,
    ) -> TakenIn | None:
        """What the draft holds beside what the ledger knows of: a later run put it there."""
        document, ledger = entry.readable[0], self.delivery.connections.ledger
        claims = ledger.billed_lines(ledger.lines_of(export))
        held = {line: claim.line_sha256 for line, claim in claims.items()}
        as_billed = [line for line in lines if held.get(billed_line(line)) == line_digest(line)]
        file = attached.attachment
        another = file is not None and is_of_another_run(export, file.id)
        billed = billed_further_by(
            priced(document),
            Known(held.keys(), as_billed),
            free,
            attached.lines,
            has_another_file=another,
        )
        if billed.unexplained:
            return self._not_explained(entry, billed.unexplained)
        named = {row.line for row in billed.csv_lines or ()}
        # What the newer file does not name, the run that sent it has taken out of the draft.
        left = {line: digest for line, digest in held.items() if not another or line in named}
        still = left if named else held
        if not another and not billed.lines:
            return None
        return TakenIn(
            document_id=document.id,
            # Nobody knows whether that run was the last to edit it.
            document_edited_at=None,
            lines={**still, **billed.lines},
            line_count=len(priced(document)),
            net_cents=document.amount_net,
            gross_cents=document.amount,
            csv_sha256=attached.sha256 or export.csv_sha256,
            csv_path=export.csv_path,
            attachment_id=export.attachment_id if file is None else file.id,
            document_sha256=content_of(document).document_sha256,
            layout_sha256=self._kept(attached.layout) or export.layout_sha256,
        )

    def _not_explained(self, entry: News, positions: Sequence[Position]) -> TakenIn:
        named = names_of(positions)
        return self._unclear(entry, IssueCode.DOCUMENT_UNCLEAR, positions=named)

    def _unclear(self, entry: News, code: IssueCode, **facts: Fact) -> TakenIn:
        """A conflict about the document; the export goes on holding what it was to bill."""
        document, month = entry.readable[0], str(self.loaded.month)
        issue = Issue(code, self._number, month, document_id=document.id, facts=facts)
        run_log().error("%s", CustomerFailure(issue))
        ledger = self.delivery.connections.ledger
        lines = frozenset() if entry.export is None else ledger.lines_of(entry.export)
        return TakenIn(
            document.id,
            document.created_at,
            lines=dict.fromkeys(lines),
            line_count=0,
            net_cents=0,
            gross_cents=0,
            reason=reason_of(issue),
        )

    def _attached(self, document: Document, export: Export | None) -> AttachedCsv:
        connections = self.delivery.connections
        return find_attached_csv(
            connections.client_for(self.loaded.month, self._number),
            connections,
            self.delivery.lookup,
            document,
            (str(self.loaded.month), self._number),
            export,
        )

    def _as_written(
        self, invoice: Invoice, file_name: str | None
    ) -> tuple[str | None, Layout | None]:
        """The hash and the layout of the file of this name, if a known layout makes just that.

        Without a name those of the file that is built now.
        """
        connections = self.delivery.connections
        lines = csv_lines(invoice, connections.account.csv_price_basis)
        for layout in known_layouts(connections):
            (content,) = layout.write_all([lines])
            if isinstance(content, bytes):
                csv_sha256 = sha256(content).hexdigest()
                if file_name in (None, self._name(csv_sha256)):
                    return csv_sha256, layout
        return None, None

    def _kept(self, layout: Layout | None) -> str | None:
        """The layout's hash, once the ledger has its text."""
        if layout is None:
            return None
        self.delivery.connections.ledger.keep_layout(layout.sha256, layout.text)
        return layout.sha256

    def _name(self, csv_sha256: str) -> str:
        return upload_name(str(self.loaded.month), self._number, csv_sha256)

    def _invoice(self, lines: Collection[LineItem], sequence: int) -> Invoice:
        loaded = self.loaded
        return Invoice.of(loaded.month, self.customer, lines, sequence, loaded.terms)

    @property
    def _number(self) -> str:
        return self.customer.customer_number
