"""What was planned, sent and answered, customer by customer: the memory between runs."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from blocks.ledger import claims, customers, logins
from blocks.ledger.call_log import CallLog
from blocks.ledger.draft_looks import DraftLooks
from blocks.ledger.fence import require_and_lock
from blocks.ledger.layouts import KeptLayouts
from blocks.ledger.planned_update import PlannedUpdate, ended_update
from blocks.ledger.protocol import (
    NO_DRAFT,
    NOTHING_TO_SEND,
    changes,
    permits,
    transition_of,
)
from blocks.ledger.records import (
    ACCEPTED,
    UNCHANGED,
    Acceptance,
    ApiCallRow,
    BilledLine,
    CallToLog,
    Claim,
    CustomerCreation,
    Export,
    Lease,
    Planned,
    Reason,
    TakenIn,
    Unchanged,
)
from blocks.ledger.request_window import RequestWindow
from blocks.ledger.statements import (
    insert_export,
    insert_exports,
    lock_export,
    numbers_with_exports,
    reason_columns,
    update_export,
    write_export,
)
from blocks.ledger.states import Event, ExportState
from blocks.ledger.tables import acceptances
from blocks.ledger.transactions import lock, writing

__all__ = [
    "ACCEPTED",
    "UNCHANGED",
    "Acceptance",
    "ApiCallRow",
    "BilledLine",
    "CallToLog",
    "Claim",
    "CustomerCreation",
    "Export",
    "Lease",
    "Ledger",
    "Planned",
    "Reason",
    "TakenIn",
    "Unchanged",
]


class Ledger(CallLog, DraftLooks, KeptLayouts):
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
        then: Event | None = None,
        flow_run_id: str | None,
    ) -> Export:
        """Say that this export is to bill exactly these lines, and claim them for it.

        Its attempts stay, its attachment where the CSV is the same. `then` is the call that is
        announced in the same transaction, as the next attempt. AlreadyBilled where another export
        holds one of the lines.
        """
        row = self._row(month, customer_number, ExportState.PLANNED, flow_run_id)
        row |= {"sequence": sequence, **planned.columns}
        with self._claiming() as connection:
            transition_of(None, Event.PLAN)
            # It is new almost always: to look first is one more way to the database.
            if fresh := insert_export(connection, row, then):
                claims.claim_lines(connection, fresh, planned.lines)
                return fresh
            found = lock_export(connection, row)
            transition_of(found, Event.PLAN)
            export = write_export(connection, found, row, then)
            claims.replace_claims(connection, export, planned.lines)
        return export

    def replan(self, export: Export, planned: Planned, *, flow_run_id: str | None) -> Export:
        """Say that the export's draft is to be updated to bill exactly these lines.

        It holds the lines that leave the draft as well, until `advance` says that the update is
        done or given up.

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
            update = PlannedUpdate.of(export, claims.held_lines(connection, export), planned)
            values["planned_update"] = update.as_json()
            replanned = update_export(connection, self.account, export, values)
            # What leaves the draft is in it until the update is known to be done.
            claims.add_claims(connection, replanned, planned.lines)
        return replanned

    def advance(
        self,
        export: Export,
        event: Event,
        *,
        then: Event | None = None,
        back_to: str | None = None,
        attachment_id: int | Unchanged | None = UNCHANGED,
        document_id: int | Unchanged | None = UNCHANGED,
        document_edited_at: str | Unchanged | None = UNCHANGED,
        replaced_attachment_id: int | Unchanged | None = UNCHANGED,
        reason: Reason | Unchanged | None = UNCHANGED,
        attempts: int | Unchanged = UNCHANGED,
        flow_run_id: str | Unchanged | None = UNCHANGED,
    ) -> Export:
        """Write what happened; LedgerConflict if anybody has changed the row since `export`.

        State, `pending` and what is known of the draft follow from the protocol; `back_to` is the
        state in which a call was announced that is known not to be done. `then` is what happens
        next, in the same transaction: for example, that the next call is announced. There, too, an
        export whose update is over holds the lines that its draft has then; one that is withdrawn
        holds none.
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
        ended, lines = ended_update(export, event)
        values: dict[str, Any] = changes(export, event, back_to) | ended | known
        if then is not None:
            values |= changes(replace(export, **values), then)
        if values["state"] == ExportState.WITHDRAWN:
            lines = {}
        if lines is None:
            with self._writing() as connection:
                return update_export(connection, self.account, export, values, self._lease)
        with self._claiming() as connection:
            advanced = update_export(connection, self.account, export, values)
            claims.replace_claims(connection, advanced, lines)
        return advanced

    def release(self, export: Export, *, released_by: str) -> Export:
        """Let the lines of a cancelled invoice be billed again; its document stays known.

        LedgerConflict if anybody has changed the row since `export`.
        """
        at = datetime.now(UTC)
        values = changes(export, Event.RELEASE) | {"released_at": at}
        with self._claiming() as connection:
            released = update_export(connection, self.account, export, values)
            claims.release_claims(connection, released, at, released_by)
        return released

    def take_in(
        self,
        month: str,
        customer_number: str,
        sequence: int,
        taken: TakenIn,
        *,
        flow_run_id: str | None,
    ) -> Export:
        """Keep a document that easybill has, and the lines that it bills.

        AlreadyBilled where another export keeps one of the lines.
        """
        key = {"month": month, "customer_number": customer_number, "sequence": sequence}
        with self._claiming() as connection:
            found = lock_export(connection, {"account": self.account, **key})
            row = self._row_taken_in(found, taken, flow_run_id) | key
            export = write_export(connection, found, row)
            claims.replace_claims(connection, export, taken.lines)
            if taken.acceptance is not None:
                now, whose = datetime.now(UTC), {"account": self.account, "month": month}
                row = whose | taken.acceptance.columns | {"at": now, "flow_run_id": flow_run_id}
                connection.execute(insert(acceptances), row | {"customer_number": customer_number})
        return export

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
        with self._claiming() as connection:
            return self._write_without_lines(connection, row | reason_columns(reason), Event.FAIL)

    def skip(
        self, month: str, customer_numbers: Collection[str], *, flow_run_id: str | None
    ) -> None:
        """Say that these customers have nothing to bill; leaves alone what was planned or sent."""
        if not customer_numbers:
            return
        rows = {
            number: self._row(month, number, ExportState.SKIPPED, flow_run_id)
            for number in sorted(set(customer_numbers))
        }
        with self._claiming() as connection:
            known = numbers_with_exports(connection, self.account, month)
            fresh = [row for number, row in rows.items() if number not in known]
            transition_of(None, Event.SKIP)
            insert_exports(connection, fresh)
            for number in sorted(known & rows.keys()):
                self._write_without_lines(connection, rows[number], Event.SKIP)

    def announce_customer(
        self,
        customer_number: str,
        *,
        instead_of: CustomerCreation | None = None,
        flow_run_id: str | None,
    ) -> CustomerCreation | None:
        """Say that this run is about to create the customer; None where another one is, or was.

        `instead_of` takes the creation over if it still is as it was read: look into easybill
        first, when a call that was lost can't take effect any more. One not done is free.
        """
        with self._fenced() as connection:
            return customers.announce_creation(
                connection, self.account, customer_number, instead_of, flow_run_id
            )

    def settle_customer(self, creation: CustomerCreation, easybill_id: int | None) -> None:
        """Say that the customer is created, or (None) certainly not; also when the lease is lost.

        What another run has taken over stays as it is.
        """
        with writing(self._engine) as connection:
            customers.settle_creation(connection, creation, easybill_id)

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
        name = f"claims of {self.account}"
        with self._writing() as connection:
            if self._lease is None:
                lock(connection, name)
            else:
                require_and_lock(connection, self._lease, name)
            yield connection

    def _write_without_lines(
        self, connection: Connection, row: Mapping[str, Any], event: Event
    ) -> Export | None:
        """Write an export without lines; None where the protocol does not permit it."""
        found = lock_export(connection, row)
        if not permits(found, event):
            return None
        export = write_export(connection, found, row)
        if found is not None:
            claims.free_claims(connection, self.account, [export.id])
        return export

    def _row_taken_in(
        self, found: Export | None, taken: TakenIn, flow_run_id: str | None
    ) -> dict[str, object]:
        """The columns of an export that is taken in; its key is still to be set."""
        state = transition_of(found, taken.event).to or ExportState.DELIVERED
        row = self._row("", "", state, flow_run_id)
        return row | taken.columns | reason_columns(taken.reason)

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
