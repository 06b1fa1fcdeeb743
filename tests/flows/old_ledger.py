"""A ledger as the release before left it: its tables as that release made them, and rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, NullPool, create_engine, text

from blocks.ledger.engines import ledger_url
from blocks.ledger.records import BilledLine

TABLES = """
CREATE TABLE ledger_alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO ledger_alembic_version VALUES ('0002');
CREATE TABLE exports (
    id {key}, account TEXT NOT NULL, month TEXT NOT NULL, customer_number TEXT NOT NULL,
    sequence INTEGER NOT NULL, state TEXT NOT NULL, csv_sha256 TEXT, csv_path TEXT,
    line_count INTEGER NOT NULL, net_cents BIGINT NOT NULL, gross_cents BIGINT NOT NULL,
    attachment_id BIGINT, document_id BIGINT, error TEXT, attempts INTEGER NOT NULL,
    flow_run_id TEXT, created_at {timestamp} NOT NULL, updated_at {timestamp} NOT NULL,
    document_edited_at TEXT, content_sha256 TEXT, replaced_attachment_id BIGINT,
    CONSTRAINT exports_key UNIQUE (account, month, customer_number, sequence),
    CONSTRAINT exports_state CHECK (state IN ('planned', 'sending', 'uploaded', 'drafted', 'linked',
        'delivered', 'failed', 'unknown', 'conflict', 'withdrawn', 'skipped')),
    CONSTRAINT exports_sequence CHECK (sequence >= 1));
CREATE TABLE billed_services (
    id {key}, account TEXT NOT NULL, service_id TEXT NOT NULL, kind TEXT NOT NULL,
    export BIGINT NOT NULL, line_sha256 TEXT,
    CONSTRAINT billed_services_once UNIQUE (account, service_id, kind),
    CONSTRAINT billed_services_kind CHECK (kind IN ('service', 'cancellation_fee')),
    CONSTRAINT billed_services_of FOREIGN KEY (export) REFERENCES exports (id));
CREATE INDEX billed_services_export ON billed_services (export);
CREATE TABLE api_calls (
    id {key}, at {timestamp} NOT NULL, account TEXT NOT NULL, month TEXT NOT NULL,
    customer_number TEXT, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER,
    outcome TEXT NOT NULL, duration_ms INTEGER NOT NULL, error TEXT, flow_run_id TEXT,
    CONSTRAINT api_calls_outcome CHECK (outcome IN ('success', 'failure', 'unknown')));
CREATE INDEX api_calls_customer ON api_calls (account, month, customer_number);
CREATE TABLE account_logins (
    id {key}, account TEXT NOT NULL, login_id BIGINT NOT NULL, first_seen_at {timestamp} NOT NULL,
    CONSTRAINT account_logins_once UNIQUE (account, login_id));
CREATE TABLE leases (
    account TEXT NOT NULL, month TEXT NOT NULL, token BIGINT NOT NULL, holder TEXT NOT NULL,
    renewals BIGINT NOT NULL, seconds INTEGER NOT NULL, held BOOLEAN NOT NULL,
    taken_at {timestamp} NOT NULL, renewed_at {timestamp} NOT NULL,
    CONSTRAINT leases_key PRIMARY KEY (account, month),
    CONSTRAINT leases_seconds CHECK (seconds >= 1))
"""
SPELLED = {
    "sqlite": {"key": "INTEGER PRIMARY KEY", "timestamp": "DATETIME"},
    "postgresql": {"key": "BIGSERIAL PRIMARY KEY", "timestamp": "TIMESTAMP WITH TIME ZONE"},
}


@dataclass(frozen=True, slots=True)
class OldRow:
    """A row of `exports`, with the digests of the lines that it holds."""

    columns: Mapping[str, object]
    lines: Mapping[BilledLine, str]


def write_old_ledger(url: str, rows: list[OldRow]) -> None:
    """Make the tables of the release before in an empty database, and fill in these rows."""
    engine = create_engine(ledger_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in TABLES.format(**SPELLED[engine.dialect.name]).split(";"):
            connection.execute(text(statement))
        for row in rows:
            _write(connection, row)


def _write(connection: Connection, row: OldRow) -> None:
    # SQLite keeps UTC without saying so.
    zone = "" if connection.dialect.name == "sqlite" else "+00"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}{zone}"
    export = _insert(connection, "exports", {"created_at": now, "updated_at": now, **row.columns})
    for line, digest in row.lines.items():
        claim = {"account": "main", "service_id": line.service_id, "kind": line.kind}
        _insert(connection, "billed_services", {**claim, "export": export, "line_sha256": digest})


def _insert(connection: Connection, table: str, row: Mapping[str, object]) -> int:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    statement = f"INSERT INTO {table} ({names}) VALUES ({values}) RETURNING id"
    return int(connection.execute(text(statement), row).scalar_one())
