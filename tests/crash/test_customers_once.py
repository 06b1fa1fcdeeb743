"""Each customer is created once, by several processes at once and after one that was killed."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import URL

from tasks.billing.invoice import Customer
from tasks.billing.month import BillingMonth
from tasks.easybill.match_customers import match_in_account
from tasks.run.gate import LATE_EFFECT_S, Gate
from tests.crash.creating import Moment, die_creating, invoice_at
from tests.crash.driver import Place, connect, open_ledger
from tests.crash.place import Original, a_database
from tests.crash.processes import Started
from tests.easybill_sandbox import RunningSandbox, exact
from tests.tasks.run.test_lease import Time

MONTHS = (BillingMonth.parse("2026-09"), BillingMonth.parse("2026-10"))
NUMBERS = ("K1", "K2", "K3")
SECONDS_TO_START = 1.0
# Longer than it takes a process to start a little later than the other.
SLOW_SECONDS = 1.5


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, RunningSandbox]]:
    """Customers with services in both months, of whom easybill knows none."""
    server: URL | None = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
    with a_database(server) as database:
        original = Original(tmp_path, server, database)
        with original.opened() as (place, easybill):
            world = original.world(easybill)
            for number in NUMBERS:
                world.add_customer(number, in_easybill=False)
                for month in MONTHS:
                    day = f"{month}-15T12:00:00"
                    world.add_service(f"{number} {month}", number, rendered_at=day)
            place = replace(place, create_customers=True)
            Started(open_ledger, place).ended().answered()
            yield place, easybill


def in_easybill(easybill: RunningSandbox) -> list[str]:
    return sorted(one["number"] for one in exact(easybill.http.get("/customers"))["items"])


@pytest.mark.parametrize("slow", ["slow_before", "slow_after"])
def test_two_months_at_once_create_each_customer_once(
    place: tuple[Place, RunningSandbox], slow: str
) -> None:
    where, easybill = place
    easybill.plant_fault(slow, "POST", "/customers", seconds=SLOW_SECONDS, share=1.0)
    starts_at = time.time() + SECONDS_TO_START
    started = [Started(invoice_at, where, month, starts_at) for month in MONTHS]
    reports = [each.ended().answered() for each in started]
    assert in_easybill(easybill) == list(NUMBERS)
    assert [report.headline() for report in reports if not report.is_complete] == []
    assert len(easybill.drafts()) == len(MONTHS) * len(NUMBERS)


@pytest.mark.parametrize(
    ("moment", "created", "waited_s"),
    [("before the request", [], LATE_EFFECT_S), ("after its effect", ["K1"], 0)],
)
def test_a_customer_whose_run_was_killed_is_created_once(
    place: tuple[Place, RunningSandbox],
    moment: Moment,
    created: list[str],
    waited_s: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where, easybill = place
    # Where the next line goes too; this one goes back.
    monkeypatch.chdir(where.folder)
    september, october = MONTHS
    killed = Started(die_creating, where, september, moment).ended()
    assert killed.exit_code == -SIGKILL
    assert in_easybill(easybill) == created
    clock = Time()
    connections = replace(connect(where), gate=Gate(lambda: None, clock.clock))
    assert connections.ledger.customer_creations(NUMBERS)["K1"].state == "sending"
    customers = [Customer(number, company_name=number) for number in NUMBERS]
    matches = match_in_account(connections, october, customers, preview=False)
    assert matches.refused == {}
    assert in_easybill(easybill) == list(NUMBERS)
    states = {one.state for one in connections.ledger.customer_creations(NUMBERS).values()}
    assert states == {"created"}
    assert clock.now - Time().now == waited_s
