"""The ledger's rows, in memory; all processes of a story share them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from blocks.ledger.errors import AlreadyBilled, LeaseLost, LedgerConflict
from blocks.ledger.protocol import changes, permits
from blocks.ledger.records import (
    ApiCallRow,
    BilledLine,
    CallToLog,
    Claim,
    CustomerCreation,
    CustomerTotals,
    DraftLook,
    Export,
    Lease,
)
from blocks.ledger.states import CreationState, Event
from tests.simulation.paths import MONTH_TAKEN_OVER, path_of
from tests.simulation.timeline import MICROSECOND

Key = tuple[str, str, int]


@dataclass(slots=True)
class LedgerTables:
    """What is in the ledger of one account; each method is all or nothing."""

    account: str = "main"
    exports: dict[Key, Export] = field(default_factory=dict)
    claims: dict[BilledLine, tuple[Key, str | None]] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    calls: list[ApiCallRow] = field(default_factory=list)
    # What each customer's calls wait in until the next write.
    unlogged: list[list[CallToLog]] = field(default_factory=list)
    logins: set[int] = field(default_factory=set)
    left_out: defaultdict[str, frozenset[int]] = field(
        default_factory=lambda: defaultdict(frozenset)
    )
    creations: dict[str, CustomerCreation] = field(default_factory=dict)
    layouts: dict[str, str] = field(default_factory=dict)
    looks: dict[str, DraftLook] = field(default_factory=dict)
    intrusions: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def copied(self) -> tuple[dict[str, Any], ...]:
        """What is in the ledger now."""
        return ({name: copy(kept) for name, kept in self._kept().items()},)

    def put_back(self, copies: tuple[dict[str, Any], ...]) -> None:
        """Hold what was copied; nothing, where nothing was."""
        for kept in self._kept().values():
            kept.clear()
        for copied in copies:
            for name, kept in self._kept().items():
                (kept.extend if isinstance(kept, list) else kept.update)(copied[name])

    def _kept(self) -> dict[str, Any]:
        return {
            n: getattr(self, n)
            for n in (
                *("exports", "claims", "leases", "calls", "logins", "left_out", "creations"),
                *("layouts", "looks"),
            )
        }

    def log(self, calls: Iterable[CallToLog]) -> None:
        """Append the calls."""
        for call in calls:
            given = {name: getattr(call, name) for name in CallToLog.__slots__}
            row = ApiCallRow(id=len(self.calls) + 1, account=self.account, **given)
            self.calls.append(row)

    def month(self, month: str) -> list[Export]:
        """The month's exports by customer number and sequence."""
        found = [export for export in self.exports.values() if export.month == month]
        return sorted(found, key=key_of)

    def totals_before(self, month: str, months: int) -> list[CustomerTotals]:
        """The sums of each customer's drafts, of the newest earlier months that have any."""
        drafts = [
            e
            for e in self.exports.values()
            if e.document_id is not None and e.month < month and e.draft_state != "cancelled"
        ]
        newest = sorted({export.month for export in drafts})[-months:]
        by_customer: dict[tuple[str, str], list[Export]] = defaultdict(list)
        for export in drafts:
            if export.month in newest:
                by_customer[export.month, export.customer_number].append(export)
        return [
            CustomerTotals(
                *key,
                draft_count=len(theirs),
                line_count=sum(export.line_count for export in theirs),
                net_cents=sum(export.net_cents for export in theirs),
                gross_cents=sum(export.gross_cents for export in theirs),
            )
            for key, theirs in sorted(by_customer.items())
        ]

    def upsert(
        self, month: str, customer_number: str, sequence: int, values: Mapping[str, Any]
    ) -> Export:
        """Insert the export or write it over; its attachment stays where the CSV is the same."""
        key = (month, customer_number, sequence)
        old = self.exports.get(key)
        if old is None:
            fresh = Export(
                id=len(self.exports) + 1,
                account=self.account,
                month=month,
                customer_number=customer_number,
                sequence=sequence,
                attachment_id=None,
                attempts=0,
                created_at=values["updated_at"],
                **values,
            )
        else:
            is_same = old.csv_sha256 is not None and old.csv_sha256 == values["csv_sha256"]
            kept = old.attachment_id if is_same else None
            fresh = replace(old, attachment_id=kept, **values)
        self.exports[key] = fresh
        return fresh

    def update(self, export: Export, now: datetime, values: Mapping[str, Any]) -> Export:
        """Write the values if the row is still as `export` says, else raise LedgerConflict."""
        self.require_unchanged(export)
        updated_at = max(now, export.updated_at + MICROSECOND)
        fresh = replace(self.exports[key_of(export)], updated_at=updated_at, **values)
        self.exports[key_of(export)] = fresh
        return fresh

    def require_unchanged(self, export: Export) -> None:
        """Raise LedgerConflict where anybody has changed the row since."""
        row = self.exports.get(key_of(export))
        if row is None or (row.state, row.updated_at) != (export.state, export.updated_at):
            found = "gone" if row is None else row.state
            raise LedgerConflict(
                f"Export {export.sequence} of customer {export.customer_number} for "
                f"{export.month} was read as {export.state!r}, but has changed since "
                f"(now {found!r}): another run works on it. Read it again before going on."
            )

    def make_free(self, key: Key, lines: Iterable[BilledLine]) -> None:
        """Let plans of others give the lines up; AlreadyBilled where an export keeps one."""
        held = [line for line in lines if line in self.claims and self.claims[line][0] != key]
        for line in sorted(held):
            if not permits(self.exports[self.claims[line][0]], Event.LOSE_LINES):
                raise AlreadyBilled(line.service_id, line.kind, *self.claims[line][0])
        for holder in {self.claims[line][0] for line in held}:
            export = self.exports[holder]
            self.paths.add(path_of(export, Event.LOSE_LINES))
            self.update(export, export.updated_at, changes(export, Event.LOSE_LINES))
            self.free([holder])

    def held(self, key: Key) -> dict[BilledLine, str | None]:
        """The lines that the export holds, with their digests."""
        return {line: digest for line, (holder, digest) in self.claims.items() if holder == key}

    def claim(self, key: Key, lines: Mapping[BilledLine, str | None]) -> None:
        """Give the export exactly these lines."""
        self.free([key])
        self.claim_more(key, lines)

    def claim_more(self, key: Key, lines: Mapping[BilledLine, str | None]) -> None:
        """Give the export these lines beside those it holds."""
        self.claims |= {line: (key, digest) for line, digest in lines.items()}

    def free(self, keys: Collection[Key]) -> None:
        """Let other exports bill the lines of these."""
        held = [line for line, (key, _) in self.claims.items() if key in keys]
        for line in held:
            del self.claims[line]

    def claim_of(self, line: BilledLine) -> Claim:
        """The export that holds the line, and its digest."""
        key, digest = self.claims[line]
        return Claim(self.exports[key], digest)

    def require_lease(self, lease: Lease) -> None:
        """Raise LeaseLost unless it is held."""
        row = self.leases.get(lease.month)
        if row is None or not row.held or row.token != lease.token:
            raise LeaseLost(lease.month, row.holder if row and row.held else None)

    def note_writer(self, writer: str, month: str, what: str) -> None:
        """Keep it in mind where somebody wrote to a month that was not theirs."""
        row = self.leases.get(month)
        if row is None or not row.held or row.holder != writer:
            holder = row.holder if row is not None and row.held else "nobody"
            self.intrusions.append(f"{writer} wrote {what!r} while {holder} held {month}")

    def announce_customer(
        self,
        number: str,
        instead_of: CustomerCreation | None,
        flow_run_id: str | None,
        now: datetime,
    ) -> CustomerCreation | None:
        """Say that the customer is about to be created; None where that is another's to do."""
        row = self.creations.get(number)
        read = instead_of and (instead_of.state, instead_of.attempts)
        is_free = row is None or row.state == CreationState.NOT_CREATED
        if row is not None and not is_free and read != (row.state, row.attempts):
            return None
        attempts = 1 if row is None else row.attempts + 1
        state = str(CreationState.SENDING)
        announced = CustomerCreation(self.account, number, state, attempts, None, flow_run_id, now)
        self.creations[number] = announced
        return announced

    def settle_customer(self, creation: CustomerCreation, easybill_id: int | None) -> None:
        """Say what became of it, unless another has taken it over."""
        row = self.creations[creation.customer_number]
        if (row.state, row.attempts) != (CreationState.SENDING, creation.attempts):
            return
        state = CreationState.NOT_CREATED if easybill_id is None else CreationState.CREATED
        settled = replace(row, state=str(state), easybill_id=easybill_id)
        self.creations[creation.customer_number] = settled

    def take_lease(
        self, month: str, holder: str, seconds: int, now: datetime, instead_of: Lease | None
    ) -> Lease | None:
        """Take the lease if it is free, or still as `instead_of` was read."""
        row = self.leases.get(month)
        if row is not None and row.held:
            read = instead_of and (instead_of.month, instead_of.token, instead_of.renewals)
            if read != (row.month, row.token, row.renewals):
                return None
            self.paths.add(MONTH_TAKEN_OVER)
        token = 1 if row is None else row.token + 1
        lease = Lease(self.account, month, token, holder, 0, seconds, held=True, renewed_at=now)
        self.leases[month] = lease
        return lease


def key_of(export: Export) -> Key:
    """What makes an export this one and no other."""
    return (export.month, export.customer_number, export.sequence)
