"""What was planned, sent and answered, customer by customer: the memory between runs."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert

from blocks.ledger import logins
from blocks.ledger.leases import LeasedLedger
from blocks.ledger.planning import advance_export, give_up_exports, plan_export, replan_export
from blocks.ledger.protocol import NO_DRAFT, changes
from blocks.ledger.records import (
    UNCHANGED,
    ApiCallRow,
    BilledLine,
    Claim,
    Export,
    Lease,
    Reason,
    Unchanged,
)
from blocks.ledger.request_window import RequestWindow
from blocks.ledger.statements import reason_columns, storable
from blocks.ledger.states import Event, ExportState
from blocks.ledger.tables import api_calls
from blocks.ledger.transactions import writing

__all__ = [
    "UNCHANGED",
    "ApiCallRow",
    "BilledLine",
    "Claim",
    "Export",
    "Lease",
    "Ledger",
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
        *,
        csv_sha256: str,
        csv_path: str,
        line_count: int,
        net_cents: int,
        gross_cents: int,
        lines: Mapping[BilledLine, str],
        flow_run_id: str | None,
        planned_sha256: str | None = None,
    ) -> Export:
        """Say that this export is to bill exactly these lines, and claim them for it.

        Each line with a digest of what is billed for it, `planned_sha256` that of the invoice.
        Its attempts stay, its attachment where the CSV is the same. AlreadyBilled where another
        export holds one of the lines.
        """
        row = self._row(month, customer_number, ExportState.PLANNED, flow_run_id) | {
            "sequence": sequence,
            "csv_sha256": csv_sha256,
            "csv_path": csv_path,
            "line_count": line_count,
            "net_cents": net_cents,
            "gross_cents": gross_cents,
            "planned_sha256": planned_sha256,
        }
        with self._fenced() as connection:
            return plan_export(connection, row, lines)

    def replan(
        self,
        export: Export,
        *,
        csv_sha256: str,
        csv_path: str,
        line_count: int,
        net_cents: int,
        gross_cents: int,
        planned_sha256: str | None,
        lines: Mapping[BilledLine, str],
        flow_run_id: str | None,
    ) -> Export:
        """Say that the export's draft is to be updated to bill exactly these lines.

        It holds the lines that leave the draft as well, until `advance` says with `lines` that the
        update is done.

        Where the CSV is another, the attachment becomes `replaced_attachment_id`; if there is an
        earlier one already, delete `export.attachment_id` yourself. LedgerConflict if anybody has
        changed the row since `export`, AlreadyBilled as in `plan`.
        """
        values = {
            **changes(export, Event.PLAN_UPDATE),
            "csv_sha256": csv_sha256,
            "csv_path": csv_path,
            "line_count": line_count,
            "net_cents": net_cents,
            "gross_cents": gross_cents,
            "planned_sha256": planned_sha256,
            "flow_run_id": flow_run_id,
            **reason_columns(None),
        }
        with self._fenced() as connection:
            return replan_export(connection, self.account, export, values, lines)

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
        with self._fenced() as connection:
            return advance_export(connection, self.account, export, values, lines)

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
        with self._fenced() as connection:
            failed = give_up_exports(connection, self.account, rows, Event.FAIL)
        return failed[0] if failed else None

    def skip(
        self, month: str, customer_numbers: Collection[str], *, flow_run_id: str | None
    ) -> None:
        """Say that these customers have nothing to bill; leaves alone what was planned or sent."""
        rows = [
            self._row(month, customer_number, ExportState.SKIPPED, flow_run_id)
            for customer_number in sorted(set(customer_numbers))
        ]
        if not rows:
            return
        with self._fenced() as connection:
            give_up_exports(connection, self.account, rows, Event.SKIP)

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
