"""An issue as the ledger keeps it with an export, and the way back."""

from collections.abc import Sequence

import msgspec

from blocks.ledger.ledger import Export, Reason
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.wording import text_of

_SUBJECT = ("service_id", "document_id")
_CODES = frozenset(IssueCode)


def reason_of(issues: Issue | Sequence[Issue]) -> Reason:
    """What the ledger keeps: every text, code and facts of the first."""
    first, *others = [issues] if isinstance(issues, Issue) else issues
    subject = {name: getattr(first, name) for name in _SUBJECT if getattr(first, name) is not None}
    facts = msgspec.json.encode({**first.facts, **subject}).decode()
    return Reason("; ".join(map(text_of, (first, *others))), first.code, facts)


def kept_issue(export: Export) -> Issue | None:
    """Why the export is not done, as the ledger keeps it; None where it keeps nothing."""
    if export.error is None:
        return None
    number, month = export.customer_number, export.month
    if export.reason_facts is None or export.reason_code not in _CODES:
        # Kept by a release that knew no codes, or others.
        facts: dict[str, Fact] = {"said": export.error}
        code = IssueCode.DRAFT_UNFINISHED
        return Issue(code, number, month, document_id=export.document_id, facts=facts)
    facts = msgspec.json.decode(export.reason_facts)
    service_id, document_id = facts.pop("service_id", None), facts.pop("document_id", None)
    return Issue(
        IssueCode(export.reason_code),
        number,
        month,
        service_id=None if service_id is None else str(service_id),
        document_id=document_id if isinstance(document_id, int) else export.document_id,
        facts=facts,
    )
