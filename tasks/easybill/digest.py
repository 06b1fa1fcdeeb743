"""Digests: whether what the OMS says today is what was billed."""

import json
from hashlib import sha256

from tasks.billing.invoice import Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.money import plain
from tasks.easybill.draft import draft_document


def line_digest(line: LineItem) -> str:
    """The digest of everything that is billed with a line."""
    return _digest(
        line.service_id,
        line.kind,
        line.service_code,
        line.title,
        plain(line.quantity),
        line.unit,
        plain(line.unit_price_net),
        plain(line.vat_percent),
    )


def content_digest(invoice: Invoice) -> str:
    """The digest of everything that the draft and its CSV say, whoever it is in easybill."""
    return _digest(repr(invoice.customer), repr(draft_document(invoice, 0)))


def _digest(*parts: str | None) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()
