"""Statements on `exports` that PostgreSQL and SQLite share, and its rows as values."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, case, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from blocks.ledger.errors import LedgerConflict
from blocks.ledger.records import Export, Reason
from blocks.ledger.tables import exports

KEY = ["account", "month", "customer_number", "sequence"]
MAX_ERROR_LENGTH = 2000


def insert_into(connection: Connection, table: Table) -> postgresql.Insert:
    """Start an INSERT that can say ON CONFLICT, which both databases spell alike."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return cast("postgresql.Insert", sqlite.insert(table))


def lock_export(connection: Connection, key: Mapping[str, object]) -> Export | None:
    """Read the export of this key, so that nobody else changes it in this transaction."""
    query = select(exports).where(*(exports.c[name] == key[name] for name in KEY))
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    return None if row is None else export_of(row)


def write_export(connection: Connection, found: Export | None, row: Mapping[str, object]) -> Export:
    """Write the row of an export that is not in the ledger, or was found there and is locked.

    Nobody else may write claims meanwhile. An attachment stays known as in `upsert_exports`.
    """
    if found is not None:
        is_same_file = found.csv_sha256 is not None and found.csv_sha256 == row["csv_sha256"]
        kept = {"attachment_id": found.attachment_id if is_same_file else None}
        return update_export(connection, found.account, found, {**kept, **row})
    now = datetime.now(UTC)
    fresh = {"attempts": 0, "created_at": now, "updated_at": now}
    written = connection.execute(insert(exports).returning(exports), {**fresh, **row})
    return export_of(written.mappings().one())


def upsert_exports(
    connection: Connection, rows: Sequence[dict[str, object]], *, only: ColumnElement[bool]
) -> list[Export]:
    """Insert the rows, or overwrite what has their keys if `only` holds for it.

    Answers what was written. An attachment stays known for as long as the CSV is the same.
    """
    now = datetime.now(UTC)
    fresh = {"attempts": 0, "created_at": now, "updated_at": now}
    statement = insert_into(connection, exports)
    new = statement.excluded
    overwritten: dict[str, object] = {
        name: new[name] for name in [*rows[0], "updated_at"] if name not in KEY
    }
    overwritten["attachment_id"] = case(
        (exports.c.csv_sha256 == new.csv_sha256, exports.c.attachment_id)
    )
    written = connection.execute(
        statement.on_conflict_do_update(index_elements=KEY, set_=overwritten, where=only).returning(
            exports
        ),
        [fresh | row for row in rows],
    )
    return [export_of(row) for row in written.mappings()]


def update_export(
    connection: Connection, account: str, export: Export, values: Mapping[str, object]
) -> Export:
    """Write the values if the row is still as `export` says, else raise LedgerConflict."""
    # Later than what it replaces even where the clock was set back: it tells versions apart.
    updated_at = max(datetime.now(UTC), export.updated_at + timedelta(microseconds=1))
    statement = (
        update(exports)
        .where(exports.c.id == export.id, exports.c.account == account)
        .where(exports.c.state == export.state, exports.c.updated_at == export.updated_at)
        .values(updated_at=updated_at, **values)
        .returning(exports)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        query = select(exports.c.state).where(
            exports.c.id == export.id, exports.c.account == account
        )
        now = connection.execute(query).scalar() or "gone"
        raise LedgerConflict(
            f"Export {export.sequence} of customer {export.customer_number} for {export.month} "
            f"was read as {export.state!r}, but has changed since "
            f"(now {now!r}): another run works on it. Read it again before going on."
        )
    return export_of(row)


def export_of(row: RowMapping) -> Export:
    """Turn a row of `exports` into a value."""
    return Export(**{column.name: row[column] for column in exports.c})


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
