"""A ledger per test, on each kind of database that it can live in."""

import secrets
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from hashlib import sha256
from typing import Any, Protocol

import pytest
from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.schema import CreateSchema, DropSchema

from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import BilledLine, Export, Ledger, Planned, Reason
from blocks.ledger.statements import update_export
from blocks.ledger.states import Event
from blocks.ledger.transactions import writing
from tests.blocks.ledger.contests import Run, eight_processes, eight_threads, hold


class Plan(Protocol):
    def __call__(
        self,
        customer_number: str,
        *service_ids: str,
        sequence: int = 1,
        csv_sha256: str = "a" * 64,
        then: Event | None = None,
        ledger: Ledger | None = None,
    ) -> Export: ...


def service_lines(*service_ids: str) -> frozenset[BilledLine]:
    return frozenset(BilledLine(service_id, "service") for service_id in service_ids)


def digest_of(service_id: str) -> str:
    return sha256(service_id.encode()).hexdigest()


def why(text: str, code: str = "odd", facts: str = "{}") -> Reason:
    """A reason with these words."""
    return Reason(text, code, facts)


def only(ledger: Ledger) -> Export:
    """The one export of October, as the ledger has it."""
    (export,) = ledger.exports("2026-10")
    return export


def reason_in(export: Export) -> Reason | None:
    """The reason that the export has in all three columns; None where all are empty."""
    columns = (export.error, export.reason_code, export.reason_facts)
    if columns == (None, None, None):
        return None
    text, code, facts = columns
    assert text is not None, columns
    assert code is not None, columns
    assert facts is not None, columns
    return Reason(text, code, facts)


def billed(*service_ids: str) -> dict[BilledLine, str]:
    return {line: digest_of(line.service_id) for line in service_lines(*service_ids)}


def as_if(ledger: Ledger, export: Export, state: str, **values: Any) -> Export:
    """Let the ledger say this of the export, as if it had come there."""
    with writing(ledger._engine) as connection:
        return update_export(connection, ledger.account, export, {"state": state, **values})


@pytest.fixture(scope="session")
def sqlite_ledger_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'ledger.db'}"


@pytest.fixture(scope="session")
def postgres_ledger_url(postgres_server: URL) -> Iterator[str]:
    schema = f"ledger_test_{secrets.token_hex(6)}"
    server = create_engine(postgres_server, poolclass=NullPool)
    with server.begin() as connection:
        connection.execute(CreateSchema(schema))
    url = postgres_server.update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    open_engine(url.render_as_string(hide_password=False)).dispose()
    with server.begin() as connection:
        connection.execute(DropSchema(schema, cascade=True))


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest) -> str:
    """URL of a ledger that all tests share; each has an account of its own."""
    return str(request.getfixturevalue(f"{request.param}_ledger_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def fresh_url(request: pytest.FixtureRequest) -> str:
    """URL of a database without any table."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    return open_account(ledger_url)


def open_account(url: str) -> Ledger:
    """Open the ledger of an account that no other test uses."""
    return Ledger(open_engine(url), f"account-{secrets.token_hex(6)}")


@pytest.fixture(scope="session")
def processes() -> Iterator[Executor]:
    with eight_processes() as pool:
        yield pool


@pytest.fixture(scope="session")
def threads() -> Iterator[Executor]:
    with eight_threads() as pool:
        yield pool


@pytest.fixture(params=["threads", "processes"])
def all_at_once(request: pytest.FixtureRequest) -> Run:
    """Hold the contest among eight threads, then among eight processes."""
    pool: Executor = request.getfixturevalue(request.param)
    return partial(hold, pool)


@pytest.fixture
def plan(ledger: Ledger) -> Plan:
    """Plan an export of October 2026 that bills these services."""
    own = ledger

    def plan_export(
        customer_number: str,
        *service_ids: str,
        sequence: int = 1,
        csv_sha256: str = "a" * 64,
        then: Event | None = None,
        ledger: Ledger | None = None,
    ) -> Export:
        return (ledger or own).plan(
            "2026-10",
            customer_number,
            sequence,
            Planned(
                csv_sha256=csv_sha256,
                csv_path=f"exports/2026-10/{customer_number}.csv",
                line_count=len(service_ids),
                net_cents=27916,
                gross_cents=33499,
                lines=billed(*service_ids),
            ),
            then=then,
            flow_run_id="run-1",
        )

    return plan_export
