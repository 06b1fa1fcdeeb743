"""Digests: whether what the OMS says today is what was billed."""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from tasks.billing.line_item import LineItem
from tasks.billing.money import plain

CONTENT_VERSION = 2
_ENCODER = json.JSONEncoder(sort_keys=True)


def line_digest(line: LineItem) -> str:
    """The digest of everything that is billed with a line."""
    return hashed(
        [
            line.service_id,
            line.kind,
            line.service_code,
            line.title,
            plain(line.quantity),
            line.unit,
            plain(line.unit_price_net),
            plain(line.vat_percent),
        ]
    )


def content_digest(content: Mapping[str, object]) -> str:
    """The digest of what an invoice bills and how its draft is set up.

    Canonical JSON with a version in front; a field that is not set counts as not there, so that a
    new field leaves the digests of invoices without it as they are.
    """
    return hashed([CONTENT_VERSION, _set_fields(content)])


def hashed(value: object) -> str:
    """The SHA-256 of a value as JSON."""
    return sha256(_ENCODER.encode(value).encode()).hexdigest()


def _set_fields(value: object) -> object:
    if isinstance(value, dict):
        fields = {name: _set_fields(field) for name, field in value.items()}
        return {name: field for name, field in fields.items() if field not in (None, "")}
    if isinstance(value, list | tuple):
        return [_set_fields(entry) for entry in value]
    return plain(value) if isinstance(value, Decimal) else value
