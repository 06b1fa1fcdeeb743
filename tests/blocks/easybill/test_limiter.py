"""The law of the limiter, as a real server sees it: never more than the limit in any window."""

import sqlite3
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from sqlalchemy import event

from blocks.easybill.answers import LONGEST_PAUSE_SECONDS
from blocks.easybill.errors import Unavailable
from blocks.easybill.limiter import LONGEST_WAIT_SECONDS, WINDOW_SECONDS, RequestLimiter
from blocks.easybill.memory_window import MemoryWindow
from blocks.ledger.engines import open_engine
from tests.blocks.easybill.sender import PAUSE_SECONDS, send_from_threads, shared_limiter
from tests.blocks.easybill.test_memory_window import FakeClock
from tests.blocks.easybill.wire import Wire, always, shortest_span, stamping_server
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


def first_nap(limiter: RequestLimiter) -> float:
    """How many seconds the next request is to wait first."""

    class Asleep(Exception):
        """The nap that was asked for."""

    def sleep(seconds: float) -> None:
        raise Asleep(seconds)

    with pytest.raises(Asleep) as asleep:
        RequestLimiter(limiter._window, sleep).acquire()
    return float(asleep.value.args[0])


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
    assert PAUSE_SECONDS / 2 < first_nap(limiter) <= PAUSE_SECONDS


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
    limiter = RequestLimiter.in_memory(2)
    limiter.acquire()
    limiter.acquire()
    # The bucket asks for a millisecond more.
    assert WINDOW_SECONDS / 2 < first_nap(limiter) <= WINDOW_SECONDS + 0.1
    assert WINDOW_SECONDS == 61


class NeverAgain:
    """A window that has no turn for anybody, for this time and then once more."""

    limit = 10

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def take(self, requests: int = 1) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        """Be silent."""


@pytest.mark.parametrize("seconds", [1.0, 61.0, 700.0, 1e300, float("inf")])
@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("requests", [1, 2])
def test_a_turn_that_never_comes_is_not_waited_for_without_end(
    seconds: float, asks: bool, requests: int
) -> None:
    slept: list[float] = []
    limiter = RequestLimiter(NeverAgain(seconds), slept.append)
    with pytest.raises(Unavailable, match="Nothing was sent"):
        limiter.acquire((lambda: None) if asks else None, requests=requests)
    assert sum(slept) == pytest.approx(LONGEST_WAIT_SECONDS)


def test_who_waits_for_several_turns_is_not_passed_by_others_again_and_again() -> None:
    clock = FakeClock()
    window = MemoryWindow(2, WINDOW_SECONDS, clock)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        # Others ask right before, when the first of the two turns has long been free.
        clock.ms += round(seconds * 1000) - 1
        waits.append(window.take())
        clock.ms += 1
        assert len(waits) < 5

    limiter = RequestLimiter(window, sleep)
    limiter.acquire()
    clock.ms += 30_000
    limiter.acquire()
    limiter.acquire(requests=2)
    assert waits == [0.001]


def test_whom_easybill_always_sends_away_waits_no_longer_than_is_stated() -> None:
    slept: list[float] = []
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.ms += round(seconds * 1000)

    limiter = RequestLimiter(MemoryWindow(10, WINDOW_SECONDS, clock), sleep)
    wire = Wire(always(429, headers={"Retry-After": "9" * 400}), limiter)
    for _ in range(3):
        with pytest.raises(Unavailable, match="429"):
            wire.client.list_logins()
    assert slept == [LONGEST_PAUSE_SECONDS] * 2


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        RequestLimiter.in_memory(limit)


def test_a_limit_that_is_no_limit_costs_this_process_little() -> None:
    def cpu_seconds(limit: int) -> float:
        limiter = RequestLimiter.in_memory(limit)
        started = time.thread_time()
        for _ in range(200):
            limiter.acquire()
        return time.thread_time() - started

    def least(limit: int) -> float:
        return min(cpu_seconds(limit) for _ in range(10))

    assert least(1_000_000) < 5 * least(1_000)


def test_a_limit_that_is_no_limit_costs_the_ledger_little(ledger_url: str) -> None:
    statements: list[str] = []

    def note(*executed: Any) -> None:
        statements.append(executed[2])

    def asked(limit: int) -> int:
        limiter = shared_limiter(ledger_url, limit, WINDOW_SECONDS)
        limiter.acquire()
        statements.clear()
        for _ in range(200):
            limiter.acquire()
        return len(statements)

    engine = open_engine(ledger_url)
    event.listen(engine, "before_cursor_execute", note)
    try:
        # At the lower limit, processes that share a window look at it for each request.
        assert 3 * asked(1_000_000) < asked(1_000)
    finally:
        event.remove(engine, "before_cursor_execute", note)
