"""Writes to `exports` that change which lines an export holds: both in the same transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, or_

from blocks.ledger.claims import add_claims, free_claims, replace_claims, take_turn_claiming
from blocks.ledger.protocol import states_before, transition_of
from blocks.ledger.records import BilledLine, Export
from blocks.ledger.statements import lock_export, update_export, upsert_exports
from blocks.ledger.states import Event
from blocks.ledger.tables import exports


def plan_export(
    connection: Connection, row: dict[str, object], lines: Mapping[BilledLine, str]
) -> Export:
    """Write the export, new or without a document, and claim its lines."""
    take_turn_claiming(connection, str(row["account"]))
    transition_of(lock_export(connection, row), Event.PLAN)
    (planned,) = upsert_exports(connection, [row], only=exports.c.document_id.is_(None))
    replace_claims(connection, planned, lines)
    return planned


def replan_export(
    connection: Connection,
    account: str,
    export: Export,
    values: Mapping[str, object],
    lines: Mapping[BilledLine, str],
) -> Export:
    """Write what the export's draft is to become, and claim the lines that it gets."""
    attachments: dict[str, object] = {}
    if values["csv_sha256"] != export.csv_sha256:
        attachments["attachment_id"] = None
        if export.replaced_attachment_id is None:
            attachments["replaced_attachment_id"] = export.attachment_id
    take_turn_claiming(connection, account)
    planned = update_export(connection, account, export, {**values, **attachments})
    # What leaves the draft is in it until the update is known to be done.
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


def give_up_exports(
    connection: Connection, account: str, rows: Sequence[dict[str, object]], event: Event
) -> list[Export]:
    """Write exports without lines: new ones, and those to which the event may happen."""
    # Not IN: its list of parameters can't be bound for many rows at once.
    may_be = or_(*(exports.c.state == str(state) for state in states_before(event)))
    only = exports.c.document_id.is_(None) & may_be
    take_turn_claiming(connection, account)
    written = upsert_exports(connection, rows, only=only)
    free_claims(connection, account, [export.id for export in written])
    return written
