"""Writes to `exports` that change which lines an export holds: both in the same transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, or_

from blocks.ledger.claims import add_claims, free_claims, replace_claims, take_turn_claiming
from blocks.ledger.errors import LedgerConflict
from blocks.ledger.records import BilledLine, Export
from blocks.ledger.statements import update_export, upsert_exports
from blocks.ledger.states import ExportState
from blocks.ledger.tables import exports

FORGOTTEN_DRAFT = {
    "document_id": None,
    "document_edited_at": None,
    "attachment_id": None,
    "replaced_attachment_id": None,
}


def plan_export(
    connection: Connection, row: dict[str, object], lines: Mapping[BilledLine, str]
) -> Export:
    """Write the export, new or without a document, and claim its lines."""
    take_turn_claiming(connection, str(row["account"]))
    planned = upsert_exports(connection, [row], only=exports.c.document_id.is_(None))
    if not planned:
        raise LedgerConflict(
            f"Export {row['sequence']} of customer {row['customer_number']} for {row['month']} "
            "already has a draft in easybill; it can't be planned anew. Read it again before "
            "going on."
        )
    replace_claims(connection, planned[0], lines)
    return planned[0]


def replan_export(
    connection: Connection,
    account: str,
    export: Export,
    values: Mapping[str, object],
    lines: Mapping[BilledLine, str],
) -> Export:
    """Write what the export's draft is to become, and claim the lines that it gets."""
    if export.document_id is None:
        raise LedgerConflict(
            f"Export {export.sequence} of customer {export.customer_number} for {export.month} "
            "has no draft that could be updated; plan it instead."
        )
    attachments: dict[str, object] = {}
    if values["csv_sha256"] != export.csv_sha256:
        attachments["attachment_id"] = None
        if export.replaced_attachment_id is None:
            attachments["replaced_attachment_id"] = export.attachment_id
    take_turn_claiming(connection, account)
    planned = update_export(connection, account, export, {**values, **attachments})
    # What leaves the draft stands in it until the update is known to be done.
    add_claims(connection, planned, lines)
    return planned


def advance_export(
    connection: Connection,
    account: str,
    export: Export,
    values: Mapping[str, object],
    lines: Mapping[BilledLine, str] | None,
) -> Export:
    """Write the export's next state, and with `lines` that it holds exactly these."""
    if lines is None:
        return update_export(connection, account, export, values)
    take_turn_claiming(connection, account)
    advanced = update_export(connection, account, export, values)
    replace_claims(connection, advanced, lines)
    return advanced


def withdraw_export(connection: Connection, account: str, export: Export) -> Export:
    """Forget the export's draft and free its lines."""
    take_turn_claiming(connection, account)
    values = {"state": str(ExportState.WITHDRAWN), **FORGOTTEN_DRAFT}
    withdrawn = update_export(connection, account, export, values)
    free_claims(connection, account, [withdrawn.id])
    return withdrawn


def give_up_exports(
    connection: Connection,
    account: str,
    rows: Sequence[dict[str, object]],
    replaceable: Sequence[ExportState],
) -> list[Export]:
    """Write exports without lines: new ones, and those in these states without a document."""
    # Not IN: its list of parameters can't be bound for many rows at once.
    in_state = or_(*(exports.c.state == str(state) for state in replaceable))
    only = exports.c.document_id.is_(None) & in_state
    take_turn_claiming(connection, account)
    written = upsert_exports(connection, rows, only=only)
    free_claims(connection, account, [export.id for export in written])
    return written
