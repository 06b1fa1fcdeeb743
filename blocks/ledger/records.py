"""What the ledger hands out: one frozen value per row."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Final


class Unchanged(Enum):
    """The type of UNCHANGED, which tells a column left alone from one that is emptied."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an export is not done: in words, by a code, and the facts of the words as JSON."""

    text: str
    code: str
    facts: str


@dataclass(frozen=True, slots=True)
class Export:
    """One customer's export of a billing month; timestamps are aware, in UTC."""

    id: int
    account: str
    month: str
    customer_number: str
    sequence: int
    state: str
    csv_sha256: str | None
    csv_path: str | None
    line_count: int
    net_cents: int
    gross_cents: int
    attachment_id: int | None
    document_id: int | None
    error: str | None
    attempts: int
    flow_run_id: str | None
    created_at: datetime
    updated_at: datetime
    document_edited_at: str | None = None
    content_sha256: str | None = None
    replaced_attachment_id: int | None = None
    pending: str | None = None
    update_planned: bool = False
    planned_sha256: str | None = None
    reason_code: str | None = None
    reason_facts: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerTotals:
    """What a customer's drafts of a billing month come to, in cents."""

    month: str
    customer_number: str
    draft_count: int
    line_count: int
    net_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True, order=True)
class BilledLine:
    """What is billed once: a service's price (`service`) or its `cancellation_fee`."""

    service_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What an export is to bill: the CSV, what it comes to, and each line with its digest.

    `planned_sha256` is the digest of the invoice.
    """

    csv_sha256: str
    csv_path: str
    line_count: int
    net_cents: int
    gross_cents: int
    lines: Mapping[BilledLine, str]
    planned_sha256: str | None = None

    @property
    def columns(self) -> dict[str, object]:
        """Its columns of `exports`."""
        names = (field.name for field in fields(self))
        return {name: getattr(self, name) for name in names if name != "lines"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A billed line's export, and the digest of what was billed (None before that was kept)."""

    export: Export
    line_sha256: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write a month; `token` grows with each holder, `renewals` while it works.

    Who sees both unchanged for `seconds` on a clock of its own may take the lease over;
    `renewed_at` (aware, in UTC) is for people.
    """

    account: str
    month: str
    token: int
    holder: str
    renewals: int
    seconds: int
    held: bool
    renewed_at: datetime


@dataclass(frozen=True, slots=True)
class ApiCallRow:
    """One HTTP attempt; `at` is aware, in UTC."""

    id: int
    at: datetime
    account: str
    month: str
    customer_number: str | None
    method: str
    path: str
    status: int | None
    outcome: str
    duration_ms: int
    error: str | None
    flow_run_id: str | None
