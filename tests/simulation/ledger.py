"""The ledger as a process of a story meets it: the contract of the real one, in memory."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Self, TypeVar

from blocks.ledger.errors import AccountMismatch
from blocks.ledger.ledger import UNCHANGED, Planned, Reason, TakenIn
from blocks.ledger.planned_update import PlannedUpdate, ended_update
from blocks.ledger.protocol import NO_DRAFT, NOTHING_TO_SEND, changes, permits, transition_of
from blocks.ledger.records import (
    ApiCallRow,
    BilledLine,
    Claim,
    CustomerTotals,
    Export,
    Lease,
)
from blocks.ledger.statements import reason_columns
from blocks.ledger.states import Event, ExportState
from tests.simulation.ledger_calls import SimCallLog
from tests.simulation.ledger_customers import SimCreations
from tests.simulation.ledger_looks import SimLooks
from tests.simulation.ledger_tables import Key, LedgerTables, key_of
from tests.simulation.paths import path_of

Answer = TypeVar("Answer")
# What is done around each transaction: it takes time, may fail, or be the last of its process.
Around = Callable[[str, Callable[[], Any]], Any]


def _at_once(_: str, act: Callable[[], Any]) -> Any:
    return act()


class SimLedger(SimCallLog, SimLooks, SimCreations):
    """Every method of `Ledger`, none of its database."""

    def __init__(
        self,
        tables: LedgerTables,
        now: Callable[[], datetime],
        around: Around = _at_once,
        lease: Lease | None = None,
        *,
        writer: str = "",
    ) -> None:
        self.account = tables.account
        self._tables = tables
        self._now = now
        self._around = around
        self._lease = lease
        self._writer = writer

    def under(self, lease: Lease) -> Self:
        return type(self)(self._tables, self._now, self._around, lease, writer=self._writer)

    def exports(self, month: str) -> list[Export]:
        return self._read("exports", lambda: self._tables.month(month))

    def find_export(self, month: str, customer_number: str, sequence: int) -> Export | None:
        key = (month, customer_number, sequence)
        return self._read("find_export", lambda: self._tables.exports.get(key))

    def find_draft(self, document_id: int) -> Export | None:
        rows = self._tables.exports.values()
        return self._read(
            "find_draft", lambda: next((e for e in rows if e.document_id == document_id), None)
        )

    def months_before(self, month: str) -> list[str]:
        return self._read(
            "months_before", lambda: sorted({k[0] for k in self._tables.exports if k[0] < month})
        )

    def totals_before(self, month: str, months: int) -> list[CustomerTotals]:
        return self._read("totals_before", lambda: self._tables.totals_before(month, months))

    def billed_lines(self, lines: Collection[BilledLine]) -> dict[BilledLine, Claim]:
        rows = self._tables
        return self._read(
            "billed_lines",
            lambda: {line: rows.claim_of(line) for line in lines if line in rows.claims},
        )

    def claims_of(self, month: str) -> dict[BilledLine, Claim]:
        rows = self._tables
        return self._read(
            "claims_of",
            lambda: {
                line: rows.claim_of(line) for line, (k, _) in rows.claims.items() if k[0] == month
            },
        )

    def lines_of(self, export: Export) -> frozenset[BilledLine]:
        key = key_of(export)
        return self._read(
            "lines_of",
            lambda: frozenset(line for line, (k, _) in self._tables.claims.items() if k == key),
        )

    def read_lease(self, month: str) -> Lease | None:
        return self._read("read_lease", lambda: self._tables.leases.get(month))

    def calls(self, month: str) -> list[ApiCallRow]:
        return self._read("calls", lambda: [r for r in self._tables.calls if r.month == month])

    def known_logins(self) -> list[int]:
        return self._read("known_logins", lambda: sorted(self._tables.logins))

    def take_lease(
        self, month: str, holder: str, seconds: int, *, instead_of: Lease | None = None
    ) -> Lease | None:
        return self._read(
            f"take_lease {month}",
            lambda: self._tables.take_lease(month, holder, seconds, self._now(), instead_of),
        )

    def renew_lease(self, lease: Lease) -> Lease:
        def renew() -> Lease:
            self._tables.require_lease(lease)
            row = self._tables.leases[lease.month]
            renewed = replace(row, renewals=row.renewals + 1, renewed_at=self._now())
            self._tables.leases[lease.month] = renewed
            return renewed

        return self._read("renew_lease", renew)

    def release_lease(self, lease: Lease) -> None:
        def give_back() -> None:
            row = self._tables.leases.get(lease.month)
            if row is not None and row.token == lease.token:
                self._tables.leases[lease.month] = replace(row, held=False)

        self._read("release_lease", give_back)

    def require_lease(self) -> None:
        self._read("require_lease", self._require)

    def plan(
        self,
        month: str,
        customer_number: str,
        sequence: int,
        planned: Planned,
        *,
        then: Event | None = None,
        flow_run_id: str | None,
    ) -> Export:
        key = (month, customer_number, sequence)
        values = self._values(
            state=str(ExportState.PLANNED), flow_run_id=flow_run_id, **planned.columns
        )

        def write() -> Export:
            path = path_of(self._tables.exports.get(key), Event.PLAN)
            self._tables.make_free(key, planned.lines)
            self._tables.paths.add(path)
            export = self._tables.upsert(*key, {**values, "updated_at": self._now()})
            if then is not None:
                self._tables.paths.add(path_of(export, then))
                announced = changes(export, then) | {"attempts": export.attempts + 1}
                export = self._tables.update(export, self._now(), announced)
            self._tables.claim(key, planned.lines)
            return export

        return self._write(f"plan {key}", month, write)

    def replan(self, export: Export, planned: Planned, *, flow_run_id: str | None) -> Export:
        values: dict[str, object] = {
            **changes(export, Event.PLAN_UPDATE),
            **planned.columns,
            "flow_run_id": flow_run_id,
            **reason_columns(None),
        }
        if planned.csv_sha256 != export.csv_sha256:
            values["attachment_id"] = None
            if export.replaced_attachment_id is None:
                values["replaced_attachment_id"] = export.attachment_id

        def write() -> Export:
            self._tables.require_unchanged(export)
            self._tables.make_free(key_of(export), planned.lines)
            held = self._tables.held(key_of(export))
            values["planned_update"] = PlannedUpdate.of(export, held, planned).as_json()
            replanned = self._tables.update(export, self._now(), values)
            self._tables.claim_more(key_of(export), planned.lines)
            self._tables.paths.add(path_of(export, Event.PLAN_UPDATE))
            return replanned

        return self._write(f"replan {key_of(export)}", export.month, write)

    def advance(
        self,
        export: Export,
        event: Event,
        *,
        then: Event | None = None,
        back_to: str | None = None,
        **given: Any,
    ) -> Export:
        known = {name: value for name, value in given.items() if value is not UNCHANGED}
        if "reason" in known:
            known |= reason_columns(known.pop("reason"))
        ended, lines = ended_update(export, event)
        values: dict[str, Any] = changes(export, event, back_to) | ended | known
        after = replace(export, **values)
        if then is not None:
            values |= changes(after, then)
        if values["state"] == ExportState.WITHDRAWN:
            lines = {}

        def write() -> Export:
            self._tables.require_unchanged(export)
            self._tables.make_free(key_of(export), lines or {})
            advanced = self._tables.update(export, self._now(), values)
            self._tables.paths.add(path_of(export, event))
            if then is not None:
                self._tables.paths.add(path_of(after, then))
            if lines is not None:
                self._tables.claim(key_of(export), lines)
            return advanced

        return self._write(f"{event} {key_of(export)}", export.month, write)

    def take_in(
        self,
        month: str,
        customer_number: str,
        sequence: int,
        taken: TakenIn,
        *,
        flow_run_id: str | None,
    ) -> Export:
        key = (month, customer_number, sequence)

        def write() -> Export:
            found = self._tables.exports.get(key)
            state = str(transition_of(found, taken.event).to)
            self._tables.paths.add(path_of(found, taken.event))
            self._tables.make_free(key, taken.lines)
            values = self._values(state=state, flow_run_id=flow_run_id)
            values |= taken.columns | reason_columns(taken.reason)
            if found is None:
                rest = {name: value for name, value in values.items() if name != "attachment_id"}
                found = self._tables.upsert(*key, {**rest, "updated_at": self._now()})
            export = self._tables.update(found, self._now(), values)
            self._tables.claim(key, taken.lines)
            if taken.acceptance is not None:
                self._tables.left_out[month] |= frozenset(taken.acceptance.other_document_ids)
            return export

        return self._write(f"{taken.event} {key}", month, write)

    def left_out(self, month: str) -> frozenset[int]:
        return self._read("left_out", lambda: self._tables.left_out[month])

    def fail(
        self,
        month: str,
        customer_number: str,
        *,
        reason: Reason,
        flow_run_id: str | None,
    ) -> Export | None:
        columns = reason_columns(reason)
        values = self._values(state=str(ExportState.FAILED), flow_run_id=flow_run_id, **columns)
        return self._write(
            f"fail {customer_number}",
            month,
            lambda: self._give_up((month, customer_number, 1), values, Event.FAIL),
        )

    def skip(
        self, month: str, customer_numbers: Collection[str], *, flow_run_id: str | None
    ) -> None:
        values = self._values(state=str(ExportState.SKIPPED), flow_run_id=flow_run_id)

        def write() -> None:
            for number in sorted(set(customer_numbers)):
                self._give_up((month, number, 1), values, Event.SKIP)

        if customer_numbers:
            self._write(f"skip {len(customer_numbers)} customers", month, write)

    def recognise_logins(self, login_ids: Collection[int]) -> None:
        known, given = self._tables.logins, set(login_ids)

        def recognise() -> None:
            if not given or (known and not known & given):
                raise AccountMismatch("This easybill key belongs to another account.")
            known.update(given)

        self._read("recognise_logins", recognise)

    def _values(self, *, state: str, flow_run_id: str | None, **given: object) -> dict[str, object]:
        always = {"pending": None, "flow_run_id": flow_run_id, **reason_columns(None)}
        return {**NOTHING_TO_SEND, **NO_DRAFT, **always, "state": state, **given}

    def _give_up(self, key: Key, values: Mapping[str, object], event: Event) -> Export | None:
        if not permits(self._tables.exports.get(key), event):
            return None
        self._tables.paths.add(path_of(self._tables.exports.get(key), event))
        written = self._tables.upsert(*key, {**values, "updated_at": self._now()})
        self._tables.free([key])
        return written

    def _read(self, label: str, act: Callable[[], Answer]) -> Answer:
        return self._around(label, act)  # type: ignore[no-any-return]

    def _require(self) -> None:
        if self._lease is not None:
            self._tables.require_lease(self._lease)

    def _write(self, label: str, month: str, act: Callable[[], Answer]) -> Answer:
        def fenced() -> Answer:
            self._require()
            answer = act()
            self._tables.note_writer(self._writer, month, label)
            self._log_waiting()
            return answer

        return self._read(label, fenced)
