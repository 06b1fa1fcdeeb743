"""Keeps the sandbox's state over one SQLite connection, in a file or in memory."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from blocks.easybill.exact_json import Json, decode_object, encode
from blocks.easybill.sandbox.filters import Selection
from blocks.easybill.sandbox.refusal import not_found

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL,
    number TEXT, display_name TEXT, group_id INTEGER, additional_groups_ids TEXT, country TEXT,
    zip_code TEXT, emails TEXT, first_name TEXT, last_name TEXT, company_name TEXT,
    created_at TEXT
);
CREATE INDEX IF NOT EXISTS customers_number ON customers (number);
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0,
    type TEXT, is_draft INTEGER, is_archive INTEGER, customer_id INTEGER, project_id INTEGER,
    ref_id INTEGER, document_date TEXT, paid_at TEXT, title TEXT, number TEXT, cancel_id INTEGER,
    fulfillment_country TEXT, vat_country TEXT, shipping_country TEXT, status TEXT,
    edited_at TEXT, external_id TEXT, service_from TEXT, service_to TEXT, positions INTEGER,
    amount INTEGER, amount_net INTEGER, currency TEXT
);
CREATE INDEX IF NOT EXISTS documents_service_from ON documents (service_from);
CREATE TABLE IF NOT EXISTS document_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document_id INTEGER NOT NULL, created_at TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS document_versions_document ON document_versions (document_id);
CREATE TABLE IF NOT EXISTS document_payments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, file_name TEXT NOT NULL, size INTEGER NOT NULL,
    content BLOB NOT NULL, created_at TEXT NOT NULL,
    document_id INTEGER, customer_id INTEGER, project_id INTEGER
);
CREATE INDEX IF NOT EXISTS attachments_document ON attachments (document_id);
"""


class StateUnreadable(Exception):
    """The file holds no state of a sandbox, or cannot be written."""


class Store:
    """The open state, used from one thread."""

    def __init__(self, file: Path | None) -> None:
        """Open the state, or begin a new one. Raises StateUnreadable."""
        try:
            self.connection = sqlite3.connect(
                file or ":memory:", isolation_level=None, check_same_thread=False
            )
            self.connection.row_factory = sqlite3.Row
            self.connection.execute("PRAGMA journal_mode = WAL")
            # When the power fails a rehearsal may lose its state; waiting for the disk at each
            # write would make it slow.
            self.connection.execute("PRAGMA synchronous = OFF")
            self.connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise StateUnreadable(f"The state file {file} cannot be used: {error}") from error

    def close(self) -> None:
        """Close the state."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements of the block, or none."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def insert(self, table: str, row: Mapping[str, object]) -> int:
        """Add a row; returns its id."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names, no input
        return self.connection.execute(statement, tuple(row.values())).lastrowid or 0

    def update(self, table: str, row_id: int, row: Mapping[str, object]) -> None:
        """Change columns of a row."""
        changes = ", ".join(f"{name} = ?" for name in row)
        statement = f"UPDATE {table} SET {changes} WHERE id = ?"  # noqa: S608 - our own names, no input
        self.connection.execute(statement, (*row.values(), row_id))

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The rows that a statement finds."""
        return self.connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        """The first row that a statement finds."""
        found = self.connection.execute(statement, values).fetchone()
        return found if isinstance(found, sqlite3.Row) else None

    def page(self, table: str, columns: str, wanted: Selection) -> tuple[int, list[sqlite3.Row]]:
        """How many rows the query finds, and those of its page."""
        rest = f"FROM {table} WHERE {wanted.where}"
        found = self.row(f"SELECT count(*) AS total {rest}", wanted.values)
        statement = f"SELECT {columns} {rest} ORDER BY id LIMIT ? OFFSET ?"
        offset = (wanted.page - 1) * wanted.limit
        rows = self.rows(statement, (*wanted.values, wanted.limit, offset))
        return (found["total"] if found else 0), rows


class Resources:
    """The resources of one table."""

    table: ClassVar[str]

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, resource_id: int) -> Json:
        """The resource. Raises Refused (404)."""
        return decode_object(self._row("body", resource_id)["body"])

    def delete(self, resource_id: int) -> None:
        """Delete the resource. Raises Refused (404)."""
        self._row("id", resource_id)
        self._store.rows(f"DELETE FROM {self.table} WHERE id = ?", (resource_id,))  # noqa: S608 - our own names, no input

    def page(self, wanted: Selection) -> tuple[int, list[Json]]:
        """How many resources the query finds, and those of its page."""
        total, rows = self._store.page(self.table, "body", wanted)
        return total, [decode_object(row["body"]) for row in rows]

    def has_id(self, resource_id: int) -> bool:
        """Whether the resource is there."""
        return self._find("id", resource_id) is not None

    def _row(self, columns: str, resource_id: int) -> sqlite3.Row:
        row = self._find(columns, resource_id)
        if row is None:
            raise not_found()
        return row

    def _find(self, columns: str, resource_id: int) -> sqlite3.Row | None:
        statement = f"SELECT {columns} FROM {self.table} WHERE id = ?"  # noqa: S608 - our own names, no input
        return self._store.row(statement, (resource_id,))


def encoded(value: object) -> str:
    """A value as JSON, as it is stored."""
    return encode(value).decode()
