"""What was planned, sent and answered, customer by customer: the memory between runs."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert

from blocks.ledger import logins
from blocks.ledger.leasing import LeasedLedger
from blocks.ledger.planning import (
    advance_export,
    give_up_exports,
    plan_export,
    replan_export,
    withdraw_export,
)
from blocks.ledger.records import (
    UNCHANGED,
    ApiCallRow,
    BilledLine,
    Claim,
    Export,
    Lease,
    Unchanged,
)
from blocks.ledger.request_window import RequestWindow
from blocks.ledger.statements import storable
from blocks.ledger.states import ExportState
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
    "Unchanged",
]

NOTHING_TO_SEND = {
    "csv_sha256": None,
    "csv_path": None,
    "line_count": 0,
    "net_cents": 0,
    "gross_cents": 0,
    "content_sha256": None,
}


class Ledger(LeasedLedger):
    """The ledger of one easybill account; thread safe.

    Each method is one short transaction, durable when it returns and without effect when it
    raises: LedgerUnavailable where the database does not answer, LedgerError where it refuses.
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
        content_sha256: str | None = None,
    ) -> Export:
        """Say that this export is to bill exactly these lines, and claim them for it.

        Each line with a digest of what is billed for it, `content_sha256` that of the invoice.
        An export without a document is planned anew, whatever its state: look first whether a
        call of the earlier plan got through. Its attempts stay, its attachment where the CSV is
        the same. LedgerConflict where it has a document, AlreadyBilled where another export
        holds one of the lines.
        """
        row = self._row(month, customer_number, ExportState.PLANNED, flow_run_id) | {
            "sequence": sequence,
            "csv_sha256": csv_sha256,
            "csv_path": csv_path,
            "line_count": line_count,
            "net_cents": net_cents,
            "gross_cents": gross_cents,
            "content_sha256": content_sha256,
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
        content_sha256: str | None,
        lines: Mapping[BilledLine, str],
        flow_run_id: str | None,
    ) -> Export:
        """Say that the export's draft is to be updated to bill exactly these lines.

        It holds the lines that leave the draft as well, until `advance` says with `lines` that the
        update is done.

        Where the CSV is another, the attachment becomes `replaced_attachment_id`; if an earlier
        one still stands there, delete `export.attachment_id` yourself. LedgerConflict if anybody
        has changed the row since `export` or it has no document, AlreadyBilled as in `plan`.
        """
        values = {
            "state": str(ExportState.PLANNED),
            "csv_sha256": csv_sha256,
            "csv_path": csv_path,
            "line_count": line_count,
            "net_cents": net_cents,
            "gross_cents": gross_cents,
            "content_sha256": content_sha256,
            "error": None,
            "flow_run_id": flow_run_id,
        }
        with self._fenced() as connection:
            return replan_export(connection, self.account, export, values, lines)

    def advance(
        self,
        export: Export,
        state: str,
        *,
        attachment_id: int | Unchanged | None = UNCHANGED,
        document_id: int | Unchanged | None = UNCHANGED,
        error: str | Unchanged | None = UNCHANGED,
        attempts: int | Unchanged = UNCHANGED,
        flow_run_id: str | Unchanged | None = UNCHANGED,
        document_edited_at: str | Unchanged | None = UNCHANGED,
        content_sha256: str | Unchanged | None = UNCHANGED,
        replaced_attachment_id: int | Unchanged | None = UNCHANGED,
        lines: Mapping[BilledLine, str] | None = None,
    ) -> Export:
        """Write the next state; LedgerConflict if anybody has changed the row since `export`.

        With `lines`, in the same transaction: the export holds exactly these from now on.
        """
        values: dict[str, object] = {
            "state": str(state),
            "attachment_id": attachment_id,
            "document_id": document_id,
            "error": error if isinstance(error, Unchanged) else storable(error),
            "attempts": attempts,
            "flow_run_id": flow_run_id,
            "document_edited_at": document_edited_at,
            "content_sha256": content_sha256,
            "replaced_attachment_id": replaced_attachment_id,
        }
        changed = {name: value for name, value in values.items() if value is not UNCHANGED}
        with self._fenced() as connection:
            return advance_export(connection, self.account, export, changed, lines)

    def withdraw(self, export: Export) -> Export:
        """Forget the draft that was deleted in easybill and free its lines.

        LedgerConflict if anybody has changed the row since `export`. It may be planned again.
        """
        with self._fenced() as connection:
            return withdraw_export(connection, self.account, export)

    def fail(
        self, month: str, customer_number: str, *, error: str, flow_run_id: str | None
    ) -> Export | None:
        """Say why a customer got no CSV and no call; its first export then holds no lines.

        Only where that export is new, planned, failed or skipped, and has no document. Otherwise
        the row tells of what was sent and stays as it is: the answer is None, and the caller
        has to report the reason itself.
        """
        row = self._row(month, customer_number, ExportState.FAILED, flow_run_id)
        rows = [row | {"error": storable(error)}]
        with self._fenced() as connection:
            failed = give_up_exports(
                connection,
                self.account,
                rows,
                [ExportState.PLANNED, ExportState.FAILED, ExportState.SKIPPED],
            )
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
            give_up_exports(
                connection, self.account, rows, [ExportState.FAILED, ExportState.SKIPPED]
            )

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
            "error": None,
            "flow_run_id": flow_run_id,
            "document_edited_at": None,
            **NOTHING_TO_SEND,
        }
