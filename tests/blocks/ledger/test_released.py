"""Services of a cancelled invoice that are billed again, and the view that the OMS reads."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import AlreadyBilled, NotPermitted
from blocks.ledger.ledger import BilledLine, Export, Ledger, Planned
from blocks.ledger.records import DraftSeen
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, as_if, digest_of, service_lines

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
CANCELLED = DraftSeen("cancelled", "2026-17", NOW, TODAY, None, 0)


def delivered(ledger: Ledger, export: Export, document_id: int = 7) -> Export:
    return as_if(ledger, export, "delivered", document_id=document_id)


def look(ledger: Ledger, export: Export, seen: DraftSeen = CANCELLED) -> list[Export]:
    day = {"looked_at": NOW, "edited_from": date(2026, 11, 1), "today": TODAY}
    return ledger.keep_look([(export, seen)], **day)  # type: ignore[arg-type]


def rows(url: str, ledger: Ledger, relation: str, columns: str) -> list[tuple[object, ...]]:
    query = text(f"SELECT {columns} FROM {relation} WHERE account = :account ORDER BY 1, 2, 3")
    with open_engine(url).connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"account": ledger.account})]


def test_released_lines_are_billed_once_more_and_stay_on_record(
    ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    first = delivered(ledger, plan("K1", "S1", "S2"))
    with pytest.raises(AlreadyBilled):
        plan("K1", "S1", sequence=2)

    released = ledger.release(first, released_by="run 4711")
    assert ledger.lines_of(released) == frozenset()
    assert ledger.billed_lines(service_lines("S1", "S2")) == {}
    again = delivered(ledger, plan("K1", "S1", sequence=2), document_id=8)

    assert ledger.lines_of(again) == service_lines("S1")
    kept = rows(ledger_url, ledger, "billed_services", "service_id, export, released_by")
    assert sorted(kept, key=str) == [
        ("S1", first.id, "run 4711"),
        ("S1", again.id, None),
        ("S2", first.id, "run 4711"),
    ]
    with pytest.raises(AlreadyBilled):
        plan("K2", "S1")


def test_a_line_may_be_released_several_times(ledger: Ledger, plan: Plan) -> None:
    for sequence in (1, 2, 3):
        export = delivered(ledger, plan("K1", "S1", sequence=sequence), document_id=sequence)
        ledger.release(export, released_by="run")
    assert ledger.billed_lines(service_lines("S1")) == {}


def test_only_what_is_delivered_is_released(ledger: Ledger, plan: Plan) -> None:
    with pytest.raises(NotPermitted):
        ledger.release(plan("K1", "S1"), released_by="run")


def test_a_look_changes_nothing_that_a_run_decides_by(ledger: Ledger, plan: Plan) -> None:
    export = delivered(ledger, plan("K1", "S1"))
    assert look(ledger, export) == []

    (seen,) = ledger.drafts()
    assert (seen.draft_state, seen.invoice_number, seen.due_date) == (
        *("cancelled", "2026-17"),
        TODAY,
    )
    assert (seen.updated_at, seen.state) == (export.updated_at, export.state)
    # A run that has read the export before the look goes on with it.
    assert as_if(ledger, export, "delivered").invoice_number == "2026-17"


def test_what_a_run_wrote_since_is_left_to_the_next_look(ledger: Ledger, plan: Plan) -> None:
    read = delivered(ledger, plan("K1", "S1"))
    as_if(ledger, read, "delivered")

    assert look(ledger, read) == [read]
    (now,) = ledger.drafts()
    assert now.draft_state is None
    last = ledger.last_look()
    assert last is not None
    assert (last.looked_at, last.edited_from) == (NOW, date(2026, 11, 1))


def test_the_next_look_begins_on_the_day_of_this_one(ledger: Ledger, plan: Plan) -> None:
    assert ledger.last_look() is None
    look(ledger, delivered(ledger, plan("K1", "S1")))
    last = ledger.last_look()
    assert last is not None
    assert last.edited_from == TODAY


def test_the_view_has_one_row_per_line_that_is_billed(
    ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    first = delivered(ledger, plan("K1", "S1"))
    plan("K2", "S2")
    columns = "service_id, kind, month, customer_number, document_id, invoice_number, state"
    invoiced = ("S1", "service", "2026-10", "K1", 7)
    assert rows(ledger_url, ledger, "invoiced_services", columns) == [(*invoiced, None, "draft")]

    look(ledger, first)
    found = rows(ledger_url, ledger, "invoiced_services", columns)
    assert found == [(*invoiced, "2026-17", "cancelled")]

    ledger.release(first, released_by="run")
    assert rows(ledger_url, ledger, "invoiced_services", columns) == []
    delivered(ledger, plan("K1", "S1", sequence=2), document_id=8)
    found = rows(ledger_url, ledger, "invoiced_services", columns)
    assert found == [(*invoiced[:4], 8, None, "draft")]


def test_the_net_of_each_line_is_kept_with_its_claim(
    ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    lines = {BilledLine("S1", "service", 6833): digest_of("S1")}
    sums: dict[str, Any] = {"line_count": 1, "net_cents": 6833, "gross_cents": 8131}
    planned = Planned(csv_sha256="a" * 64, csv_path="K1.csv", lines=lines, **sums)
    export = delivered(ledger, ledger.plan("2026-10", "K1", 1, planned, flow_run_id=None))
    (line,) = ledger.claims_of("2026-10")
    assert (line, line.net_cents) == (BilledLine("S1", "service"), 6833)

    # An update that is planned and given up leaves the net of what the draft holds.
    dearer = {BilledLine("S1", "service", 7000): digest_of("other")}
    replanned = ledger.replan(export, replace(planned, lines=dearer), flow_run_id=None)
    ledger.advance(replanned, Event.UPDATE_GIVEN_UP)
    columns = "net_cents, kind, document_id"
    assert rows(ledger_url, ledger, "invoiced_services", columns) == [(6833, "service", 7)]


def test_a_database_user_who_may_read_the_view_reads_nothing_else(postgres_ledger_url: str) -> None:
    engine = open_engine(postgres_ledger_url)
    url = engine.url
    schema = str(url.query["options"]).split("=")[1]
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {schema}_oms LOGIN PASSWORD 'oms'"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {schema}_oms"))
        connection.execute(text(f"GRANT SELECT ON invoiced_services TO {schema}_oms"))
    reader = create_engine(url.set(username=f"{schema}_oms", password="oms"))
    try:
        with reader.connect() as connection:
            connection.execute(text("SELECT * FROM invoiced_services"))
        for table in ("exports", "billed_services", "api_calls"):
            with reader.connect() as connection, pytest.raises(ProgrammingError, match="denied"):
                connection.execute(text(f"SELECT * FROM {table}"))
    finally:
        reader.dispose()
        with engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {schema}_oms"))
            connection.execute(text(f"DROP ROLE {schema}_oms"))
