"""What an invoice bills, as the value whose digest the ledger keeps with its export."""

from dataclasses import asdict

from blocks.ledger.ledger import Export
from tasks.billing.digest import content_digest, hashed
from tasks.billing.invoice import Invoice
from tasks.easybill.draft import draft_document

# Whoever the customer is in easybill: its own id is found again by each run.
ANY_CUSTOMER = 0


def digest_of(invoice: Invoice) -> str:
    """The digest of everything that the invoice bills; not of the layout or the day of a run."""
    draft = draft_document(invoice, ANY_CUSTOMER)
    del draft["customer_id"]
    return content_digest({"customer": asdict(invoice.customer), "draft": draft})


def bills(export: Export, invoice: Invoice) -> bool:
    """Whether the export's draft and file were made of just this invoice."""
    if export.update_planned:
        return False
    sent = export.content_sha256
    return sent == digest_of(invoice) or sent == digest_of_first_release(invoice)


def digest_of_first_release(invoice: Invoice) -> str:
    """The same as release 0.1 wrote it: the text that Python shows of its values.

    A test pins it: who gives Customer or the draft a new field has to leave it out here.
    """
    return hashed([repr(invoice.customer), repr(draft_document(invoice, ANY_CUSTOMER))])
