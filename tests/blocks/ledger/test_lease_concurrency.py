"""Many runs on one month at once: one holds the lease, and only its writes count."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from blocks.ledger.engines import open_engine
from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import Export, Lease, Ledger
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, open_account, why
from tests.blocks.ledger.contests import AT_ONCE, Run, meet
from tests.blocks.ledger.test_leases import take, take_over

WRITERS = 6
LONG_ENOUGH_SECONDS = 0.3


def take_the_free_lease(ledger: Ledger, who: int) -> str:
    meet()
    return "lost" if ledger.take_lease("2026-10", f"run {who}", 60) is None else "won"


def take_the_stale_lease_over(ledger: Ledger, who: int) -> str:
    read = ledger.read_lease("2026-10")
    meet()
    return "lost" if take_over(ledger, read, f"run {who}") is None else "won"


def renew_or_take_over(ledger: Ledger, who: int) -> str:
    """One holder comes back just when the others have watched for long enough."""
    read = ledger.read_lease("2026-10")
    assert read is not None
    meet()
    if who > 0:
        return "lost" if take_over(ledger, read, f"run {who}") is None else "won"
    try:
        ledger.renew_lease(read)
    except LeaseLost:
        return "lost"
    return "won"


def write_until_it_is_taken_over(ledger: Ledger, who: int) -> str:
    """Most write under the first lease without a pause; the others take it over meanwhile.

    The new holder answers what the ledger said when it had the lease, and again later.
    """
    first = ledger.read_lease("2026-10")
    assert first is not None
    meet()
    if who < WRITERS:
        return str(_write_until_lost(ledger.under(first), who))
    time.sleep(0.05)
    if take_over(ledger, first, f"run {who}") is None:
        return "lost"
    at_first = ledger.exports("2026-10")
    time.sleep(0.2)
    return "unchanged" if ledger.exports("2026-10") == at_first else "changed"


def _write_until_lost(ledger: Ledger, who: int) -> int:
    (export,) = (one for one in ledger.exports("2026-10") if one.customer_number == f"K{who}")
    for written in range(10_000):
        try:
            export = ledger.advance(export, Event.REMOVE_FILE, attempts=written)
        except LeaseLost:
            return written
    raise AssertionError("the lease was never lost")


@pytest.mark.parametrize("earlier_holder", [False, True])
def test_exactly_one_of_many_gets_a_free_lease(
    all_at_once: Run, ledger_url: str, ledger: Ledger, earlier_holder: bool
) -> None:
    if earlier_holder:
        ledger.release_lease(take(ledger))

    results = all_at_once(take_the_free_lease, ledger_url, ledger.account)

    assert Counter(results) == {"won": 1, "lost": AT_ONCE - 1}
    lease = ledger.read_lease("2026-10")
    assert lease is not None
    assert lease.holder == f"run {results.index('won')}"
    assert lease.token == (2 if earlier_holder else 1)


def test_exactly_one_of_many_watchers_takes_a_stale_lease_over(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    take(ledger)

    results = all_at_once(take_the_stale_lease_over, ledger_url, ledger.account)

    assert Counter(results) == {"won": 1, "lost": AT_ONCE - 1}
    lease = ledger.read_lease("2026-10")
    assert lease is not None
    assert (lease.token, lease.holder) == (2, f"run {results.index('won')}")


def test_a_holder_that_comes_back_or_one_watcher_has_the_lease(
    all_at_once: Run, ledger_url: str, ledger: Ledger
) -> None:
    take(ledger, "run 0")

    results = all_at_once(renew_or_take_over, ledger_url, ledger.account)

    assert Counter(results) == {"won": 1, "lost": AT_ONCE - 1}
    lease = ledger.read_lease("2026-10")
    assert lease is not None
    assert lease.holder == f"run {results.index('won')}"


def test_after_a_take_over_nothing_is_written_under_the_earlier_lease(
    all_at_once: Run, ledger_url: str, ledger: Ledger, plan: Plan
) -> None:
    take(ledger)
    for who in range(WRITERS):
        plan(f"K{who}", f"S{who}")

    results = all_at_once(write_until_it_is_taken_over, ledger_url, ledger.account)

    assert sorted(results[WRITERS:]) == ["lost", "unchanged"]
    assert sum(map(int, results[:WRITERS])) > 0


@contextmanager
def in_the_way_of(url: str, export: Export) -> Iterator[None]:
    """Writes to the export wait for as long as this lasts."""
    with open_engine(url).connect() as connection, connection.begin():
        connection.execute(
            text("SELECT id FROM exports WHERE id = :id FOR UPDATE"), {"id": export.id}
        )
        yield


@pytest.fixture
def helper() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def assert_waits(part: Future[Export] | Future[None]) -> None:
    with pytest.raises(TimeoutError):
        part.result(LONG_ENOUGH_SECONDS)


@pytest.fixture
def shared(postgres_ledger_url: str) -> Ledger:
    """A ledger that lets in many writers at once."""
    return open_account(postgres_ledger_url)


def write_one(ledger: Ledger) -> Export:
    failed = ledger.fail("2026-10", "K1", reason=why("bad row"), flow_run_id=None)
    assert failed is not None
    return failed


def change_holder(ledger: Ledger, lease: Lease, how: str) -> None:
    if how == "give back":
        ledger.release_lease(lease)
    else:
        assert take_over(ledger, lease) is not None


@pytest.mark.parametrize("how", ["give back", "take over"])
def test_a_lease_changes_hands_only_after_the_writes_that_go_on_under_it(
    postgres_ledger_url: str, shared: Ledger, helper: Executor, how: str
) -> None:
    export, lease = write_one(shared), take(shared)
    with in_the_way_of(postgres_ledger_url, export):
        write = helper.submit(shared.under(lease).advance, export, Event.REMOVE_FILE)
        assert_waits(write)
        change = helper.submit(change_holder, shared, lease, how)
        assert_waits(change)
        assert shared.read_lease("2026-10") == lease

    assert write.result(30).state == "planned"
    change.result(30)
    assert shared.read_lease("2026-10") != lease


def test_a_renewal_does_not_wait_for_the_writes_that_go_on(
    postgres_ledger_url: str, shared: Ledger, helper: Executor
) -> None:
    export, lease = write_one(shared), take(shared)
    with in_the_way_of(postgres_ledger_url, export):
        write = helper.submit(shared.under(lease).advance, export, Event.REMOVE_FILE)
        assert_waits(write)
        assert helper.submit(shared.renew_lease, lease).result(30).renewals == 1

    assert write.result(30).state == "planned"


def test_a_write_waits_for_a_take_over_that_has_begun_and_is_then_refused(
    postgres_ledger_url: str, shared: Ledger, helper: Executor
) -> None:
    export, lease = write_one(shared), take(shared)
    with open_engine(postgres_ledger_url).connect() as connection, connection.begin():
        query = "SELECT * FROM leases WHERE account = :account FOR UPDATE"
        connection.execute(text(query), {"account": shared.account})
        write = helper.submit(shared.under(lease).advance, export, Event.REMOVE_FILE)
        assert_waits(write)
        take_it = "UPDATE leases SET token = 2, holder = 'run 2' WHERE account = :account"
        connection.execute(text(take_it), {"account": shared.account})

    with pytest.raises(LeaseLost, match="now held by run 2"):
        write.result(30)
    assert shared.find_export("2026-10", "K1", 1) == export
