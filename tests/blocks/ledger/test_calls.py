"""The log of HTTP attempts, which can only grow."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import LedgerConflict, LedgerError
from blocks.ledger.ledger import ApiCallRow, CallToLog, Ledger
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, open_account

AT = datetime(2026, 11, 1, 5, 0, 0, 123456, tzinfo=UTC)


def record(
    ledger: Ledger, *, at: datetime = AT, month: str = "2026-10", outcome: str = "success"
) -> None:
    ledger.record_call(
        CallToLog(
            at=at,
            month=month,
            customer_number="K1",
            method="POST",
            path="/documents",
            status=201,
            outcome=outcome,
            duration_ms=120,
            error=None,
            flow_run_id="run-1",
        )
    )


def test_a_call_reads_back_as_it_was_recorded(ledger: Ledger) -> None:
    record(ledger)

    (call,) = ledger.calls("2026-10")
    assert call == ApiCallRow(
        id=call.id,
        account=ledger.account,
        at=AT,
        month="2026-10",
        customer_number="K1",
        method="POST",
        path="/documents",
        status=201,
        outcome="success",
        duration_ms=120,
        error=None,
        flow_run_id="run-1",
    )
    assert call.at.tzinfo is UTC


def test_a_customers_call_waits_for_the_write_that_says_what_came_of_it(
    ledger: Ledger, plan: Plan
) -> None:
    sending = ledger.advance(plan("K1", "S1"), Event.SEND_DRAFT)
    with ledger.for_one_customer() as customer:
        record(customer)
        assert ledger.calls("2026-10") == []
        customer.advance(sending, Event.DRAFT_CREATED, document_id=5)
        assert len(ledger.calls("2026-10")) == 1
    assert len(ledger.calls("2026-10")) == 1


def test_a_customers_calls_without_a_write_are_recorded_at_the_end(
    ledger: Ledger, plan: Plan
) -> None:
    planned = plan("K1", "S1")
    ledger.advance(planned, Event.SEND_DRAFT)
    with ledger.for_one_customer() as customer:
        record(customer)
        with pytest.raises(LedgerConflict):
            customer.advance(planned, Event.SEND_DRAFT)
        assert ledger.calls("2026-10") == []
    assert len(ledger.calls("2026-10")) == 1
    record(customer, outcome="unknown")
    assert [call.outcome for call in ledger.calls("2026-10")] == ["success", "unknown"]


def test_a_call_without_customer_and_answer_is_recorded(ledger: Ledger) -> None:
    ledger.record_call(
        CallToLog(
            at=AT,
            month="2026-10",
            customer_number=None,
            method="GET",
            path="/customers",
            status=None,
            outcome="unknown",
            duration_ms=30_000,
            error="timed out",
            flow_run_id=None,
        )
    )

    (call,) = ledger.calls("2026-10")
    assert (call.customer_number, call.status, call.error) == (None, None, "timed out")


def test_calls_are_listed_per_month_and_account(ledger_url: str, ledger: Ledger) -> None:
    record(ledger)
    record(ledger, month="2026-09")
    record(open_account(ledger_url))

    assert len(ledger.calls("2026-10")) == 1


def test_another_zone_means_the_same_moment(ledger: Ledger) -> None:
    record(ledger, at=AT.astimezone(timezone(timedelta(hours=1))))

    assert ledger.calls("2026-10")[0].at == AT


def test_sql_reads_the_time_in_utc(ledger_url: str, ledger: Ledger) -> None:
    record(ledger, at=datetime(2026, 11, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))))
    engine = open_engine(ledger_url)
    utc = "at" if engine.dialect.name == "sqlite" else "at AT TIME ZONE 'UTC'"
    query = f"SELECT CAST({utc} AS TEXT) FROM api_calls WHERE account = :account"

    with engine.connect() as connection:
        read = connection.execute(text(query), {"account": ledger.account}).scalar_one()
    assert str(read).startswith("2026-10-31 23:30:00")


def test_a_time_without_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="no time zone"):
        record(ledger, at=AT.replace(tzinfo=None))


def test_an_unknown_outcome_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="api_calls_outcome"):
        record(ledger, outcome="maybe")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE api_calls SET status = 200",
        "DELETE FROM api_calls",
        "DELETE FROM api_calls WHERE month = '2026-10'",
    ],
)
def test_a_recorded_call_can_be_neither_changed_nor_deleted(
    ledger_url: str, ledger: Ledger, change: str
) -> None:
    record(ledger)

    assert_refused(ledger_url, ledger, change)


def test_a_recorded_call_can_not_be_truncated(postgres_ledger_url: str) -> None:
    ledger = open_account(postgres_ledger_url)
    record(ledger)

    assert_refused(postgres_ledger_url, ledger, "TRUNCATE api_calls")


def test_a_recorded_call_can_not_be_replaced(sqlite_ledger_url: str) -> None:
    ledger = open_account(sqlite_ledger_url)
    record(ledger)

    assert_refused(
        sqlite_ledger_url,
        ledger,
        "INSERT OR REPLACE INTO api_calls (id, at, account, month, method, path, outcome, "
        "duration_ms) SELECT id, at, account, month, 'GET', path, outcome, 0 FROM api_calls",
    )


def assert_refused(url: str, ledger: Ledger, change: str) -> None:
    before = ledger.calls("2026-10")
    with (
        pytest.raises(DBAPIError, match="api_calls is append-only"),
        open_engine(url).begin() as connection,
    ):
        connection.execute(text(change))
    assert ledger.calls("2026-10") == before
