"""One read sees one moment, sends only SELECTs, and returns nothing if it fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pymysql
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from blocks.oms.block import OmsDatabase
from blocks.oms.connection import snapshot_connection
from blocks.oms.errors import OmsContractBroken, OmsUnavailable
from tests.blocks.oms.filled import Types, customer, execute, fill, october, service

LATER = (
    "INSERT INTO invoicing_services SELECT 'S2', customer_number, order_number, rendered_at, "
    "service_code, name, description, quantity, unit, unit_price_net, vat_percent, status, "
    "cancellation_fee_net, cancellation_fee_vat_percent, booking_account, cost_centre "
    "FROM invoicing_services",
    "UPDATE invoicing_customers SET company_name = 'renamed'",
)


@contextmanager
def between_the_reads(act: Callable[[int], None]) -> Iterator[list[str]]:
    """Act once, when the rows of the first relation were asked for; yields what is sent."""
    sent: list[str] = []
    acted = False

    def after(connection: object, cursor: object, statement: str, *rest: object) -> None:
        nonlocal acted
        sent.append(statement)
        if "rendered_at" in statement and not acted and "INSERT" not in statement:
            acted = True
            act(connection_id(cursor))

    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield sent
    finally:
        event.remove(Engine, "after_cursor_execute", after)
    assert acted


def connection_id(cursor: object) -> int:
    connection = getattr(cursor, "connection", None)
    if isinstance(connection, psycopg.Connection):
        return connection.info.backend_pid
    if isinstance(connection, pymysql.Connection):
        return int(connection.thread_id())  # type: ignore[no-untyped-call]
    return 0


def nothing(_: int) -> None:
    """Leave the database alone."""


def test_a_commit_between_the_reads_is_not_seen(any_database_url: str) -> None:
    if any_database_url.startswith("sqlite"):
        write_ahead = create_engine(any_database_url, poolclass=NullPool)
        with write_ahead.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    oms = fill(any_database_url, [service()], [customer()])
    with between_the_reads(lambda _: execute(any_database_url, *LATER)):
        snapshot = october(oms)
    assert snapshot.services["service_id"].to_list() == ["S1"]
    assert snapshot.customers["company_name"].to_list() == ["Müller; Söhne"]
    assert october(oms).services["service_id"].to_list() == ["S1", "S2"]
    assert october(oms).customers["company_name"].to_list() == ["renamed"]


def test_only_selects_are_sent_to_the_relations(any_database_url: str) -> None:
    oms = fill(any_database_url, [service()], [customer()])
    with between_the_reads(nothing) as sent:
        october(oms)
    relations = [statement for statement in sent if "invoicing_" in statement]
    assert len(relations) == 4
    assert all(statement.startswith("SELECT ") for statement in relations)
    others = {statement.split()[0] for statement in sent if "invoicing_" not in statement}
    assert others <= {"SELECT", "SHOW", "select", "show", "BEGIN", "START", "PRAGMA", "SET"}


@pytest.mark.parametrize("database", ["postgres", "mariadb"])
def test_a_connection_that_is_cut_between_the_reads_returns_nothing(
    database: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    kill = "SELECT pg_terminate_backend({})" if database == "postgres" else "KILL {}"
    oms = fill(url, [service()], [customer()])
    with (
        between_the_reads(lambda connection: execute(url, kill.format(connection))),
        pytest.raises(OmsUnavailable, match="is not available"),
    ):
        october(oms)


def test_a_row_that_the_database_cannot_compute_ends_the_read(postgres_url: str) -> None:
    fill(postgres_url, [service("S1"), service("S2", unit="0")], [customer()])
    execute(
        postgres_url,
        "ALTER TABLE invoicing_services RENAME TO kept",
        "CREATE VIEW invoicing_services AS SELECT service_id, customer_number, order_number, "
        "rendered_at, service_code, name, description, quantity, unit, "
        "1 / (CASE unit WHEN '0' THEN 0 ELSE 1 END) AS unit_price_net, vat_percent, status, "
        "cancellation_fee_net, cancellation_fee_vat_percent FROM kept",
    )
    with pytest.raises(OmsContractBroken, match="division by zero"):
        october(OmsDatabase(url=postgres_url))


def test_the_transaction_refuses_to_write(any_database_url: str) -> None:
    fill(any_database_url, [service()])
    with (
        pytest.raises((OmsContractBroken, OmsUnavailable), match=r"(?i)read.?only"),
        snapshot_connection(any_database_url) as connection,
    ):
        connection.exec_driver_sql("DELETE FROM invoicing_services")
    assert october(OmsDatabase(url=any_database_url)).services.height == 1


def test_a_read_leaves_the_write_lock_to_others(sqlite_url: str) -> None:
    oms = fill(sqlite_url, [service()], [customer()], Types())
    october(oms)
    execute(sqlite_url, *LATER)
    assert october(oms).services.height == 2
