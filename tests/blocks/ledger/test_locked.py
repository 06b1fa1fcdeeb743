"""A ledger that is locked, or whose server vanished, is given up in time."""

import os
import socket
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import LedgerUnavailable
from blocks.ledger.ledger import Ledger
from blocks.ledger.migrate import VERSION_TABLE
from tests.blocks.ledger.conftest import why

LOCKS = {
    "sqlite": "BEGIN EXCLUSIVE",
    "postgresql": "LOCK TABLE exports IN ACCESS EXCLUSIVE MODE",
}


def shortened(url: str, limit: str) -> str:
    """The same URL with a limit of 0.2 s."""
    shorter = {"options": f"-c {limit}=200"} if limit else {"timeout": "0.2"}
    return make_url(url).update_query_dict(shorter).render_as_string(hide_password=False)


def write(ledger: Ledger) -> object:
    return ledger.fail("2026-10", "K1", reason=why("late"), flow_run_id=None)


def read(ledger: Ledger) -> object:
    return ledger.exports("2026-10")


@pytest.mark.parametrize(
    ("kind", "limit", "act"),
    [
        ("sqlite", "", write),
        ("postgres", "lock_timeout", write),
        ("postgres", "lock_timeout", read),
        ("postgres", "statement_timeout", read),
    ],
)
def test_a_locked_ledger_does_not_answer_in_time(
    kind: str, limit: str, act: Callable[[Ledger], object], request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{kind}_url"))
    engine = open_engine(shortened(url, limit))
    ledger = Ledger(engine, "main")
    with create_engine(url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql(LOCKS[other.dialect.name])
        with pytest.raises(LedgerUnavailable, match="did not answer in time") as slow:
            act(ledger)
        other.rollback()
    assert str(slow.value).endswith("See what locks its tables, then run again.")
    act(ledger)
    engine.dispose()


def test_opening_a_locked_ledger_ends_in_time_too(postgres_url: str) -> None:
    open_engine(postgres_url).dispose()
    with create_engine(postgres_url, poolclass=NullPool).connect() as other:
        other.exec_driver_sql(f"LOCK TABLE {VERSION_TABLE} IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LedgerUnavailable, match="did not answer in time"):
            open_engine(shortened(postgres_url, "lock_timeout"))


def test_the_limits_are_the_stated_ones(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        for limit in ("lock_timeout", "statement_timeout"):
            assert connection.exec_driver_sql(f"SHOW {limit}").scalar_one() == "1min"
        driver = connection.connection.driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as wire:
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            assert [wire.getsockopt(socket.IPPROTO_TCP, o) for o in options] == [30, 10, 3]
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
    engine.dispose()


def test_a_migration_may_take_longer_than_other_statements(postgres_url: str) -> None:
    url = shortened(postgres_url, "statement_timeout")
    # Each step of the migration takes 0.3 s.
    with create_engine(postgres_url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql"
            " AS $$ BEGIN PERFORM pg_sleep(0.3); END $$"
        )
        connection.exec_driver_sql(
            "CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('ALTER TABLE')"
            " EXECUTE FUNCTION slow()"
        )
    open_engine(url).dispose()
