"""What was planned, sent and answered, customer by customer: the memory between runs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, insert, or_

from blocks.ledger import logins
from blocks.ledger.claims import add_claims, free_claims, replace_claims
from blocks.ledger.leases import LeasedLedger
from blocks.ledger.protocol import NO_DRAFT, changes, states_before, transition_of
from blocks.ledger.records import (
    UNCHANGED,
    ApiCallRow,
    BilledLine,
    Claim,
    Export,
    Lease,
    Planned,
    Reason,
    Unchanged,
)
from blocks.ledger.request_window import RequestWindow
from blocks.ledger.statements import (
    lock_export,
    reason_columns,
    storable,
    update_export,
    upsert_exports,
)
from blocks.ledger.states import Event, ExportState
from blocks.ledger.tables import api_calls, exports
from blocks.ledger.transactions import lock, writing

__all__ = [
    "UNCHANGED",
    "ApiCallRow",
    "BilledLine",
    "Claim",
    "Export",
    "Lease",
    "Ledger",
    "Planned",
    "Reason",
    "Unchanged",
]

NOTHING_TO_SEND = {
    "csv_sha256": None,
    "csv_path": None,
    "line_count": 0,
    "net_cents": 0,
    "gross_cents": 0,
    "planned_sha256": None,
}


class Ledger(LeasedLedger):
    """The ledger of one easybill account; thread safe.

    Each method is one short transaction, durable when it returns and without effect when it
    raises: LedgerUnavailable where the database does not answer, LedgerError where it refuses,
    NotPermitted where the protocol of an export does.
    """

    def plan(
        self,
        month: str,
        customer_number: str,
        sequence: int,
        planned: Planned,
        *,
        flow_run_id: str | None,
    ) -> Export:
        """Say that this export is to bill exactly these lines, and claim them for it.

        Its attempts stay, its attachment where the CSV is the same. AlreadyBilled where another
        export holds one of the lines.
        """
        row = self._row(month, customer_number, ExportState.PLANNED, flow_run_id)
        row |= {"sequence": sequence, **planned.columns}
        with self._claiming() as connection:
            transition_of(lock_export(connection, row), Event.PLAN)
            (export,) = upsert_exports(connection, [row], only=exports.c.document_id.is_(None))
            replace_claims(connection, export, planned.lines)
        return export

    def replan(self, export: Export, planned: Planned, *, flow_run_id: str | None) -> Export:
        """Say that the export's draft is to be updated to bill exactly these lines.

        It holds the lines that leave the draft as well, until `advance` says with `lines` that the
        update is done.

        Where the CSV is another, the attachment becomes `replaced_attachment_id`; if there is an
        earlier one already, delete `export.attachment_id` yourself. LedgerConflict if anybody has
        changed the row since `export`, AlreadyBilled as in `plan`.
        """
        values = changes(export, Event.PLAN_UPDATE) | planned.columns | reason_columns(None)
        values["flow_run_id"] = flow_run_id
        if planned.csv_sha256 != export.csv_sha256:
            values["attachment_id"] = None
            if export.replaced_attachment_id is None:
                values["replaced_attachment_id"] = export.attachment_id
        with self._claiming() as connection:
            replanned = update_export(connection, self.account, export, values)
            # What leaves the draft is in it until the update is known to be done.
            add_claims(connection, replanned, planned.lines)
        return replanned

    def advance(
        self,
        export: Export,
        event: Event,
        *,
        back_to: str | None = None,
        attachment_id: int | Unchanged | None = UNCHANGED,
        document_id: int | Unchanged | None = UNCHANGED,
        document_edited_at: str | Unchanged | None = UNCHANGED,
        replaced_attachment_id: int | Unchanged | None = UNCHANGED,
        reason: Reason | Unchanged | None = UNCHANGED,
        attempts: int | Unchanged = UNCHANGED,
        flow_run_id: str | Unchanged | None = UNCHANGED,
        lines: Mapping[BilledLine, str] | None = None,
    ) -> Export:
        """Write what happened; LedgerConflict if anybody has changed the row since `export`.

        State, `pending` and what is known of the draft follow from the protocol; `back_to` is the
        state in which a call was announced that is known not to be done. With `lines`, in the same
        transaction: the export holds exactly these from now on; one that is withdrawn holds none.
        """
        given: dict[str, object] = {
            "attachment_id": attachment_id,
            "document_id": document_id,
            "document_edited_at": document_edited_at,
            "replaced_attachment_id": replaced_attachment_id,
            "attempts": attempts,
            "flow_run_id": flow_run_id,
        }
        if not isinstance(reason, Unchanged):
            given |= reason_columns(reason)
        known = {name: value for name, value in given.items() if value is not UNCHANGED}
        values = changes(export, event, back_to) | known
        if values["state"] == ExportState.WITHDRAWN:
            lines = {}
        if lines is None:
            with self._fenced() as connection:
                return update_export(connection, self.account, export, values)
        with self._claiming() as connection:
            advanced = update_export(connection, self.account, export, values)
            replace_claims(connection, advanced, lines)
        return advanced

    def fail(
        self,
        month: str,
        customer_number: str,
        *,
        reason: Reason,
        flow_run_id: str | None,
    ) -> Export | None:
        """Say why a customer got no CSV and no call; its first export then holds no lines.

        Where the protocol does not permit it, the row tells of what was sent and stays as it is:
        the answer is None, and the caller has to report the reason itself.
        """
        row = self._row(month, customer_number, ExportState.FAILED, flow_run_id)
        rows = [row | reason_columns(reason)]
        failed = self._write_without_lines(rows, Event.FAIL)
        return failed[0] if failed else None

    def skip(
        self, month: str, customer_numbers: Collection[str], *, flow_run_id: str | None
    ) -> None:
        """Say that these customers have nothing to bill; leaves alone what was planned or sent."""
        rows = [
            self._row(month, customer_number, ExportState.SKIPPED, flow_run_id)
            for customer_number in sorted(set(customer_numbers))
        ]
        if rows:
            self._write_without_lines(rows, Event.SKIP)

    def record_call(
        self,
        *,
        at: datetime,
        month: str,
        customer_number: str | None,
        method: str,
        path: str,
        status: int | None,
        outcome: str,
        duration_ms: int,
        error: str | None,
        flow_run_id: str | None,
    ) -> None:
        """Append one HTTP attempt; `at` aware, no customer number where it concerns several."""
        row = {
            "at": at,
            "account": self.account,
            "month": month,
            "customer_number": customer_number,
            "method": method,
            "path": path,
            "status": status,
            "outcome": outcome,
            "duration_ms": duration_ms,
            "error": storable(error),
            "flow_run_id": flow_run_id,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(api_calls), row)

    def recognise_logins(self, login_ids: Collection[int]) -> None:
        """Keep the key's logins; AccountMismatch where the account is known by other ones only."""
        with writing(self._engine) as connection:
            logins.recognise_logins(connection, self.account, login_ids)

    def request_window(self, limit: int, seconds: float) -> RequestWindow:
        """Return the window that lets `limit` requests of this account through in any `seconds`.

        All processes that open this account of this ledger share it.
        """
        return RequestWindow(self._engine, self.account, limit, seconds)

    @contextmanager
    def _claiming(self) -> Iterator[Connection]:
        """One transaction that writes claims; two at once could want each other's lines."""
        with self._fenced() as connection:
            lock(connection, f"claims of {self.account}")
            yield connection

    def _write_without_lines(self, rows: Sequence[dict[str, object]], event: Event) -> list[Export]:
        """Write exports without lines: new ones, and those to which the event may happen."""
        # Not IN: its list of parameters can't be bound for many rows at once.
        may_be = or_(*(exports.c.state == str(state) for state in states_before(event)))
        only = exports.c.document_id.is_(None) & may_be
        with self._claiming() as connection:
            written = upsert_exports(connection, rows, only=only)
            free_claims(connection, self.account, [export.id for export in written])
        return written

    def _row(
        self, month: str, customer_number: str, state: ExportState, flow_run_id: str | None
    ) -> dict[str, object]:
        return {
            "account": self.account,
            "month": month,
            "customer_number": customer_number,
            "sequence": 1,
            "state": str(state),
            "pending": None,
            "flow_run_id": flow_run_id,
            **reason_columns(None),
            **NO_DRAFT,
            **NOTHING_TO_SEND,
        }
