"""What differs between a draft and the OMS is written into the ledger once."""

from decimal import Decimal

import pytest

from tasks.billing.issue import IssueCode
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World


@pytest.fixture
def run(world: World, connections: Connections) -> "Run":
    world.add_customer("K1")
    world.add_service("S1", "K1", price="100.00")
    again = Run(world, connections)
    again()
    world.easybill.finalise(world.easybill.draft(f"oms:{MONTH}:K1")["id"])
    return again


class Run:
    def __init__(self, world: World, connections: Connections) -> None:
        self._world, self._connections = world, connections

    def __call__(self) -> tuple[str | None, object]:
        """Run the month; the code that the ledger keeps, and when it was written."""
        run_plainly(self._connections, RunRequest(OCTOBER))
        export = self._world.exports()["K1"]
        return export.reason_code, export.updated_at


def test_a_difference_that_stays_is_written_once(world: World, run: Run) -> None:
    world.change_service("S1", unit_price_net=Decimal("90.00"))
    code, written_at = run()
    assert code == IssueCode.DRAFT_DIFFERS
    assert run() == (code, written_at)


def test_another_difference_is_written(world: World, run: Run) -> None:
    world.change_service("S1", unit_price_net=Decimal("90.00"))
    _, written_at = run()
    world.remove_service("S1")
    assert run() != (IssueCode.DRAFT_DIFFERS, written_at)


def test_a_difference_that_is_gone_is_forgotten(world: World, run: Run) -> None:
    world.change_service("S1", unit_price_net=Decimal("90.00"))
    run()
    world.change_service("S1", unit_price_net=Decimal("100.00"))
    assert run()[0] is None
