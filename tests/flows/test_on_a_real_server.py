"""The deployments on a real Prefect server with a process worker, as an operator uses them."""

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tasks.billing.month import BERLIN, BillingMonth
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.prefect_server import PrefectServer, within
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"
DAILY = "check-drafts/check-drafts"


@pytest.fixture
def registered(world: World, prefect_server: PrefectServer) -> Iterator[World]:
    """A world of three customers whose blocks the server knows."""
    for number in ("K1", "K2", "K3"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    prefect_server.run(["blocks.register", "--replace"], world.environment)
    yield world
    prefect_server.come_to_rest()


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
    assert set(run["tags"]) == {"invoicing", MONTH}
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]

    artifacts = artifacts_of(prefect_server, run)
    assert {f"{name}-{MONTH}" for name in ("drafts", "progress", "summary")} <= set(artifacts)
    assert f"failures-{MONTH}" not in artifacts
    progress = artifacts[f"progress-{MONTH}"]
    assert (progress["data"], progress["description"]) == (100, "3 of 3 customers uploaded")
    summary = artifacts[f"summary-{MONTH}"]["data"]
    assert f"# {MONTH}: 3 drafts, net 300.00" in summary
    assert "OMS, CSVs and easybill agree to the cent: net 300.00, gross 357.00" in summary
    drafts = json.loads(artifacts[f"drafts-{MONTH}"]["data"])
    ids = {draft["id"] for draft in registered.easybill.drafts()}
    assert {(row["net"], row["state"]) for row in drafts} == {("100.00", "draft")}
    assert {row["easybill id"] for row in drafts} == ids


def test_a_look_at_drafts_keeps_what_became_of_them_and_writes_nothing(
    registered: World, prefect_server: PrefectServer, connections: Connections
) -> None:
    run_plainly(connections, RunRequest(BillingMonth.parse(MONTH)))
    exports = registered.exports()
    for number in ("K1", "K2"):
        registered.easybill.finalise(int(str(exports[number].document_id)))
    registered.easybill.cancel(int(str(exports["K2"].document_id)))
    writes = registered.easybill.writes()

    run = prefect_server.run_deployment(DAILY)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    said = "Drafts: 1 draft, 1 finalised, 1 cancelled; 2 changed since the last look"
    assert (run["name"], run["state"]["message"]) == ("check-drafts", said)
    seen = {number: export.draft_state for number, export in registered.exports().items()}
    assert seen == {"K1": "finalised", "K2": "cancelled", "K3": "draft"}
    assert registered.easybill.writes() == writes


