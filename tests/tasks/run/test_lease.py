"""One run holds a month; the clocks here are the tests' own, the ledger is real."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine

from blocks.easybill.calls import ApiCall
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import Lease, Ledger, Reason
from tasks.run.gate import LATE_EFFECT_S, Clock
from tasks.run.lease import LeaseKeeper, LeaseTooShort, MonthHeld, month_held, take

MONTH = "2026-10"


class Time:
    """A clock that a test turns; while it sleeps, others may act."""

    def __init__(self) -> None:
        self.now = 100.0
        self.meanwhile: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()

    @property
    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    return InvoiceLedger(database_url=SecretStr(url)).open("main")


def test_a_free_month_is_taken_at_once(ledger: Ledger) -> None:
    time = Time()
    keeper = take(ledger, MONTH, "run 1", 60, time.clock)
    assert (keeper.lease.holder, keeper.lease.held, time.now) == ("run 1", True, 100.0)


def test_a_holder_that_renews_is_left_alone_and_named(ledger: Ledger) -> None:
    holder = take(ledger, MONTH, "run 1", 60, Time().clock)
    time = Time()
    time.meanwhile = lambda: time.now > 115 and holder.renew()
    with pytest.raises(MonthHeld, match="2026-10 is being worked on by run 1; nothing was sent"):
        take(ledger, MONTH, "run 2", 60, time.clock)
    assert time.now < 120


def test_a_holder_that_died_is_replaced_after_one_lease_and_can_write_no_more(
    ledger: Ledger,
) -> None:
    dead = take(ledger, MONTH, "run 1", 60, Time().clock)
    time = Time()
    heir = take(ledger, MONTH, "run 2", 60, time.clock)
    assert time.now == 160
    assert heir.lease.token > dead.lease.token
    with pytest.raises(LeaseLost):
        ledger.under(dead.lease).fail(
            MONTH, "K1", reason=Reason("late", "odd", "{}"), flow_run_id=None
        )
    assert not dead.renew()


def test_a_month_that_becomes_free_is_taken_without_waiting_on(ledger: Ledger) -> None:
    holder = take(ledger, MONTH, "run 1", 60, Time().clock)
    time = Time()
    time.meanwhile = holder.release
    take(ledger, MONTH, "run 2", 60, time.clock)
    assert time.now <= 101


def test_a_month_that_was_free_before_it_could_be_watched_is_taken_at_once(ledger: Ledger) -> None:
    holder = take(ledger, MONTH, "run 1", 60, Time().clock)

    class GivenBackMeanwhile(Ledger):
        def read_lease(self, month: str) -> Lease | None:
            holder.release()
            return super().read_lease(month)

    time = Time()
    take(GivenBackMeanwhile(ledger._engine, ledger.account), MONTH, "run 2", 60, time.clock)
    assert time.now == 100


def test_another_holder_is_watched_for_a_lease_of_its_own(ledger: Ledger) -> None:
    first = take(ledger, MONTH, "run 1", 60, Time().clock)
    time = Time()

    def change_hands() -> None:
        time.meanwhile = lambda: None
        time.now += 40
        first.release()
        take(ledger, MONTH, "run 2", 60, Time().clock)

    time.meanwhile = change_hands
    take(ledger, MONTH, "run 3", 60, time.clock)
    assert time.now >= 100 + 40 + 60


def test_nothing_is_begun_that_could_outlast_the_lease(ledger: Ledger) -> None:
    time = Time()
    keeper = take(ledger, MONTH, "run 1", 60, time.clock)
    time.now += 14.9  # 45.1 s are left, a request may last 45
    keeper.check()
    time.now = 115.0
    with pytest.raises(LeaseTooShort):
        keeper.check()
    assert keeper.renew()
    keeper.check()


def test_a_lease_is_renewed_up_to_its_last_moment(ledger: Ledger) -> None:
    time = Time()
    keeper = take(ledger, MONTH, "run 1", 60, time.clock)
    time.now += 60
    assert keeper.renew()


def test_a_ledger_that_does_not_answer_takes_no_lease_away(ledger: Ledger) -> None:
    time = Time()
    lease = take(ledger, MONTH, "run 1", 60, time.clock).lease
    away = Ledger(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere"), "main")
    keeper = LeaseKeeper(away, lease, time.now, time.clock)
    time.now += 20
    assert keeper.renew()
    with pytest.raises(LeaseTooShort):
        keeper.check()
    keeper.release()
    assert keeper.lease == lease


def test_a_lease_that_ran_out_is_not_taken_up_again(ledger: Ledger) -> None:
    time = Time()
    keeper = take(ledger, MONTH, "run 1", 60, time.clock)
    time.now += 60.1
    assert not keeper.renew()
    with pytest.raises(LeaseTooShort):
        keeper.check()


def test_a_machine_that_slept_knows_that_its_lease_is_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep_s = 0.0
    counts_sleep = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda clock: counts_sleep(clock) + asleep_s)
    keeper = take(ledger, MONTH, "run 1", 60, Clock())
    assert keeper.renew()
    asleep_s = 61
    with pytest.raises(LeaseTooShort):
        keeper.check()
    assert not keeper.renew()


def test_the_clock_goes_on_while_the_machine_sleeps() -> None:
    # A machine whose clocks say that it slept for a day before this process began.
    slept = ["unshare", "--user", "--map-root-user", "--time", "--boottime", "86400"]
    clocks = (
        "import time; from tasks.run.gate import Clock;"
        " print(Clock().monotonic() - time.monotonic())"
    )
    ran = subprocess.run(
        [*slept, sys.executable, "-c", clocks], check=False, capture_output=True, text=True
    )
    if ran.returncode:
        pytest.skip(f"no time namespace may be made here: {ran.stderr}")
    assert float(ran.stdout) > 86_000


def test_where_no_clock_counts_sleep_the_usual_one_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    before = time.monotonic()
    assert before <= Clock().monotonic() <= time.monotonic()


def test_the_month_is_free_again_after_the_block_also_after_an_error(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError), month_held(ledger, MONTH, "run", 60):
            raise RuntimeError
    lease = ledger.read_lease(MONTH)
    assert lease is not None
    assert (lease.held, lease.token) == (False, 2)


def test_the_clock_that_is_given_measures_the_month(ledger: Ledger) -> None:
    take(ledger, MONTH, "dead", 60, Time().clock)
    time = Time()
    with month_held(ledger, MONTH, "run", 60, time.clock) as (_, gate):
        assert time.now == 160
        gate.let_out()
        gate.came_back("K1", lost_creation())
        time.now += LATE_EFFECT_S
    lease = ledger.read_lease(MONTH)
    assert lease is not None
    assert not lease.held


def lost_creation() -> ApiCall:
    return ApiCall(
        at=datetime.now(UTC),
        method="POST",
        path="/documents",
        status=None,
        outcome="unknown",
        duration_ms=0,
        error=None,
    )


def test_a_lease_is_renewed_again_and_again_while_the_block_runs(ledger: Ledger) -> None:
    with month_held(ledger, MONTH, "run", 2) as (keeper, _):
        before = keeper.lease.renewals
        deadline = 50
        while keeper.lease.renewals < before + 2 and deadline:
            Clock().sleep(0.1)
            deadline -= 1
    assert keeper.lease.renewals >= before + 2
