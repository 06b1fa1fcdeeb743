"""Four accounts on four workers, as processes over one PostgreSQL ledger."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import URL

from blocks.easybill.sandbox import request_limit
from tasks.billing.month import BillingMonth
from tests.crash.accounts import run_account
from tests.crash.at_once import most_in_any
from tests.crash.place import a_database
from tests.crash.processes import Started
from tests.easybill_sandbox import running_sandbox
from tests.prefect_server import within
from tests.world import World

ACCOUNTS = ("north", "south", "west", "east")
CUSTOMERS = 4
# A minute lasts two seconds here, and its margin another.
REQUESTS_PER_MINUTE, SECONDS_OF_A_MINUTE = 4, 2.0
LEASE_SECONDS = 12
SECONDS_TO_START = 1.0
ALONE, TOGETHER = BillingMonth.parse("2026-09"), BillingMonth.parse("2026-10")
Worlds = dict[str, World]


@pytest.fixture
def worlds(
    tmp_path: Path, postgres_server: URL, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Worlds]:
    """Accounts with the same customers, one ledger, one folder, and an easybill each."""
    monkeypatch.setattr(request_limit, "_WINDOW_SECONDS", SECONDS_OF_A_MINUTE)
    with a_database(postgres_server) as database, ExitStack() as stack:
        url = postgres_server.set(database=database).render_as_string(hide_password=False)
        worlds = {}
        for place, account in enumerate(ACCOUNTS):
            easybill = stack.enter_context(
                running_sandbox(requests_per_minute=REQUESTS_PER_MINUTE, login_id=1 + place)
            )
            oms = f"sqlite:///{tmp_path / account}.db"
            worlds[account] = World(oms, url, tmp_path / "exports", easybill, account)
            for number in (f"K{n}" for n in range(CUSTOMERS)):
                worlds[account].add_customer(number)
                for month in (ALONE, TOGETHER):
                    moment = f"{month}-15T12:00:00"
                    worlds[account].add_service(f"{month}-{number}", number, rendered_at=moment)
        yield worlds


def started(
    worlds: Worlds, account: str, month: BillingMonth, starts_at: float = 0.0
) -> Started[tuple[str, float, float]]:
    environment = worlds[account].environment | {"LEDGER_LEASE_SECONDS": str(LEASE_SECONDS)}
    limit = (REQUESTS_PER_MINUTE, SECONDS_OF_A_MINUTE)
    return Started(run_account, account, environment, month, starts_at, *limit)


def assert_billed_once_within_the_limit(world: World, months: int = 1) -> None:
    drafts, requests = world.easybill.drafts(), world.easybill.requests()
    assert len(drafts) == len({draft["external_id"] for draft in drafts}) == months * CUSTOMERS
    files = world.export_dir / world.account / str(TOGETHER)
    assert len(list(files.glob("*.csv"))) == CUSTOMERS
    assert [request for request in requests if request["status"] == 429] == []
    arrivals = [float(request["arrived_at"]) for request in requests]
    assert most_in_any(SECONDS_OF_A_MINUTE, arrivals) <= REQUESTS_PER_MINUTE


def test_four_accounts_do_not_wait_for_each_other_each_within_its_limit(worlds: Worlds) -> None:
    said, began_at, ended_at = started(worlds, "north", ALONE).ended().answered()
    alone_s = ended_at - began_at
    assert said.startswith(f"{ALONE}: {CUSTOMERS} drafts created")

    starts_at = time.time() + SECONDS_TO_START
    workers = [started(worlds, account, TOGETHER, starts_at) for account in ACCOUNTS]
    ended = [worker.ended().answered() for worker in workers]
    told, began, at_end = zip(*ended, strict=True)
    assert all(each.startswith(f"{TOGETHER}: {CUSTOMERS} drafts created") for each in told)
    # One after another they would take four times as long; other tests share the processors, so
    # how close to one it is `bench/accounts.py` measures.
    ratio = (max(at_end) - min(began)) / alone_s
    assert ratio < 2, f"{ratio:.2f} of {alone_s:.1f} s"
    for account, world in worlds.items():
        assert_billed_once_within_the_limit(world, months=2 if account == "north" else 1)


def test_the_account_of_a_killed_worker_is_finished_by_another(worlds: Worlds) -> None:
    workers = {account: started(worlds, account, TOGETHER) for account in ACCOUNTS}
    easybill = worlds["east"].easybill
    within(60, lambda: easybill.drafts() or None, "the worker creates no drafts")
    workers["east"].kill()
    assert workers.pop("east").ended().exit_code == -SIGKILL
    assert len(easybill.drafts()) < CUSTOMERS, "it was killed too late"
    said, *_ = started(worlds, "east", TOGETHER).ended().answered()
    assert said.startswith(f"{TOGETHER}: ")
    for worker in workers.values():
        worker.ended().answered()
    for world in worlds.values():
        assert_billed_once_within_the_limit(world)
