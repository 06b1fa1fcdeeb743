import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, text

from blocks.easybill.errors import Unavailable
from blocks.ledger.request_window import SharedWindow
from tests.blocks.easybill.test_memory_window import FakeClock
from tests.blocks.easybill.wire import shortest_span


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@settings(deadline=None, max_examples=40)
@given(
    limit=st.integers(1, 4),
    steps=st.lists(st.tuples(st.integers(0, 4_000), st.sampled_from([0, 0, 0, 1, 60_000]))),
)
def test_no_window_ever_holds_more_than_the_limit_even_if_the_clock_starts_again_lower(
    limit: int, steps: list[tuple[int, int]]
) -> None:
    clock, real_ms = FakeClock(), 0
    clock.ms = 10_000_000
    granted: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        window = SharedWindow(f"sqlite:///{folder}/ledger.db", "main", limit, 10.0, now_ms=clock)
        for advance_ms, back_ms in steps:
            real_ms += advance_ms
            clock.ms += advance_ms - back_ms
            wait = window.take()
            assert wait <= 10.001
            if wait == 0:
                granted.append(real_ms)
        window.close()
    if len(granted) > limit:
        assert shortest_span(granted, limit + 1) > 10_000


def test_the_first_go_at_once_and_the_next_is_told_how_long_to_wait(ledger_url: str) -> None:
    window = SharedWindow(ledger_url, "main", 3, 10.0)
    assert [window.take() for _ in range(3)] == [0.0] * 3
    assert 8 < window.take() <= 10.001
    window.close()


def test_a_window_is_remembered_when_its_process_is_gone(ledger_url: str) -> None:
    first = SharedWindow(ledger_url, "main", 1, 10.0)
    assert first.take() == 0
    first.close()
    second = SharedWindow(ledger_url, "main", 1, 10.0)
    assert second.take() > 0
    second.close()


def test_a_pause_is_seen_by_others_and_the_longer_one_holds(ledger_url: str) -> None:
    pausing = SharedWindow(ledger_url, "main", 5, 10.0)
    other = SharedWindow(ledger_url, "main", 5, 10.0)
    assert other.take() == 0
    pausing.pause(30)
    pausing.pause(1)
    assert 28 < other.take() <= 30
    pausing.close()
    other.close()


def test_a_pause_outlives_no_longer_than_meant_where_the_clock_starts_again_lower(
    sqlite_url: str,
) -> None:
    clock = FakeClock()
    clock.ms = 10_000_000
    window = SharedWindow(sqlite_url, "main", 5, 10.0, now_ms=clock)
    window.pause(30)
    clock.ms = 5_000
    assert window.take() == 30
    clock.ms += 30_000
    assert window.take() == 0
    window.close()


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
    ledger_url: str, one: str, another: str
) -> None:
    windows = [SharedWindow(ledger_url, account, 1, 10.0) for account in (one, another, one)]
    waits = [window.take() for window in windows]
    assert (waits[0], waits[1]) == (0, 0)
    assert waits[2] > 0
    for window in windows:
        window.close()


def test_a_lower_limit_counts_what_went_out_under_a_higher_one(ledger_url: str) -> None:
    high = SharedWindow(ledger_url, "main", 20, 10.0)
    assert [high.take() for _ in range(8)] == [0.0] * 8
    low = SharedWindow(ledger_url, "main", 8, 10.0)
    assert low.take() > 0
    high.close()
    low.close()


def test_old_moments_are_forgotten(sqlite_url: str) -> None:
    clock = FakeClock()
    window = SharedWindow(sqlite_url, "main", 10, 1.0, now_ms=clock)
    for _ in range(600):
        clock.ms += 500
        assert window.take() == 0
    window.close()
    with create_engine(sqlite_url).connect() as db:
        assert db.execute(text("SELECT count(*) FROM easybill_requests")).scalar_one() < 300


def test_turns_taken_several_at_a_time_count_in_full(ledger_url: str) -> None:
    windows = [
        SharedWindow(ledger_url, "main", 24, 10.0, turns_at_a_time=turns) for turns in (4, 1, 3)
    ]
    assert [windows[0].take(), windows[1].take(), windows[2].take()] == [0.0] * 3
    # 4 + 1 + 3 are taken, though only three are used; what is left goes one at a time.
    assert [windows[1].take() for _ in range(16)] == [0.0] * 16
    assert windows[1].take() > 0
    assert [windows[0].take() for _ in range(3)] == [0.0] * 3
    assert windows[0].take() > 8
    for window in windows:
        window.close()


def test_turns_that_were_taken_ahead_expire(sqlite_url: str) -> None:
    window = SharedWindow(sqlite_url, "main", 4, 10.0, turns_at_a_time=4)
    assert window.take() == 0
    time.sleep(1.1)
    assert window.take() > 8
    window.close()


def test_a_pause_ends_turns_that_were_taken_ahead(ledger_url: str) -> None:
    window = SharedWindow(ledger_url, "main", 1_000_000, 60.0)
    assert window.take() == 0
    window.pause(30)
    assert window.take() > 28
    window.close()


def test_the_tables_stay_out_of_the_ledgers_way(ledger_url: str) -> None:
    window = SharedWindow(ledger_url, "main", 1, 10.0)
    window.take()
    window.close()
    tables = inspect(create_engine(ledger_url)).get_table_names()
    assert sorted(tables) == ["easybill_requests", "easybill_requests_accounts"]


def test_a_database_that_cannot_be_used_means_that_nothing_was_sent(tmp_path: Path) -> None:
    window = SharedWindow(f"sqlite:///{tmp_path}/missing/ledger.db", "main", 1, 10.0)
    with pytest.raises(Unavailable, match="LEDGER_DATABASE_URL"):
        window.take()


def test_the_password_of_the_database_is_in_no_error() -> None:
    url = "postgresql+psycopg://someone:s3cret@127.0.0.1:1/nowhere"
    window = SharedWindow(url, "main", 1, 10.0)
    with pytest.raises(Unavailable) as raised:
        window.take()
    assert "s3cret" not in f"{raised.value!r} {raised.value.__cause__!r}"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql+pymysql://x:s3cret@h/d", "not s3cret a url"]
)
def test_a_database_that_processes_cannot_share_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"database|PostgreSQL") as raised:
        SharedWindow(url, "main", 1, 10.0)
    assert "s3cret" not in str(raised.value)
