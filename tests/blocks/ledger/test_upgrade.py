"""Opening a ledger that an earlier release has made."""

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from blocks.ledger import migrations
from blocks.ledger.engines import ledger_url as ledger_url_of
from blocks.ledger.engines import open_engine
from blocks.ledger.ledger import BilledLine, Claim, Ledger, Planned
from blocks.ledger.migrate import VERSION_TABLE
from blocks.ledger.states import Event
from blocks.ledger.tables import metadata
from tests.blocks.ledger.conftest import billed, reason_in, service_lines, why
from tests.blocks.ledger.contests import AT_ONCE, meet

TABLES = ("exports", "billed_services", "api_calls", "account_logins")
ROWS = """
INSERT INTO exports (id, account, month, customer_number, sequence, state, csv_sha256, csv_path,
    line_count, net_cents, gross_cents, attachment_id, document_id, error, attempts, flow_run_id,
    created_at, updated_at) VALUES
    (1, 'main', '2026-10', 'K1', 1, 'delivered', 'aa', 'exports/2026-10/K1.csv',
     2, 27916, 33499, 70, 1099511627776, NULL, 3, 'run-1',
     '2026-11-01 05:00:00.000000', '2026-11-01 05:00:01.234567'),
    (2, 'main', '2026-10', 'K2', 1, 'unknown', 'bb', 'exports/2026-10/K2.csv',
     1, 100, 119, NULL, NULL, 'no answer', 1, 'run-1',
     '2026-11-01 05:00:00.000000', '2026-11-01 05:00:02.000000'),
    (3, 'rehearsal', '2026-10', 'K1', 1, 'skipped', NULL, NULL, 0, 0, 0, NULL, NULL, NULL, 0, NULL,
     '2026-11-01 05:00:00.000000', '2026-11-01 05:00:00.000000');
INSERT INTO billed_services (id, account, service_id, kind, export) VALUES
    (1, 'main', 'S1', 'service', 1), (2, 'main', 'S1', 'cancellation_fee', 1),
    (3, 'main', 'S2', 'service', 2);
INSERT INTO api_calls (id, at, account, month, customer_number, method, path, status, outcome,
    duration_ms, error, flow_run_id) VALUES
    (1, '2026-11-01 05:00:00.500000', 'main', '2026-10', 'K1', 'POST', '/documents', 201,
     'success', 120, NULL, 'run-1');
INSERT INTO account_logins (id, account, login_id, first_seen_at) VALUES
    (1, 'main', 4711, '2026-11-01 05:00:00.000000');
"""
# Made at the first request of a run, beside the tables of the migrations.
WINDOW = """
CREATE TABLE easybill_requests_accounts (account TEXT NOT NULL, next_slot BIGINT NOT NULL,
    latest_ms BIGINT NOT NULL, paused_until_ms BIGINT NOT NULL, PRIMARY KEY (account));
CREATE TABLE easybill_requests (account TEXT NOT NULL, slot BIGINT NOT NULL,
    at_ms BIGINT NOT NULL, PRIMARY KEY (account, slot))
"""


@contextmanager
def made_by(url: str, version: str) -> Iterator[Connection]:
    """A transaction on a ledger with the tables of this version."""
    engine = create_engine(ledger_url_of(url), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = VERSION_TABLE
        command.upgrade(config, version)
        yield connection


def execute_each(connection: Connection, statements: str) -> None:
    for statement in statements.strip().removesuffix(";").split(";"):
        connection.execute(text(statement))


@pytest.fixture
def first_release_url(fresh_url: str) -> Iterator[str]:
    """URL of a ledger as the first release left it after a month."""
    with made_by(fresh_url, "0001") as connection:
        execute_each(connection, ROWS)
        if connection.dialect.name == "postgresql":
            for table in TABLES:
                connection.execute(text(f"SELECT setval('{table}_id_seq', 3)"))
    yield fresh_url
    open_engine(fresh_url).dispose()


def rows_of(engine: Engine, table: str) -> list[dict[str, object]]:
    with engine.connect() as connection:
        result = connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))
        return [dict(row) for row in result.mappings()]


def test_an_upgrade_keeps_every_row(first_release_url: str) -> None:
    before = create_engine(ledger_url_of(first_release_url), poolclass=NullPool)
    old = {table: rows_of(before, table) for table in TABLES}
    assert all(old.values())
    engine = open_engine(first_release_url)

    for table in TABLES:
        kept = [{name: row[name] for name in old[table][0]} for row in rows_of(engine, table)]
        assert kept == old[table]


