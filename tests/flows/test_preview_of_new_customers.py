"""A preview where a run would create customers in easybill."""

from dataclasses import replace

from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import World


def test_a_preview_builds_what_the_run_would_for_customers_that_are_still_to_be_created(
    world: World, connections: Connections
) -> None:
    world.add_customer("K1", in_easybill=False)
    world.add_service("S1", "K1")
    creating = replace(
        connections, account=connections.account.model_copy(update={"create_customers": True})
    )
    previewed = run_plainly(creating, RunRequest(OCTOBER, preview=True))
    assert "1 CSV previewed, nothing sent (net 100.00" in previewed.headline()
    assert "1 customer to be created in easybill" in previewed.headline()
    assert previewed.is_complete
    assert world.easybill.writes() == 0
    (file,) = previewed.previewed
    assert run_plainly(creating, RunRequest(OCTOBER)).is_complete
    assert file.sha256 == world.exports()["K1"].csv_sha256
