"""Statements on `exports` that PostgreSQL and SQLite share, and its rows as values."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Table,
    bindparam,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from blocks.ledger.errors import LedgerConflict
from blocks.ledger.fence import LEASE_IS_HELD, fence_of, require
from blocks.ledger.protocol import changes
from blocks.ledger.records import DraftSeen, Export, Lease, Reason
from blocks.ledger.states import Event
from blocks.ledger.tables import exports

KEY = ["account", "month", "customer_number", "sequence"]
MAX_ERROR_LENGTH = 2000
# Built once: to build a statement takes longer than to run it. An UPDATE sets what it is given.
_FIND = select(exports).where(*(exports.c[name] == bindparam(name) for name in KEY))
_LOCK = _FIND.with_for_update()
_UPDATE = (
    update(exports)
    .where(exports.c.id == bindparam("of_id"), exports.c.account == bindparam("of_account"))
    .where(exports.c.state == bindparam("in_state"))
    .where(exports.c.updated_at == bindparam("of_version"))
    # What a look at the drafts writes, which makes no new version of the row.
    .returning(*(exports.c[name] for name in DraftSeen.__dataclass_fields__))
)
_UPDATE_UNDER_LEASE = _UPDATE.where(LEASE_IS_HELD)
_COLUMNS = [column.name for column in exports.c if not column.primary_key]
_INSERT = insert(exports)
_INSERT_AND_ANSWER = _INSERT.returning(exports.c.id)
_GIVEN = {name: bindparam(f"new_{name}", type_=exports.c[name].type) for name in _COLUMNS}
_INSERT_IF_NEW = _INSERT.from_select(
    _COLUMNS,
    select(*_GIVEN.values()).where(
        ~exists().where(*(exports.c[name] == _GIVEN[name] for name in KEY))
    ),
).returning(exports.c.id)


def insert_into(connection: Connection, table: Table) -> postgresql.Insert:
    """Start an INSERT that can say ON CONFLICT, which both databases spell alike."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return cast("postgresql.Insert", sqlite.insert(table))


def find_export(connection: Connection, key: Mapping[str, object]) -> Export | None:
    """Read the export of this key as it is now."""
    return _one(connection, _FIND, key)


def numbers_with_exports(connection: Connection, account: str, month: str) -> set[str]:
    """The customers that have an export of the month in the ledger, whatever its sequence."""
    query = select(exports.c.customer_number).where(
        exports.c.account == account, exports.c.month == month
    )
    return set(connection.execute(query).scalars())


def lock_export(connection: Connection, key: Mapping[str, object]) -> Export | None:
    """Read the export of this key, so that nobody else changes it in this transaction."""
    return _one(connection, _LOCK, key)


def insert_export(
    connection: Connection, row: Mapping[str, Any], then: Event | None = None
) -> Export | None:
    """Write the row of an export that is not in the ledger; None where it is.

    Nobody else may write claims meanwhile. `then` is as in `write_export`.
    """
    fresh = _fresh(row, then)
    given = {f"new_{name}": value for name, value in _columns(fresh).items()}
    id_ = connection.execute(_INSERT_IF_NEW, given).scalar_one_or_none()
    return None if id_ is None else replace(fresh, id=id_)


def insert_exports(connection: Connection, rows: Collection[Mapping[str, Any]]) -> None:
    """Write the rows of exports that are not in the ledger, while nobody else writes claims."""
    if rows:
        connection.execute(_INSERT, [_columns(_fresh(row)) for row in rows])


def write_export(
    connection: Connection,
    found: Export | None,
    row: Mapping[str, Any],
    then: Event | None = None,
) -> Export:
    """Write the row of an export that is not in the ledger, or was found there and is locked.

    Nobody else may write claims meanwhile. An attachment stays known while the CSV is the same.
    `then` is the call that is announced with it, as the next attempt.
    """
    if found is None:
        fresh = _fresh(row, then)
        id_ = connection.execute(_INSERT_AND_ANSWER, _columns(fresh)).scalar_one()
        return replace(fresh, id=id_)
    is_same_file = found.csv_sha256 is not None and found.csv_sha256 == row["csv_sha256"]
    kept = {"attachment_id": found.attachment_id if is_same_file else None}
    values = {**kept, **row}
    values |= _announced(replace(found, **values), then)
    return update_export(connection, found.account, found, values)


def update_export(
    connection: Connection,
    account: str,
    export: Export,
    values: Mapping[str, Any],
    lease: Lease | None = None,
) -> Export:
    """Write the values if the row is still as `export` says, else raise LedgerConflict.

    LeaseLost where the `lease` is not held; without one the transaction has asked already.
    """
    # Later than what it replaces even where the clock was set back: it tells versions apart.
    updated_at = max(datetime.now(UTC), export.updated_at + timedelta(microseconds=1))
    written = {**values, "updated_at": updated_at}
    version = {
        "of_id": export.id,
        "of_account": account,
        "in_state": export.state,
        "of_version": export.updated_at,
    }
    statement, fence = (_UPDATE, {}) if lease is None else (_UPDATE_UNDER_LEASE, fence_of(lease))
    given = {**written, **version, **fence}
    seen = connection.execute(statement, given).mappings().one_or_none()
    if seen is None:
        if lease is not None:
            require(connection, lease)
        query = select(exports.c.state).where(
            exports.c.id == export.id, exports.c.account == account
        )
        now = connection.execute(query).scalar() or "gone"
        raise LedgerConflict(
            f"Export {export.sequence} of customer {export.customer_number} for {export.month} "
            f"was read as {export.state!r}, but has changed since "
            f"(now {now!r}): another run works on it. Read it again before going on."
        )
    # No other version has this moment, so the rest was what `export` says.
    return replace(export, **{**written, **seen})


def _fresh(row: Mapping[str, Any], then: Event | None = None) -> Export:
    """The export before the database gives it an id."""
    now = datetime.now(UTC)
    fresh = {"attachment_id": None, "attempts": 0, "created_at": now, "updated_at": now, **row}
    export = Export(id=0, **fresh)
    return replace(export, **_announced(export, then))


def _announced(export: Export, call: Event | None) -> dict[str, Any]:
    """The columns that a call changes which is announced with the plan."""
    if call is None:
        return {}
    return changes(export, call) | {"attempts": export.attempts + 1}


def _columns(export: Export) -> dict[str, object]:
    return {name: getattr(export, name) for name in _COLUMNS}


def export_of(row: RowMapping) -> Export:
    """Turn a row of `exports` into a value."""
    return Export(**{column.name: row[column] for column in exports.c})


def _one(
    connection: Connection, query: Select[tuple[object, ...]], key: Mapping[str, object]
) -> Export | None:
    row = connection.execute(query, {name: key[name] for name in KEY}).mappings().one_or_none()
    return None if row is None else export_of(row)


def storable(error: str | None) -> str | None:
    """Cut the reason to what any database keeps: no NUL, no half character, 2,000 at most."""
    if error is None:
        return None
    text = storable_whole(error)
    return text if len(text) <= MAX_ERROR_LENGTH else text[: MAX_ERROR_LENGTH - 1] + "…"


def storable_whole(text: str) -> str:
    """The text as any database keeps it: no NUL, no half character."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def reason_columns(reason: Reason | None) -> dict[str, object]:
    """The columns of `exports` that say why one is not done."""
    if reason is None:
        return {"error": None, "reason_code": None, "reason_facts": None}
    facts = {"reason_code": reason.code, "reason_facts": storable_whole(reason.facts)}
    return {"error": storable(reason.text), **facts}
