"""The deployments on a real Prefect server with a process worker, as an operator uses them."""

from datetime import datetime
from typing import Any

import pytest

from tasks.billing.month import BERLIN
from tests.prefect_server import PrefectServer, within
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"


@pytest.fixture
def registered(world: World, prefect_server: PrefectServer) -> World:
    """A world of three customers whose blocks the server knows."""
    for number in ("K1", "K2", "K3"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    prefect_server.run(["blocks.register"], world.environment)
    return world


def drafts_by_external_id(world: World) -> list[str]:
    return sorted(str(draft["external_id"]) for draft in world.easybill.drafts())


def test_the_cron_deployment_gets_scheduled_runs(prefect_server: PrefectServer) -> None:
    def scheduled() -> list[str] | None:
        runs = prefect_server.flow_runs(
            "monthly-invoicing", state={"name": {"any_": ["Scheduled"]}}
        )
        return [run["expected_start_time"] for run in runs if run["auto_scheduled"]] or None

    starts = within(120, scheduled, "the scheduler created no run")
    for start in starts:
        local = datetime.fromisoformat(start).astimezone(BERLIN)
        assert (local.day, local.hour, local.minute) == (1, 6, 0)


def test_a_run_for_a_month_leaves_one_draft_per_customer(
    registered: World, prefect_server: PrefectServer
) -> None:
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    assert run["name"] == "monthly-invoicing 2026-10"
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]


def test_a_late_worker_still_bills_the_month_that_was_scheduled(
    registered: World, prefect_server: PrefectServer
) -> None:
    deployment = prefect_server.call("GET", f"/deployments/name/{MONTHLY}")
    # The slot of 1 September, picked up long after: August is billed.
    registered.add_service("S-august", "K1", rendered_at="2026-08-31T23:30:00")
    state = {
        "type": "SCHEDULED",
        "name": "Scheduled",
        "state_details": {"scheduled_time": "2026-09-01T04:00:00Z"},
    }
    run = prefect_server.call(
        "POST", f"/deployments/{deployment['id']}/create_flow_run", {"state": state}
    )
    ended = prefect_server.ended(run["id"])
    assert ended["name"] == "monthly-invoicing 2026-08"
    assert drafts_by_external_id(registered) == ["oms:2026-08:K1"]


def test_a_failed_customer_gets_a_run_of_its_own_that_can_be_mended_and_retried(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.change_service("S-K2", quantity=0)
    month_run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert month_run["state_type"] == "FAILED"
    assert "1 of 3 customers not invoiced: K2" in month_run["state"]["message"]
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K1", f"oms:{MONTH}:K3"]

    own = own_run(prefect_server, month_run["id"])
    assert own["parameters"] == {"month": MONTH, "customer_number": "K2"}
    assert prefect_server.ended(own["id"])["state_type"] == "FAILED"

    registered.change_service("S-K2", quantity=1)
    writes = registered.easybill.counts()["POST /documents"]
    assert prefect_server.retry(own["id"])["state_type"] == "COMPLETED"
    assert registered.easybill.counts()["POST /documents"] == writes + 1
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]


def test_a_retried_month_invoices_just_the_customer_that_was_mended(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.change_service("S-K3", vat_percent=101)
    month_run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert month_run["state_type"] == "FAILED"
    prefect_server.ended(own_run(prefect_server, month_run["id"])["id"])
    before = registered.easybill.counts()

    registered.change_service("S-K3", vat_percent=19)
    retried = prefect_server.retry(month_run["id"])
    assert retried["state_type"] == "COMPLETED", retried["state"]["message"]
    after = registered.easybill.counts()
    for write in ("POST /attachments", "POST /documents", "PUT /attachments/{id}"):
        assert after[write] == before[write] + 1
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]


def own_run(server: PrefectServer, parent_id: str) -> dict[str, Any]:
    """The one run that the month's run created for its failed customer."""

    def found() -> dict[str, Any] | None:
        runs = server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [parent_id]})
        assert len(runs) <= 1
        return runs[0] if runs else None

    return within(60, found, "no run was created for the failed customer")
