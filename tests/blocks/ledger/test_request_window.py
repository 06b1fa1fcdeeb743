import secrets
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import LedgerUnavailable
from blocks.ledger.ledger import Ledger
from blocks.ledger.request_window import RequestWindow
from tests.blocks.easybill.test_memory_window import FakeClock
from tests.blocks.easybill.wire import shortest_span

OpenSqlite = Callable[..., RequestWindow]


@pytest.fixture(scope="session")
def on_sqlite(sqlite_ledger_url: str) -> OpenSqlite:
    """Open the window of an account that no other test uses, on a clock of its own."""

    def open_window(
        limit: int, seconds: float, clock: FakeClock, account: str | None = None
    ) -> RequestWindow:
        account = account or f"account-{secrets.token_hex(6)}"
        return RequestWindow(open_engine(sqlite_ledger_url), account, limit, seconds, now_ms=clock)

    return open_window


@settings(deadline=None, max_examples=40)
@given(
    limit=st.integers(1, 4),
    steps=st.lists(
        st.tuples(
            st.integers(0, 4_000), st.sampled_from([0, 0, 0, 1, 60_000]), st.sampled_from([1, 1, 2])
        )
    ),
)
def test_no_window_ever_holds_more_than_the_limit_even_if_the_clock_starts_again_lower(
    on_sqlite: OpenSqlite, limit: int, steps: list[tuple[int, int, int]]
) -> None:
    clock, real_ms = FakeClock(), 0
    clock.ms = 10_000_000
    granted: list[float] = []
    window = on_sqlite(limit, 10.0, clock)
    for advance_ms, back_ms, wanted in steps:
        real_ms += advance_ms
        clock.ms += advance_ms - back_ms
        requests = min(wanted, limit)
        wait = window.take(requests)
        assert wait <= 10.001
        if wait == 0:
            granted += [real_ms] * requests
    if len(granted) > limit:
        assert shortest_span(granted, limit + 1) > 10_000


def test_the_first_go_at_once_and_the_next_is_told_how_long_to_wait(ledger: Ledger) -> None:
    window = ledger.request_window(3, 10.0)
    assert [window.take() for _ in range(3)] == [0.0] * 3
    assert 8 < window.take() <= 10.001


def test_turns_for_several_requests_are_given_all_at_once_or_not_at_all(ledger: Ledger) -> None:
    one, another = ledger.request_window(3, 10.0), ledger.request_window(3, 10.0)
    assert one.take(2) == 0
    assert 8 < another.take(2) <= 10.001
    assert another.take() == 0
    assert 8 < one.take() <= 10.001


def test_a_window_is_remembered_when_its_process_is_gone(ledger: Ledger, ledger_url: str) -> None:
    assert ledger.request_window(1, 10.0).take() == 0
    open_engine(ledger_url).dispose()
    assert ledger.request_window(1, 10.0).take() > 0


def test_a_pause_is_seen_by_others_and_the_longer_one_holds(ledger: Ledger) -> None:
    pausing, other = ledger.request_window(5, 10.0), ledger.request_window(5, 10.0)
    assert other.take() == 0
    pausing.pause(30)
    pausing.pause(1)
    assert 28 < other.take() <= 30


def test_the_first_word_of_an_account_may_be_a_pause(ledger: Ledger) -> None:
    ledger.request_window(5, 10.0).pause(30)
    assert 28 < ledger.request_window(5, 10.0).take() <= 30


def test_a_pause_outlives_no_longer_than_meant_where_the_clock_starts_again_lower(
    on_sqlite: OpenSqlite,
) -> None:
    clock = FakeClock()
    clock.ms = 10_000_000
    window = on_sqlite(5, 10.0, clock)
    window.pause(30)
    clock.ms = 5_000
    assert window.take() == 30
    clock.ms += 30_000
    assert window.take() == 0


