"""What the report says of each draft."""

from typing import Literal

from blocks.easybill.models import Document
from blocks.ledger.ledger import Export

# `previewed`: built, and not sent. `unknown`: easybill could not be read.
DraftState = Literal["previewed", "draft", "edited", "finalised", "deleted", "unknown"]


def draft_state(export: Export, document: Document | None) -> DraftState:
    """What became of the draft, for the report; its cents are not looked at."""
    if document is None:
        return "deleted"
    if not document.is_draft:
        return "finalised"
    return "draft" if document.edited_at == export.document_edited_at else "edited"
