"""A parcel: what one customer gets."""

from dataclasses import dataclass

from blocks.ledger.ledger import Planned
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Invoice
from tasks.easybill.billed_content import digest_of
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.held_content import planned_content
from tasks.load.billed_line import billed_line


@dataclass(frozen=True, slots=True)
class Parcel:
    """The invoice, its CSV, and who the customer is in easybill."""

    invoice: Invoice
    csv: CsvFile
    easybill_customer_id: int

    @property
    def export_key(self) -> tuple[str, str, int]:
        """Month, customer number and sequence: whose export this is in the ledger."""
        invoice = self.invoice
        return str(invoice.month), invoice.customer.customer_number, invoice.sequence

    @property
    def digest(self) -> str:
        """The digest of everything that the draft and its CSV are to say."""
        return digest_of(self.invoice)

    def planned(self) -> Planned:
        """What the ledger keeps of the parcel before anything is sent."""
        totals = self.invoice.totals
        content = planned_content(self.invoice, self.easybill_customer_id)
        return Planned(
            planned_sha256=self.digest,
            document_sha256=content.document_sha256,
            texts_sha256=content.texts_sha256,
            csv_sha256=self.csv.sha256,
            csv_path=self.csv.path,
            layout_sha256=self.csv.layout_sha256,
            line_count=len(self.invoice.lines),
            net_cents=totals.net_cents,
            gross_cents=totals.gross_cents,
            lines={billed_line(line): line_digest(line) for line in self.invoice.lines},
        )