def test_what_a_clock_that_was_set_back_puts_into_the_future_has_just_happened(
    ledger: Ledger,
) -> None:
    window = ledger.request_window(3, 10.0)
    assert [window.take() for _ in range(3)] == [0.0] * 3
    an_hour_later = (
        "UPDATE easybill_requests SET at_ms = at_ms + 3600000 WHERE account = :account",
        "UPDATE easybill_requests_accounts SET latest_ms = latest_ms + 3600000"
        " WHERE account = :account",
    )
    with ledger._engine.begin() as db:
        for statement in an_hour_later:
            db.execute(text(statement), {"account": ledger.account})
    assert 8 < window.take() <= 10.001


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("main", "Main"),
        ("a", "a "),
        ("x'; drop table--", 'x"'),
        ("\0", "\\x00"),
        ("ä", "a"),
        ("", "?"),
    ],
)
def test_accounts_of_any_name_have_windows_of_their_own(
    fresh_url: str, one: str, another: str
) -> None:
    engine = open_engine(fresh_url)
    windows = [RequestWindow(engine, account, 1, 10.0) for account in (one, another, one)]
    waits = [window.take() for window in windows]
    assert (waits[0], waits[1]) == (0, 0)
    assert waits[2] > 0
    engine.dispose()


def test_a_lower_limit_counts_what_went_out_under_a_higher_one(ledger: Ledger) -> None:
    high, low = ledger.request_window(20, 10.0), ledger.request_window(8, 10.0)
    assert [high.take() for _ in range(8)] == [0.0] * 8
    assert low.take() > 0


def test_old_moments_are_forgotten(on_sqlite: OpenSqlite, sqlite_ledger_url: str) -> None:
    clock = FakeClock()
    window = on_sqlite(10, 1.0, clock, "forgets")
    for _ in range(600):
        clock.ms += 500
        assert window.take() == 0
    query = "SELECT count(*) FROM easybill_requests WHERE account = 'forgets'"
    with open_engine(sqlite_ledger_url).connect() as db:
        assert db.execute(text(query)).scalar_one() < 300


def windows_of(ledger: Ledger, *turns_at_a_time: int, limit: int) -> list[RequestWindow]:
    return [
        RequestWindow(ledger._engine, ledger.account, limit, 10.0, turns_at_a_time=turns)
        for turns in turns_at_a_time
    ]


def test_turns_taken_several_at_a_time_count_in_full(ledger: Ledger) -> None:
    started = time.monotonic()
    windows = windows_of(ledger, 4, 1, 3, limit=24)
    assert [windows[0].take(), windows[1].take(), windows[2].take()] == [0.0] * 3
    # 4 + 1 + 3 are taken, though only three are used; what is left goes one at a time.
    assert [windows[1].take() for _ in range(16)] == [0.0] * 16
    assert windows[1].take() > 0
    assert [windows[0].take() for _ in range(3)] == [0.0] * 3
    assert windows[0].take() >= 10 - (time.monotonic() - started)


def test_turns_for_several_requests_come_from_those_that_were_taken_ahead(ledger: Ledger) -> None:
    started = time.monotonic()
    ahead, other = windows_of(ledger, 3, 1, limit=6)
    assert [ahead.take(2), ahead.take(2)] == [0.0, 0.0]
    assert other.take() >= 10 - (time.monotonic() - started)


def test_turns_that_were_taken_ahead_expire(ledger: Ledger) -> None:
    started = time.monotonic()
    (window,) = windows_of(ledger, 4, limit=4)
    assert window.take() == 0
    time.sleep(1.1)
    assert window.take() >= 10 - (time.monotonic() - started)


def test_a_pause_ends_turns_that_were_taken_ahead(ledger: Ledger) -> None:
    started = time.monotonic()
    window = ledger.request_window(1_000_000, 60.0)
    assert window.take() == 0
    window.pause(30)
    assert window.take() >= 30 - (time.monotonic() - started)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(ledger: Ledger, limit: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        ledger.request_window(limit, 60.0)


@pytest.mark.parametrize("ask", [RequestWindow.take, lambda window: window.pause(1)])
def test_a_database_that_does_not_answer_is_named_without_the_password(
    ask: Callable[[RequestWindow], object],
) -> None:
    engine = create_engine("postgresql+psycopg://someone:s3cret@127.0.0.1:1/nowhere")
    window = RequestWindow(engine, "main", 1, 10.0)
    with pytest.raises(LedgerUnavailable, match=r"127\.0\.0\.1:1/nowhere does not") as raised:
        ask(window)
    assert "s3cret" not in f"{raised.value!r} {raised.value.__cause__!r}"
