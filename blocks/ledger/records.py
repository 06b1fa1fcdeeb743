"""What the ledger hands out: one frozen value per row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import Enum
from typing import Final

from blocks.ledger.states import Event

# The digest of a line that a person accepted: whatever the OMS says of it from then on.
ACCEPTED = "accepted"


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
    document_sha256: str | None = None
    texts_sha256: str | None = None
    planned_update: str | None = None
    draft_state: str | None = None
    invoice_number: str | None = None
    finalised_at: datetime | None = None
    due_date: date | None = None
    paid_at: date | None = None
    paid_cents: int | None = None
    released_at: datetime | None = None
    layout_sha256: str | None = None


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
    """What is billed once: a service's price (`service`) or its `cancellation_fee`.

    `net_cents`, what it comes to where that is known, goes with it and is no part of what it is.
    """

    service_id: str
    kind: str
    net_cents: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Planned:
    """What an export is to bill: the CSV, what it comes to, and each line with its digest.

    `planned_sha256` is the digest of the invoice, the other two that of what its document is to
    hold, without and with its texts.
    """

    csv_sha256: str
    csv_path: str
    line_count: int
    net_cents: int
    gross_cents: int
    lines: Mapping[BilledLine, str]
    planned_sha256: str | None = None
    document_sha256: str | None = None
    texts_sha256: str | None = None
    layout_sha256: str | None = None

    @property
    def columns(self) -> dict[str, object]:
        """Its columns of `exports`."""
        names = (field.name for field in fields(self))
        return {name: getattr(self, name) for name in names if name != "lines"}


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A document that the ledger did not know, or not with all that it holds.

    `lines` are all that the export holds from now on; a digest is None where what was billed is not
    known line by line. `content_sha256` is the digest of the invoice where the document says just
    that. `reason` says why it is not clear which lines it bills; with an `acceptance` they are
    those, whatever the export's state is.
    """

    document_id: int
    document_edited_at: str | None
    lines: Mapping[BilledLine, str | None]
    line_count: int
    net_cents: int
    gross_cents: int
    csv_sha256: str | None = None
    csv_path: str | None = None
    attachment_id: int | None = None
    content_sha256: str | None = None
    document_sha256: str | None = None
    layout_sha256: str | None = None
    reason: Reason | None = None
    acceptance: "Acceptance | None" = None

    @property
    def columns(self) -> dict[str, object]:
        """Its columns of `exports`, the reason's left out."""
        names = {field.name for field in fields(self)} - {"lines", "reason", "acceptance"}
        columns = {name: getattr(self, name) for name in names}
        return columns | {"planned_sha256": self.content_sha256, "replaced_attachment_id": None}

    @property
    def event(self) -> Event:
        """What happens to the export that takes it in."""
        if self.acceptance is not None:
            return Event.ACCEPTED
        return Event.TAKEN_IN if self.reason is None else Event.UNCLEAR


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that a document is the right one as it is; who, and why."""

    document_id: int
    other_document_ids: tuple[int, ...]
    reason: str
    accepted_by: str

    @property
    def columns(self) -> dict[str, object]:
        """Its columns of `acceptances`."""
        return {
            "document_id": self.document_id,
            "other_document_ids": " ".join(map(str, self.other_document_ids)),
            "reason": self.reason,
            "accepted_by": self.accepted_by,
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """A billed line's export, and the digest of what was billed (None before that was kept)."""

    export: Export
    line_sha256: str | None


@dataclass(frozen=True, slots=True)
class DraftSeen:
    """What a look found of a draft: its columns of `exports`; `finalised_at` is aware, in UTC."""

    draft_state: str | None
    invoice_number: str | None = None
    finalised_at: datetime | None = None
    due_date: date | None = None
    paid_at: date | None = None
    paid_cents: int | None = None


@dataclass(frozen=True, slots=True)
class DraftLook:
    """When the drafts were looked at last, and from which day on the next look lists edits."""

    looked_at: datetime
    edited_from: date


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
class CustomerCreation:
    """The newest attempt to create a customer in easybill, announced `at` (aware, in UTC).

    `easybill_id` is easybill's own id of the customer, known once it is created.
    """

    account: str
    customer_number: str
    state: str
    attempts: int
    easybill_id: int | None
    flow_run_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallToLog:
    """One HTTP attempt; `at` is aware, no customer number where it concerns several."""

    at: datetime
    month: str
    customer_number: str | None
    method: str
    path: str
    status: int | None
    outcome: str
    duration_ms: int
    error: str | None
    flow_run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCallRow(CallToLog):
    """The row of an HTTP attempt; `at` is in UTC."""

    id: int
    account: str
