"""One read-only transaction that sees the OMS as it was at one moment."""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pymysql
from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from blocks.oms.session import is_too_slow, limits, set_up

DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
# Behind the @ that ends user and password there is no other, and before it no query: else a part
# of the password would be taken for the host, and be shown.
_CLEAR = re.compile(r"(?!.*\?[^@]*=[^@]*@)[^:]+://([^:/?]*(:[^@]*)?@)?[^@]*", re.DOTALL)
_NO_URL = "The OMS database URL can't be read; write it like postgresql://user:password@host/name."
_ENCODE = "In user and password, write @ as %40, / as %2F and ? as %3F."
# MariaDB reports these as operational although the connection is fine: no right to read a
# table or a column, a view whose tables are gone.
_UNREADABLE_MARIADB = {1142, 1143, 1356}


@contextmanager
def snapshot_connection(database_url: str) -> Iterator[Connection]:
    """Open a connection inside one consistent, read-only transaction.

    Raises OmsUnavailable where the database can't be reached or the connection is lost,
    OmsContractBroken where it answers but can't be read.
    """
    url = _parsed(database_url)
    connection = _connect(url)
    try:
        with connection:
            yield _begin(connection)
    except DBAPIError as error:
        # Without its cause: the driver's words may show the user.
        raise _explained(error, url) from None


def _connect(url: URL) -> Connection:
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=limits(url))
        return engine.connect()
    except DBAPIError as error:
        # Without its cause: a driver's traceback may show the password.
        if url.query and isinstance(error.orig, psycopg.ProgrammingError):
            raise _wrong_option(url) from None
        raise _unavailable(url, error) from None
    except (TypeError, ValueError, AttributeError, ArgumentError):
        # What the drivers make of an option that they do not know, or of its value.
        raise (_wrong_option(url) if url.query else OmsUnavailable(_NO_URL)) from None


def _wrong_option(url: URL) -> OmsContractBroken:
    names = ", ".join(sorted(set(url.query) - {"mode", "uri"}))
    return OmsContractBroken(
        f"An option of the OMS database URL cannot be used: {names}. Correct what is after its ?"
        " sign (OMS_DATABASE_URL)."
    )


def _begin(connection: Connection) -> Connection:
    set_up(connection)
    backend = connection.dialect.name
    if backend == "postgresql":
        return connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    if backend == "sqlite":
        connection.exec_driver_sql("BEGIN")
        return connection
    # On a server whose default is READ COMMITTED, CONSISTENT SNAPSHOT alone means nothing.
    connection = connection.execution_options(isolation_level="REPEATABLE READ")
    connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    return connection


def _parsed(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise OmsUnavailable(_NO_URL) from None
    backend = url.get_backend_name()
    if backend not in DRIVERS:
        raise OmsUnavailable(
            f"A database of the kind {backend} can't be read; "
            "the OMS must be in SQLite, PostgreSQL or MariaDB."
        )
    url = url.set(drivername=DRIVERS[backend])
    if backend == "sqlite":
        return _existing_file(url)
    if not _CLEAR.fullmatch(database_url):
        raise OmsUnavailable(f"The OMS database URL can be read in more than one way. {_ENCODE}")
    return url


def _existing_file(url: URL) -> URL:
    if url.host or url.username or url.password:
        raise OmsUnavailable(_NO_URL)
    if not url.database or not Path(url.database).is_file():
        raise OmsUnavailable(
            f"The OMS database file {url.database or '(none)'} does not exist; "
            "check OMS_DATABASE_URL."
        )
    return url.set(
        database=f"file:{quote(url.database)}",
        query={**url.query, "mode": "ro", "uri": "true"},
    )


def _explained(error: DBAPIError, url: URL) -> OmsUnavailable | OmsContractBroken:
    if not _is_unreadable(error):
        return _unavailable(url, error)
    return OmsContractBroken(
        f"The OMS database can't be read as agreed: {_without_login(str(error.orig), url)}. "
        "Check the two relations and the right to select from them."
    )


def _is_unreadable(error: DBAPIError) -> bool:
    """Whether the database answers, and cannot be read."""
    if not isinstance(error, OperationalError):
        return not error.connection_invalidated
    match error.orig:
        case sqlite3.Error() as cause:
            # A missing table or column; bytes that are no text get no code at all.
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            return code == sqlite3.SQLITE_ERROR
        case pymysql.Error(args=(int(code), *_)):
            return code in _UNREADABLE_MARIADB
    return False


def _unavailable(url: URL, error: DBAPIError) -> OmsUnavailable:
    place = url.host or url.database
    if url.host and not _is_known(url.host):
        # It may be a part of the password, and so may be what follows.
        return OmsUnavailable(f"The host of the OMS database is not known. {_NO_URL} {_ENCODE}")
    if is_too_slow(error):
        return OmsUnavailable(
            f"The OMS database at {place} did not answer in time: "
            f"{_without_login(str(error.orig), url)}. "
            "See what locks or slows its two relations, then run again."
        )
    return OmsUnavailable(
        f"The OMS database at {place} is not available: "
        f"{_without_login(str(error.orig), url)}. Check OMS_DATABASE_URL and the server."
    )


def _is_known(host: str) -> bool:
    try:
        return all(socket.getaddrinfo(name, None) for name in host.split(","))
    except (OSError, UnicodeError):
        return False


def _without_login(reason: str, url: URL) -> str:
    for secret in (url.username, url.password, *map(url.query.get, ("user", "password"))):
        if secret:
            reason = re.sub(rf"(?<!\w){re.escape(str(secret))}(?!\w)", "***", reason)
    return " ".join(reason.split()).rstrip(".?")
