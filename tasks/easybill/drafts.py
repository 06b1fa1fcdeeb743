"""The drafts of a month as they are in easybill, for the plan."""

from dataclasses import dataclass

from blocks.easybill.errors import Unreadable
from blocks.ledger.ledger import Export
from tasks.billing.draft_status import DraftStatus
from tasks.billing.invoice import Invoice
from tasks.easybill.billed_content import bills
from tasks.easybill.draft_status import external_id_of, status_of
from tasks.easybill.lookup import EasybillLookup


@dataclass(frozen=True, slots=True)
class DraftsInEasybill:
    """What became of the drafts of exports; listed once, and again where that proves nothing."""

    lookup: EasybillLookup

    def status_of(self, export: Export) -> DraftStatus:
        """What became of the export's draft."""
        try:
            documents = self.lookup.documents(external_id_of(export))
        except Unreadable:
            return DraftStatus.UNREADABLE
        return status_of(export, documents)

    def ids_of(self, export: Export) -> list[str]:
        """The ids of all documents that have the export's external id."""
        return [str(document.id) for document in self.lookup.documents(external_id_of(export))]

    def bills(self, export: Export, invoice: Invoice) -> bool:
        """Whether the draft and its file were made of just this invoice."""
        return bills(export, invoice)
