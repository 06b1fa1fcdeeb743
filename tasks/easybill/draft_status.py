"""What became of the draft of an export in easybill, and whether it may still be changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from blocks.easybill.models import Document
from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.draft_status import DraftStatus
from tasks.billing.invoice import external_id
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.month import BERLIN
from tasks.easybill.csv_file import upload_name
from tasks.plan.kept_issue import kept_issue
from tasks.run.failures import CustomerFailure

# From the ledger's last word on a call to its effect, or the other way round.
OUR_REQUEST_LASTS_AT_MOST = timedelta(minutes=2)


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


def external_id_of(export: Export) -> str:
    """The external id that the export's draft has."""
    return external_id(export.month, export.customer_number, export.sequence)


def undisputed(export: Export) -> Export:
    """The export, unless easybill has something that is not what the ledger says."""
    if export.state == ExportState.CONFLICT:
        issue = kept_issue(export) or issue_about(export, IssueCode.DRAFT_UNFINISHED, said=None)
        raise CustomerFailure(issue)
    return export


def issue_about(export: Export, code: IssueCode, **facts: Fact) -> Issue:
    """An issue about the export and its draft."""
    return Issue(
        code,
        export.customer_number,
        export.month,
        document_id=export.document_id,
        facts=facts,
    )


def says_what_an_older_release_planned(export: Export, document: Document) -> bool:
    """Whether an update that was planned before contents were kept seems to be in the document."""
    return (
        export.texts_sha256 is None
        and says_our_cents(export, document)
        and len(document.items) == export.line_count
        and was_edited_with(export, document)
    )


def was_edited_with(export: Export, document: Document) -> bool:
    """Whether the document was edited last about when our call was sent whose answer is lost.

    A clock that is wrong makes it look like an edit of somebody else.
    """
    edited_at = datetime.fromisoformat(document.edited_at or "0001-01-01").replace(tzinfo=BERLIN)
    return abs(edited_at - export.updated_at) <= OUR_REQUEST_LASTS_AT_MOST


def other_cents(export: Export, document: Document) -> Issue:
    """How easybill's cents differ from ours."""
    return Issue(
        IssueCode.AMOUNTS_DIFFER,
        export.customer_number,
        export.month,
        document_id=document.id,
        facts={
            "theirs_net_cents": document.amount_net,
            "theirs_gross_cents": document.amount,
            "ours_net_cents": export.net_cents,
            "ours_gross_cents": export.gross_cents,
        },
    )


def upload_name_of(export: Export) -> str:
    """The name that the export's CSV has in easybill."""
    return upload_name(export.month, export.customer_number, export.csv_sha256 or "")
