"""The law of the limiter, as a real server sees it: never more than the limit in any window."""

import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from blocks.easybill.limiter import WINDOW_SECONDS, RequestLimiter
from blocks.easybill.memory_window import MemoryWindow
from tests.blocks.easybill.sender import send_from_threads, shared_limiter
from tests.blocks.easybill.wire import shortest_span, stamping_server
from tests.shared import ROOT

LIMIT = 6
MINUTE = 1.0
# Generous, because the machine that runs the tests may be busy with others.
WINDOW = MINUTE + 0.5


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


def run_processes(*arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tests.blocks.easybill.sender"]
    running = [subprocess.Popen([*command, *given], cwd=ROOT) for given in arguments]
    assert [process.wait(60) for process in running] == [0] * len(arguments)


def assert_the_law(arrivals: list[float], requests: int) -> None:
    assert len(arrivals) == requests
    assert shortest_span(arrivals, LIMIT + 1) > MINUTE


def test_threads_keep_the_limit_in_memory() -> None:
    limiter = RequestLimiter(MemoryWindow(LIMIT, WINDOW))
    with stamping_server() as (port, arrivals):
        send_from_threads(limiter, port, threads=5, requests=3)
    assert_the_law(arrivals, 15)
    assert shortest_span(arrivals, LIMIT) < MINUTE


def test_threads_keep_the_limit_over_a_ledger(ledger_url: str) -> None:
    limiter = shared_limiter(ledger_url, LIMIT, WINDOW)
    with stamping_server() as (port, arrivals):
        send_from_threads(limiter, port, threads=5, requests=3)
    assert_the_law(arrivals, 15)
    assert shortest_span(arrivals, LIMIT) < MINUTE


def test_processes_keep_the_limit_between_them(ledger_url: str) -> None:
    with stamping_server() as (port, arrivals):
        arguments = [ledger_url, str(LIMIT), str(WINDOW), str(port)]
        run_processes(*[arguments] * 4)
    assert_the_law(arrivals, 16)


def test_a_pause_is_kept_by_other_processes(ledger_url: str) -> None:
    limiter = shared_limiter(ledger_url, LIMIT, WINDOW)
    limiter.acquire()
    run_processes([ledger_url, str(LIMIT), str(WINDOW)])
    # The other process took a moment to end after it paused everybody.
    started = time.monotonic()
    limiter.acquire()
    assert 0.3 < time.monotonic() - started < 2.5


def test_a_database_that_others_keep_locked_only_takes_longer(sqlite_url: str) -> None:
    limiter = shared_limiter(sqlite_url, LIMIT, WINDOW)
    limiter.acquire()
    hog = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    hog.execute("BEGIN IMMEDIATE")
    turns: list[None] = []
    waiting = threading.Thread(target=lambda: turns.append(limiter.acquire()))  # type: ignore[func-returns-value]
    waiting.start()
    waiting.join(0.5)
    assert turns == []
    hog.execute("COMMIT")
    hog.close()
    waiting.join(10)
    assert turns == [None]


def test_a_minute_is_a_minute_and_a_margin() -> None:
    slept: list[float] = []

    class Enough(Exception):
        """Waited for."""

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise Enough

    limiter = RequestLimiter(RequestLimiter.in_memory(2)._window, sleep)
    limiter.acquire()
    limiter.acquire()
    with pytest.raises(Enough):
        limiter.acquire()
    assert slept == [pytest.approx(WINDOW_SECONDS, abs=0.5)]
    assert WINDOW_SECONDS == 61


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        RequestLimiter.in_memory(limit)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
def test_a_limit_that_is_no_limit_costs_little(kind: str, request: pytest.FixtureRequest) -> None:
    limiter = (
        RequestLimiter.in_memory(1_000_000)
        if kind == "memory"
        else shared_limiter(request.getfixturevalue(f"{kind}_url"), 1_000_000, WINDOW_SECONDS)
    )
    limiter.acquire()
    started = time.monotonic()
    for _ in range(1000):
        limiter.acquire()
    assert time.monotonic() - started < 1.0
