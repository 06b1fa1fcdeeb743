"""What became of the draft of an export in easybill, and whether it may still be changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from blocks.easybill.models import Document
from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.invoice import external_id
from tasks.billing.money import amount_text
from tasks.billing.month import BERLIN
from tasks.easybill.csv_file import upload_name
from tasks.run.failures import Disputed

# From the ledger's last word on a call to its effect, or the other way round.
OUR_REQUEST_LASTS_AT_MOST = timedelta(minutes=2)


class DraftStatus(StrEnum):
    """What became of a draft of ours."""

    UNTOUCHED = "untouched"
    TOUCHED = "touched"
    GONE = "gone"
    DUPLICATED = "duplicated"


def status_of(export: Export, documents: Sequence[Document]) -> DraftStatus:
    """What became of the export's draft, given the documents that have its external id."""
    if len(documents) > 1:
        return DraftStatus.DUPLICATED
    if not documents or documents[0].id != export.document_id:
        return DraftStatus.GONE
    return DraftStatus.UNTOUCHED if is_untouched(export, documents[0]) else DraftStatus.TOUCHED


def is_untouched(export: Export, document: Document) -> bool:
    """Whether it is still a draft, and was edited last by us.

    easybill writes `edited_at` to the second: an edit in the very second of ours is seen only by
    its cents.
    """
    if not document.is_draft or document.edited_at != export.document_edited_at:
        return False
    return export.update_planned or says_our_cents(export, document)


def says_our_cents(export: Export, document: Document) -> bool:
    """Whether easybill's own totals are ours."""
    return (document.amount_net, document.amount) == (export.net_cents, export.gross_cents)


def name_documents(documents: Sequence[Document]) -> str:
    """The documents' ids for a message."""
    return ", ".join(str(document.id) for document in documents)


def external_id_of(export: Export) -> str:
    """The external id that the export's draft has."""
    return external_id(export.month, export.customer_number, export.sequence)


def undisputed(export: Export) -> Export:
    """The export, unless easybill holds something that is not what the ledger says."""
    if export.state == ExportState.CONFLICT:
        raise Disputed(
            export.customer_number,
            export.month,
            export.error or "easybill holds something else than the ledger says",
            "Compare the two in easybill; delete the wrong draft there, then retry",
        )
    return export


def spoilt_file(export: Export) -> Disputed:
    """The failure of an export whose file is not what was built."""
    return Disputed(
        export.customer_number,
        export.month,
        f"the file {export.csv_path} is missing or was changed after it was built",
        "Run the month again: the file is built anew",
    )


def says_what_was_planned(export: Export, document: Document) -> bool:
    """Whether an update of ours, as far as it can be told, is what the document says.

    It has the planned cents and number of lines, and was edited when we sent the update: later
    edits are the accountant's. A clock that is wrong makes it look like one of these.
    """
    if not says_our_cents(export, document) or len(document.items) != export.line_count:
        return False
    edited_at = datetime.fromisoformat(document.edited_at or "0001-01-01").replace(tzinfo=BERLIN)
    return abs(edited_at - export.updated_at) <= OUR_REQUEST_LASTS_AT_MOST


def edited_meanwhile(export: Export) -> str:
    """Why a draft could not be updated, for a person."""
    return (
        f"draft {export.document_id} was edited, finalised or deleted in easybill before it could"
        " be updated: services of the OMS may be missing from it"
    )


def other_cents(export: Export, document: Document) -> str:
    """How easybill's cents differ from ours, for a person."""
    return (
        f"easybill's document {document.id} says net {amount_text(document.amount_net)} and"
        f" gross {amount_text(document.amount)}, the OMS net {amount_text(export.net_cents)}"
        f" and gross {amount_text(export.gross_cents)}"
    )


def upload_name_of(export: Export) -> str:
    """The name that the export's CSV has in easybill."""
    return upload_name(export.month, export.customer_number, export.csv_sha256 or "")
