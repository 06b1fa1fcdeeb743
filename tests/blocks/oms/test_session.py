"""No statement waits for ever: tables that are really locked, and a view that never ends."""

import os
import pickle
import socket

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from blocks.oms.block import OmsDatabase
from blocks.oms.connection import snapshot_connection
from blocks.oms.errors import OmsUnavailable
from blocks.oms.session import STATEMENT_SECONDS
from tests.blocks.oms.filled import customer, execute, fill, october, service

LOCKS = {
    "sqlite": "BEGIN EXCLUSIVE",
    "postgres": "LOCK TABLE invoicing_customers IN ACCESS EXCLUSIVE MODE",
    "mariadb": "LOCK TABLES invoicing_customers WRITE",
}
SHORTER = {
    "sqlite": {"timeout": "0.2"},
    "postgres": {"options": "-c statement_timeout=200"},
    "mariadb": {"init_command": "SET max_statement_time=0.2"},
}
LIMITS = {
    "sqlite": "PRAGMA busy_timeout",
    "postgres": "SELECT 1000 * extract(epoch FROM current_setting('statement_timeout')::interval)",
    "mariadb": "SELECT 1000 * @@max_statement_time",
}


@pytest.fixture(params=list(LOCKS))
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{database}_url"))


def shortened(url: str, database: str) -> str:
    limited = make_url(url).update_query_dict(SHORTER[database])
    return limited.render_as_string(hide_password=False)


def test_a_locked_table_ends_the_read_in_time_and_says_so(url: str, database: str) -> None:
    fill(url, [service()], [customer()])
    with create_engine(url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql(LOCKS[database])
        with pytest.raises(OmsUnavailable, match="did not answer in time") as slow:
            october(OmsDatabase(url=shortened(url, database)))
        other.rollback()
    assert "See what locks or slows its two relations, then run again." in str(slow.value)
    assert str(pickle.loads(pickle.dumps(slow.value))) == str(slow.value)


@pytest.mark.parametrize(
    ("database", "endless"),
    [
        (
            "sqlite",
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n)"
            " SELECT i FROM n WHERE i = 2)",
        ),
        ("postgres", "(SELECT '' FROM pg_sleep(1000))"),
        ("mariadb", "(SELECT SLEEP(1000))"),
    ],
)
def test_a_view_that_never_ends_is_given_up(url: str, database: str, endless: str) -> None:
    fill(url, [service()], [customer()])
    execute(
        url,
        "ALTER TABLE invoicing_customers RENAME TO kept",
        f"CREATE VIEW invoicing_customers AS SELECT kept.*, {endless} AS more FROM kept"
        f" WHERE {endless} IS NOT NULL",
    )
    with pytest.raises(OmsUnavailable, match="did not answer in time"):
        october(OmsDatabase(url=shortened(url, database)))


def test_the_limit_is_the_stated_one_unless_the_url_gives_another(url: str, database: str) -> None:
    fill(url)
    for given, limit_ms in ((url, STATEMENT_SECONDS * 1000), (shortened(url, database), 200)):
        with snapshot_connection(given) as connection:
            assert connection.exec_driver_sql(LIMITS[database]).scalar_one() == limit_ms


def test_a_server_that_vanished_is_noticed(postgres_url: str) -> None:
    fill(postgres_url)
    with snapshot_connection(postgres_url) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as wire:
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            assert [wire.getsockopt(socket.IPPROTO_TCP, o) for o in options] == [30, 10, 3]
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
