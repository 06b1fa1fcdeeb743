"""Reading and writing transactions, with database errors in plain words."""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, Connection, Engine, bindparam, func, select
from sqlalchemy import exc as sqlalchemy_errors

from blocks.ledger.errors import LedgerError, LedgerUnavailable

WRITES = "ledger_writes"
# Built once: to build a statement takes longer than to run it.
ADVISORY_LOCK = func.pg_advisory_xact_lock(func.hashtextextended(bindparam("lock_name"), 0))
_LOCK = select(ADVISORY_LOCK)
ENCODE = "in user and password, write @ as %40, / as %2F and ? as %3F"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads; of several questions, each sees what is there then."""
    with plain_errors(engine.url), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # READ COMMITTED gives each question a view of its own anyway, and BEGIN and ROLLBACK
            # are two more ways to the database.
            connection.execution_options(isolation_level="AUTOCOMMIT")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; durable when the block ends, undone by any exception."""
    with plain_errors(engine.url), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this lock; ours is held until the transaction ends."""
    # SQLite lets in one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"lock_name": lock_key(name)})


def lock_key(name: str) -> str:
    """What ADVISORY_LOCK takes for this lock: another program in the database has its own."""
    return f"invoice ledger: {name}"


@contextmanager
def plain_errors(url: URL) -> Iterator[None]:
    """Turn the database's errors into the ledger's; user and password appear in none."""
    try:
        yield
    except (
        sqlalchemy_errors.OperationalError,
        sqlalchemy_errors.InterfaceError,
        sqlalchemy_errors.TimeoutError,
    ) as error:
        if url.host and not _is_known(url.host):
            # It may be a part of the password, and so may be what follows.
            raise LedgerUnavailable(
                f"The host in LEDGER_DATABASE_URL is not known. Correct it; {ENCODE}."
            ) from None
        if _is_too_slow(error):
            raise LedgerUnavailable(
                f"The ledger at {_place(url)} did not answer in time: {_reason(error, url)}. "
                "See what locks its tables, then run again."
            ) from None
        raise LedgerUnavailable(
            f"The ledger at {_place(url)} does not answer: {_reason(error, url)}. "
            "Start its database or correct LEDGER_DATABASE_URL, then run again."
        ) from None
    except sqlalchemy_errors.StatementError as error:
        raise LedgerError(f"The ledger at {_place(url)} refused: {_reason(error, url)}.") from error


def _is_known(host: str) -> bool:
    try:
        return all(socket.getaddrinfo(name, None) for name in host.split(","))
    except (OSError, UnicodeError):
        return False


def _is_too_slow(error: sqlalchemy_errors.SQLAlchemyError) -> bool:
    """Whether a statement, or its wait for a lock, took longer than it may."""
    cause = error.orig if isinstance(error, sqlalchemy_errors.DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        # The higher bytes tell variants of an error apart.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return isinstance(cause, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable))


def _reason(error: sqlalchemy_errors.SQLAlchemyError, url: URL) -> str:
    cause = error.orig if isinstance(error, sqlalchemy_errors.StatementError) else error
    reason = " ".join(str(cause).split()).rstrip(".?")
    for secret in (url.username, url.password, *map(url.query.get, ("user", "password"))):
        if secret:
            reason = re.sub(rf"(?<!\w){re.escape(str(secret))}(?!\w)", "***", reason)
    return reason


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or 5432}/{url.database}"
