"""Opens the database that holds the shared window of requests."""

import sqlite3

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

_SQLITE_WAIT_SECONDS = 60


def open_window_database(database_url: str) -> Engine:
    """Make an engine with a single connection, for a SQLite file or PostgreSQL; else ValueError."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise ValueError("The URL of the ledger's database is not a database URL.") from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 10},
        )
    if backend == "sqlite" and url.database not in {None, "", ":memory:"}:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=1,
            max_overflow=0,
            connect_args={"timeout": _SQLITE_WAIT_SECONDS},
        )
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    raise ValueError("Processes can share a window of requests in a SQLite file or PostgreSQL.")


def _configure_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's own transactions begin too late: two processes would read before either writes.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    except sqlite3.OperationalError:
        # Somebody reads this very moment; without WAL it is slower, not wrong.
        mode = None
    if mode == "wal":
        cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