def test_an_upgraded_ledger_goes_on_where_it_was(first_release_url: str) -> None:
    ledger = Ledger(open_engine(first_release_url), "main")
    delivered, unknown = ledger.exports("2026-10")

    assert (delivered.state, delivered.document_id) == ("delivered", 2**40)
    assert (delivered.document_edited_at, delivered.content_sha256) == (None, None)
    assert ledger.claims_of("2026-10") == {
        BilledLine("S1", "service"): Claim(delivered, None),
        BilledLine("S1", "cancellation_fee"): Claim(delivered, None),
        BilledLine("S2", "service"): Claim(unknown, None),
    }
    lease = ledger.take_lease("2026-10", "run 2 on host", 60)
    assert lease is not None
    planned = ledger.under(lease).replan(
        delivered,
        Planned(
            csv_sha256="cc",
            csv_path="exports/2026-10/K1.csv",
            line_count=1,
            net_cents=1,
            gross_cents=1,
            planned_sha256="dd",
            lines=billed("S1"),
        ),
        flow_run_id=None,
    )
    assert (planned.document_id, planned.replaced_attachment_id) == (2**40, 70)
    sending = ledger.under(lease).advance(planned, Event.SEND_UPDATE)
    updated = ledger.under(lease).advance(sending, Event.DRAFT_UPDATED)
    assert ledger.lines_of(updated) == service_lines("S1")
    ledger.recognise_logins([4711])


def test_a_reason_from_before_the_codes_keeps_its_words_until_another_is_given(
    first_release_url: str,
) -> None:
    ledger = Ledger(open_engine(first_release_url), "main")
    delivered, unknown = ledger.exports("2026-10")
    assert reason_in(delivered) is None
    columns = (unknown.error, unknown.reason_code, unknown.reason_facts)
    assert columns == ("no answer", None, None)

    away = why("away", "easybill_unavailable", '{"said": "away"}')
    looked_up = ledger.advance(unknown, Event.FILE_LOOKED_UP, attachment_id=None, reason=away)
    assert ledger.find_export("2026-10", "K2", 1) == looked_up
    assert reason_in(looked_up) == away
    sending = ledger.advance(looked_up, Event.SEND_UPLOAD, reason=None)
    assert reason_in(sending) is None


def test_an_upgraded_log_of_calls_still_only_grows(first_release_url: str) -> None:
    engine = open_engine(first_release_url)

    for change in ("UPDATE api_calls SET status = 200", "DELETE FROM api_calls"):
        with (
            pytest.raises(DBAPIError, match="api_calls is append-only"),
            engine.begin() as connection,
        ):
            connection.execute(text(change))
    assert len(Ledger(engine, "main").calls("2026-10")) == 1


def open_and_ask_for_the_lease(url: str, who: int) -> bool:
    meet()
    ledger = Ledger(open_engine(url), "main")
    return ledger.take_lease("2026-10", f"run {who} on host", 60) is not None


def test_eight_processes_can_upgrade_a_ledger_at_once(
    processes: Executor, first_release_url: str
) -> None:
    parts = [
        processes.submit(open_and_ask_for_the_lease, first_release_url, who)
        for who in range(AT_ONCE)
    ]

    assert sorted(part.result(60) for part in parts) == [False] * (AT_ONCE - 1) + [True]
    assert len(Ledger(open_engine(first_release_url), "main").exports("2026-10")) == 2


@pytest.mark.parametrize("had_a_request", [True, False])
def test_an_upgraded_ledger_goes_on_with_the_window_of_requests(
    fresh_url: str, had_a_request: bool
) -> None:
    with made_by(fresh_url, "0002") as connection:
        if had_a_request:
            execute_each(connection, WINDOW)
            let_three_requests_through_now(connection)
    engine = open_engine(fresh_url)

    assert Ledger(engine, "main").request_window(3, 60.0).take() == pytest.approx(
        60 if had_a_request else 0, abs=10
    )
    assert Ledger(engine, "main").request_window(4, 60.0).take() == 0
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def let_three_requests_through_now(connection: Connection) -> None:
    clock = time.time if connection.dialect.name == "postgresql" else time.monotonic
    now = {"now": round(clock() * 1000)}
    connection.execute(
        text("INSERT INTO easybill_requests_accounts VALUES ('main', 3, :now, 0)"), now
    )
    connection.execute(
        text(
            "INSERT INTO easybill_requests VALUES"
            " ('main', 0, :now), ('main', 1, :now), ('main', 2, :now)"
        ),
        now,
    )
