"""Who is who in easybill."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.billing.address import NO_ADDRESS, Address
from tasks.billing.issue import Issue


@dataclass(frozen=True, slots=True)
class MatchedCustomer:
    """A customer as easybill knows it; `easybill_id` is easybill's own, not the number."""

    easybill_id: int
    vat_id: str | None = None
    buyer_reference: str | None = None
    document_pdf_type: str | None = None
    is_archived: bool = False
    address: Address = NO_ADDRESS


@dataclass(frozen=True, slots=True)
class Matches:
    """What easybill knows of customers, by customer number, and why some are not matched.

    `to_create`: the numbers of those whom a run would create; only a preview has such.
    """

    found: Mapping[str, MatchedCustomer] = field(default_factory=dict)
    refused: Mapping[str, Issue] = field(default_factory=dict)
    to_create: frozenset[str] = frozenset()
