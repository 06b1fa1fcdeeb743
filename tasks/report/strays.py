"""Strays: documents that bear a month's external id, and that the ledger knows nothing of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from blocks.easybill.models import Document
from blocks.ledger.ledger import Export
from tasks.billing.month import BillingMonth
from tasks.easybill.draft_status import name_documents
from tasks.report.outcome import Cause

DELETE_IT = "Delete it in easybill if it is a double, then run the month again"


def strays(
    month: BillingMonth,
    documents: Iterable[Document],
    exports: Collection[Export],
    explained: Collection[str],
) -> Mapping[str, list[Cause]]:
    """A cause per customer who has such documents and is not explained otherwise.

    A write that shows only after everybody gave it up leaves one; where its customer has no
    services any more, nobody else would look.
    """
    known = {export.document_id for export in exports}
    found: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        number = _customer_of(document, month)
        if number is not None and document.id not in known and number not in explained:
            found[number].append(document)
    return {number: [_cause(number, documents)] for number, documents in found.items()}


def _customer_of(document: Document, month: BillingMonth) -> str | None:
    """Whose it is; None where it is not of this month, or not ours."""
    origin, of_month, number, *_ = [*(document.external_id or "").split(":"), "", ""]
    return number if (origin, of_month) == ("oms", str(month)) and number else None


def _cause(number: str, documents: list[Document]) -> Cause:
    names = name_documents(documents)
    reason = (
        f"easybill's document {names} bears {documents[0].external_id}, but the ledger knows"
        " nothing of it"
    )
    return Cause(number, reason, DELETE_IT, kind="conflict", says_what_to_do=True)
