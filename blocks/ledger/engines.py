"""One engine per ledger and process, for SQLite files and PostgreSQL."""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from blocks.ledger.errors import LedgerError
from blocks.ledger.migrate import bring_up_to_date
from blocks.ledger.transactions import ENCODE, WRITES, plain_errors

# The longest that a statement may take or wait for a lock; a limit that the URL gives counts
# instead.
BUSY_SECONDS = 60
# A server that vanished is given up after a minute, not after the system's two hours.
_LIFE_SIGNS = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
SUPPORTED = "a SQLite file (sqlite:///ledger.db) or PostgreSQL (postgresql://user@host/database)"
_NO_URL = f"LEDGER_DATABASE_URL is no database URL; give {SUPPORTED}."
# Behind the @ that ends user and password there is no other, and before it no query: else a part
# of the password would be taken for the host, and be shown.
_CLEAR = re.compile(r"(?!.*\?[^@]*=[^@]*@)[^:]+://([^:/?]*(:[^@]*)?@)?[^@]*", re.DOTALL)
# How long a pooled connection may rest before it is asked whether it is still there.
_RESTS_UNASKED_S = 1.0
_USED_AT = "used_at"

_opening = threading.Lock()
_engines: dict[URL, Engine] = {}


def ledger_url(database_url: str) -> URL:
    """Add the driver and the absolute path; LedgerError where no ledger can be there."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise LedgerError(_NO_URL) from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        if not _CLEAR.fullmatch(database_url):
            raise LedgerError(f"LEDGER_DATABASE_URL can be read in more than one way; {ENCODE}.")
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise LedgerError(f"{backend} cannot hold a ledger; give {SUPPORTED}.")
    if url.host or url.username or url.password:
        raise LedgerError(_NO_URL)
    if not url.database or url.database == ":memory:":
        raise LedgerError(f"A ledger in memory would forget what was billed; give {SUPPORTED}.")
    return url.set(drivername="sqlite", database=str(Path(url.database).resolve()))


def open_engine(database_url: str) -> Engine:
    """Return the engine of this ledger, its tables up to date; cheap to repeat."""
    url = ledger_url(database_url)
    with _opening:
        engine = _engines.get(url)
        if engine is None:
            engine = _answering(url)
            bring_up_to_date(engine)
            _engines[url] = engine
    return engine


@contextmanager
def engine_as_it_is(database_url: str) -> Iterator[Engine]:
    """An engine whose tables are not touched, for a look; LedgerError as `open_engine` raises."""
    engine = _answering(ledger_url(database_url))
    try:
        yield engine
    finally:
        engine.dispose()


def _answering(url: URL) -> Engine:
    """The engine of a database that was reached once; LedgerError where an option is wrong."""
    try:
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
        with plain_errors(url), engine.connect():
            return engine
    except (TypeError, ValueError, ArgumentError):
        # What the drivers make of an option that they do not know, or of its value.
        raise LedgerError(
            f"An option of LEDGER_DATABASE_URL cannot be used: {', '.join(sorted(url.query))}."
            " Correct what is after its ? sign."
        ) from None


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": 10, **_LIFE_SIGNS},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _replace_if_dead)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _replace_if_dead(
    connection: psycopg.Connection, record: ConnectionPoolEntry, _fairy: object
) -> None:
    """Ask a connection that has rested for a sign of life; each transaction would be too often."""
    now = time.monotonic()
    if now - record.info.get(_USED_AT, now) < _RESTS_UNASKED_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _prepare_postgresql(connection: psycopg.Connection, _record: object) -> None:
    # A process that is paused during a write would keep its locks, and so the lease.
    connection.execute(f"SET idle_in_transaction_session_timeout = '{BUSY_SECONDS}s'")
    for limit in ("lock_timeout", "statement_timeout"):
        connection.execute(
            f"SELECT set_config('{limit}', '{BUSY_SECONDS}s', false)"
            f" WHERE current_setting('{limit}') = '0'"
        )
    connection.commit()


def _sqlite(url: URL) -> Engine:
    file = Path(str(url.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The ledger's folder {file.parent} cannot be created: {error}."
        ) from error
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_timeout=BUSY_SECONDS,
        connect_args={} if "timeout" in url.query else {"timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # The change of mode does not wait for other connections as everything else does.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # The higher bytes tell variants of an error apart.
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that turns from reading to writing could fail as "locked" without waiting.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