@pytest.mark.parametrize(
    ("parameter", "why"),
    [
        ("month=2026-13", "'2026-13' does not match"),
        ("customers=[]", "[] should be non-empty"),
        ("own_runs=-1", "-1 is less than the minimum of 0"),
    ],
)
def test_a_wrong_parameter_is_refused_before_there_is_a_run(
    prefect_server: PrefectServer, parameter: str, why: str
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        prefect_server.run(["prefect", "deployment", "run", MONTHLY, "-p", parameter])
    said = " ".join(f"{refused.value.stdout} {refused.value.stderr}".split())
    assert f"Validation failed for field '{parameter.partition('=')[0]}'" in said
    assert why in said


def test_the_form_describes_every_parameter_of_every_deployment(
    prefect_server: PrefectServer,
) -> None:
    for name in (MONTHLY, "invoice-customer/invoice-customer", "withdraw-month/withdraw-month"):
        deployment = prefect_server.call("GET", f"/deployments/name/{name}")
        assert deployment["enforce_parameter_schema"]
        parameters = deployment["parameter_openapi_schema"]["properties"]
        assert all(parameter["description"] for parameter in parameters.values())
        assert "YYYY-MM, such as 2026-10" in parameters["month"]["description"]
        assert "20[0-9]{2}-(0[1-9]|1[0-2])" in str(parameters["month"])


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
    assert "2026-08" in ended["tags"]
    assert drafts_by_external_id(registered) == ["oms:2026-08:K1"]


def test_a_failed_customer_gets_a_run_of_its_own_that_can_be_fixed_and_retried(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.change_service("S-K2", quantity=0)
    month_run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert month_run["state_type"] == "FAILED"
    assert "1 of 3 customers not invoiced: K2" in month_run["state"]["message"]
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K1", f"oms:{MONTH}:K3"]

    (row,) = json.loads(artifacts_of(prefect_server, month_run)[f"failures-{MONTH}"]["data"])
    assert (row["customer"], row["kind"]) == ("K2", "failed")
    assert "quantity is 0" in row["reason"]

    own = own_run(prefect_server, month_run["id"])
    assert {MONTH, "K2"} <= set(own["tags"])
    assert own["parameters"] == {"month": MONTH, "customer_number": "K2", "let_through": None}
    assert own["state_type"] == "FAILED"

    registered.change_service("S-K2", quantity=1)
    writes = registered.easybill.counts()["POST /documents"]
    assert prefect_server.retry(own["id"])["state_type"] == "COMPLETED"
    assert registered.easybill.counts()["POST /documents"] == writes + 1
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]


def test_a_retried_month_invoices_just_the_customer_that_was_fixed(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.change_service("S-K3", vat_percent=101)
    month_run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert month_run["state_type"] == "FAILED"
    before = registered.easybill.counts()

    registered.change_service("S-K3", vat_percent=19)
    retried = prefect_server.retry(month_run["id"])
    assert retried["state_type"] == "COMPLETED", retried["state"]["message"]
    after = registered.easybill.counts()
    for write in ("POST /attachments", "POST /documents", "PUT /attachments/{id}"):
        assert after[write] == before[write] + 1
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]


def test_a_retry_after_a_withdrawal_bills_again_and_reports_no_draft_that_is_gone(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.change_service("S-K3", vat_percent=101)
    month_run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    gone = {draft["id"] for draft in registered.easybill.drafts()}
    withdrawal = prefect_server.run_deployment(
        "withdraw-month/withdraw-month", "-p", f"month={MONTH}", "-p", "confirm=2"
    )
    assert withdrawal["state_type"] == "COMPLETED", withdrawal["state"]["message"]
    assert registered.easybill.drafts() == []

    registered.change_service("S-K3", vat_percent=19)
    retried = prefect_server.retry(month_run["id"])
    assert retried["state_type"] == "COMPLETED", retried["state"]["message"]
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]
    report = json.loads((registered.export_dir / MONTH / "report.json").read_bytes())
    reported = {draft["document_id"] for draft in report["drafts"]}
    assert reported == {draft["id"] for draft in registered.easybill.drafts()}
    assert not reported & gone


def test_of_two_scheduled_runs_at_once_one_bills_and_the_other_names_it(
    registered: World, prefect_server: PrefectServer
) -> None:
    registered.easybill.plant_fault("slow_before", "POST", "/documents", seconds=15)
    deployment = prefect_server.call("GET", f"/deployments/name/{MONTHLY}")
    scheduled = {
        "type": "SCHEDULED",
        "name": "Scheduled",
        "state_details": {"scheduled_time": "2026-11-01T05:00:00Z"},
    }
    create = f"/deployments/{deployment['id']}/create_flow_run"
    runs = [prefect_server.call("POST", create, {"state": scheduled}) for _ in range(2)]
    states = {prefect_server.ended(run["id"])["state_type"]: run["id"] for run in runs}
    assert states.keys() == {"COMPLETED", "CANCELLED"}
    cancelled = prefect_server.ended(states["CANCELLED"])
    said = f"{MONTH} is being worked on by run monthly-invoicing {MONTH}; nothing was sent"
    assert cancelled["state"]["message"] == said
    assert drafts_by_external_id(registered) == [f"oms:{MONTH}:K{n}" for n in (1, 2, 3)]
    assert registered.easybill.counts()["POST /documents"] == 3


def test_task_runs_carry_keys_and_no_invoices(
    registered: World, prefect_server: PrefectServer
) -> None:
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    body = {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}}
    inputs = {
        task_run["name"]: task_run["task_inputs"]
        for task_run in prefect_server.call("POST", "/task_runs/filter", body)
    }
    assert {f"{step} K{n}" for step in ("csv", "upload") for n in (1, 2, 3)} <= inputs.keys()
    assert inputs["upload K1"].keys() == {"key", "digest"}


def artifacts_of(server: PrefectServer, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The run's artifacts by key."""
    body = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}, "type": {"not_any_": ["result"]}}}
    return {one["key"]: one for one in server.call("POST", "/artifacts/filter", body)}


def own_run(server: PrefectServer, parent_id: str) -> dict[str, Any]:
    """The one run that the month's run created for its failed customer."""

    def found() -> dict[str, Any] | None:
        runs = server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [parent_id]})
        assert len(runs) <= 1
        return runs[0] if runs else None

    return within(60, found, "no run was created for the failed customer")
