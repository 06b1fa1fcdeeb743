"""One run holds a month; the clocks here are the tests' own, the ledger is real."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from blocks.ledger.block import InvoiceLedger
from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import Ledger, Reason
from tasks.run.gate import Clock
from tasks.run.lease import LeaseTooShort, MonthHeld, month_held, take

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
    assert 160 <= time.now < 163
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
    time.now += 0.2
    with pytest.raises(LeaseTooShort):
        keeper.check()
    assert keeper.renew()
    keeper.check()


def test_a_lease_that_ran_out_is_not_taken_up_again(ledger: Ledger) -> None:
    time = Time()
    keeper = take(ledger, MONTH, "run 1", 60, time.clock)
    time.now += 60.1
    assert not keeper.renew()
    with pytest.raises(LeaseTooShort):
        keeper.check()


def test_the_month_is_free_again_after_the_block_also_after_an_error(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError), month_held(ledger, MONTH, "run", 60):
            raise RuntimeError
    lease = ledger.read_lease(MONTH)
    assert lease is not None
    assert (lease.held, lease.token) == (False, 2)


def test_a_lease_is_renewed_while_the_block_runs(ledger: Ledger) -> None:
    with month_held(ledger, MONTH, "run", 2) as (keeper, _):
        before = keeper.lease.renewals
        deadline = 50
        while keeper.lease.renewals == before and deadline:
            Clock().sleep(0.1)
            deadline -= 1
    assert keeper.lease.renewals > before
