"""Single documents and files in easybill, as a delivery meets them."""

from contextlib import suppress

from blocks.easybill.client import EasybillClient
from blocks.easybill.errors import NotFound, Rejected
from blocks.easybill.models import Attachment, Document
from blocks.ledger.ledger import Export


def read_draft(client: EasybillClient, export: Export) -> Document | None:
    """The export's document as it is now; None where there is none, or none any more."""
    if export.document_id is None:
        return None
    try:
        return client.read_document(export.document_id)
    except NotFound:
        return None


def link_file(client: EasybillClient, attachment_id: int, document_id: int) -> Attachment | None:
    """Link the file to the document; None where the file is gone."""
    try:
        return client.link_attachment(attachment_id, document_id)
    except NotFound:
        return None


def remove_file(client: EasybillClient, attachment_id: int) -> None:
    """Remove a file; where easybill refuses, it stays for the sweep."""
    with suppress(Rejected):
        client.delete_attachment(attachment_id)
