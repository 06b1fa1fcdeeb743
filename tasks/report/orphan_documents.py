"""Orphan documents: they have a month's external id, and the ledger knows nothing of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from blocks.easybill.models import Document, UnreadableEntry
from blocks.ledger.ledger import Export
from tasks.billing.invoice import address_of
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.report.outcome import IssuesByCustomer


def orphan_documents(
    month: BillingMonth,
    documents: Iterable[Document | UnreadableEntry],
    exports: Collection[Export],
    explained: Collection[str],
) -> IssuesByCustomer:
    """An issue per customer who has such documents and is not explained in another way.

    A write that shows only after everybody gave it up leaves one; where its customer has no
    services any more, nobody else would look.
    """
    known = {export.document_id for export in exports}
    found: dict[str, list[Document | UnreadableEntry]] = defaultdict(list)
    for document in documents:
        of_month, number, _ = address_of(document.external_id) or ("", "", 0)
        if of_month == str(month) and document.id not in known and number not in explained:
            found[number].append(document)
    return {
        number: [
            Issue(
                IssueCode.DOCUMENTS_ORPHANED,
                number,
                str(month),
                document_id=theirs[0].id,
                facts={
                    "ids": [str(document.id) for document in theirs],
                    "external_id": theirs[0].external_id,
                },
            )
        ]
        for number, theirs in found.items()
    }
