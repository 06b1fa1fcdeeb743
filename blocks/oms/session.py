"""How a connection is set up: no statement waits for ever, no value of a row ends the read."""

import re
import sqlite3
import time

import psycopg
import pymysql
from psycopg.types.string import TextLoader
from pymysql.constants import ER
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from blocks.oms.exact import SURELY_A_TIME, decoded

CONNECT_SECONDS = 10
# The longest that a statement may take, waiting for locks included. A limit that the URL, the user
# or the server sets (timeout, statement_timeout, max_statement_time) counts instead.
STATEMENT_SECONDS = 120
# The server is to speak first: it ends the statement, too.
_ANSWER_SECONDS = STATEMENT_SECONDS + 10
# A server that vanished is given up after a minute, not after the system's two hours.
_LIFE_SIGNS = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SURELY_A_TIME = re.compile(SURELY_A_TIME.encode())
_LOOKS_EVERY = 100_000
# Python has no moment for all of them, such as infinity.
_READ_AS_TEXT = ("date", "timestamp", "timestamptz", "time", "timetz", "interval")
_SLOW_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT}
_SLOW_POSTGRES = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)
_SLOW_MARIADB = {1969, ER.LOCK_WAIT_TIMEOUT}


def limits(url: URL) -> dict[str, float]:
    """The driver's own limits, but for those that the URL gives."""
    if url.get_backend_name() == "sqlite":
        given = {"timeout": STATEMENT_SECONDS}
    elif url.get_backend_name() == "postgresql":
        given = {"connect_timeout": CONNECT_SECONDS, **_LIFE_SIGNS}
    else:
        given = {"connect_timeout": CONNECT_SECONDS, "read_timeout": _ANSWER_SECONDS}
    return {name: seconds for name, seconds in given.items() if name not in url.query}


def set_up(connection: Connection) -> None:
    """Limit every statement, and let values through that Python cannot read."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        _set_up_sqlite(driver)
    elif isinstance(driver, psycopg.Connection):
        for kind in _READ_AS_TEXT:
            driver.adapters.register_loader(kind, TextLoader)
        connection.exec_driver_sql(
            "SELECT set_config('datestyle', 'ISO', false), set_config('statement_timeout',"
            f" coalesce(nullif(current_setting('statement_timeout'), '0'), '{STATEMENT_SECONDS}s'),"
            " false)"
        )
    elif getattr(connection.dialect, "is_mariadb", False):
        connection.exec_driver_sql(
            "SET SESSION max_statement_time ="
            f" IF(@@max_statement_time > 0, @@max_statement_time, {STATEMENT_SECONDS})"
        )
    connection.commit()


def _set_up_sqlite(driver: sqlite3.Connection) -> None:
    # It knows no limit but that of waiting for a lock: the whole read gets the same.
    (limit_ms,) = driver.execute("PRAGMA busy_timeout").fetchone()
    ends_at = time.monotonic() + limit_ms / 1000
    driver.set_progress_handler(lambda: time.monotonic() > ends_at, _LOOKS_EVERY)
    driver.text_factory = decoded
    driver.create_function("is_time", 1, _is_time, deterministic=True)


def _is_time(stored: bytes | None) -> bool:
    return stored is not None and _SURELY_A_TIME.match(stored) is not None


def is_too_slow(error: DBAPIError) -> bool:
    """Whether a statement, or its wait for a lock, took longer than it may."""
    match error.orig:
        case sqlite3.Error() as cause:
            # The higher bytes tell variants of an error apart.
            return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SLOW_SQLITE
        case pymysql.Error(args=(int(code), *_)):
            return code in _SLOW_MARIADB
    return isinstance(error.orig, _SLOW_POSTGRES)
