"""A second account on the same server, ledger and folder, with customers of the same numbers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.easybill_sandbox import running_sandbox
from tests.flows.test_on_a_real_server import artifacts_of, drafts_by_external_id, own_run
from tests.prefect_server import PrefectServer, within
from tests.shared import ROOT
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"


@pytest.fixture
def north(world: World, prefect_server: PrefectServer, tmp_path: Path) -> Iterator[World]:
    """The account north beside the default one of `world`, whose settings are its own alone."""
    prefect_server.run(["blocks.register", "--replace"], world.environment)
    with running_sandbox(login_id=200002, api_key="key-of-north") as easybill:
        north = World(
            f"sqlite:///{tmp_path / 'oms-north.db'}",
            world.ledger_url,
            world.export_dir,
            easybill,
            "north",
        )
        settings = ["blocks.register", "--replace", "--account", "north"]
        prefect_server.run(settings, north.environment)
        for each in (world, north):
            for number in ("K1", "K2"):
                each.add_customer(number)
                each.add_service(f"S-{number}", number)
        yield north
        prefect_server.come_to_rest()


def test_each_account_is_billed_by_its_own_blocks_and_says_its_name(
    world: World, north: World, prefect_server: PrefectServer
) -> None:
    north.change_service("S-K2", quantity=0)
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}", "-p", "account=north")
    assert run["state_type"] == "FAILED"
    assert run["name"] == f"monthly-invoicing north {MONTH}"
    assert set(run["tags"]) == {"invoicing", "north", MONTH}
    assert run["state"]["message"].startswith(f"north: {MONTH}: 1 of 2 customers not invoiced: K2")
    keys = artifacts_of(prefect_server, run).keys()
    assert {f"{name}-north-{MONTH}" for name in ("summary", "failures", "progress")} <= keys
    assert any(said.startswith("north: K1: ") for said in log_of(prefect_server, run["id"]))
    assert drafts_by_external_id(north) == [f"oms:{MONTH}:K1"]
    assert world.easybill.counts() == {}

    own = own_run(prefect_server, run["id"])
    assert own["name"] == f"invoice-customer north {MONTH} K2"
    assert {"north", MONTH, "K2"} <= set(own["tags"])
    assert own["parameters"]["account"] == "north"
    north.change_service("S-K2", quantity=1)
    assert prefect_server.retry(own["id"])["state_type"] == "COMPLETED"
    assert drafts_by_external_id(north) == [f"oms:{MONTH}:K1", f"oms:{MONTH}:K2"]
    assert world.exports() == {}

    default = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert default["state_type"] == "COMPLETED"
    assert default["name"] == f"monthly-invoicing {MONTH}"
    ids = {each.document_id for each in world.exports().values()}
    assert ids == {int(draft["id"]) for draft in world.easybill.drafts()}
    assert len(north.easybill.drafts()) == 2
    for folder, account in (("", "main"), ("north", "north")):
        month = world.export_dir / folder / MONTH
        assert {file.stem for file in month.glob("*.csv")} == {"K1", "K2"}
        assert json.loads((month / "report.json").read_bytes())["account"] == account


def test_a_schedule_per_account_on_the_one_deployment_bills_its_month(
    north: World, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    file = tmp_path / "prefect.yaml"
    # As the page says: the line that is a comment.
    declared = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
    file.write_text(declared.replace("# - {<<", "- {<<"), encoding="utf-8")
    name = "monthly-invoicing"
    prefect_server.run(
        ["prefect", "--no-prompt", "deploy", "--name", name, "--prefect-file", str(file)]
    )
    deployment = prefect_server.call("GET", f"/deployments/name/{MONTHLY}")
    schedules = {each["slug"]: each for each in deployment["schedules"]}

    def scheduled() -> list[str] | None:
        runs = prefect_server.flow_runs(name, state={"name": {"any_": ["Scheduled"]}})
        by_account: dict[Any, list[str]] = {}
        for run in runs:
            due = by_account.setdefault(run["parameters"].get("account"), [])
            due.append(run["expected_start_time"])
        ours = by_account.get("north")
        return ours if ours is not None and ours == by_account[None] else None

    try:
        assert within(120, scheduled, "the scheduler created no runs of north")
        # The slot of 1 September, picked up long after: August is billed.
        north.add_service("S-august", "K1", rendered_at="2026-08-31T23:30:00")
        state = {
            "type": "SCHEDULED",
            "name": "Scheduled",
            "state_details": {"scheduled_time": "2026-09-01T04:00:00Z"},
        }
        body = {"state": state, "parameters": schedules["north"]["parameters"]}
        create = f"/deployments/{deployment['id']}/create_flow_run"
        run = prefect_server.ended(prefect_server.call("POST", create, body)["id"])
        assert run["name"] == "monthly-invoicing north 2026-08"
        assert drafts_by_external_id(north) == ["oms:2026-08:K1"]
    finally:
        identity = schedules["north"]["id"]
        prefect_server.call("DELETE", f"/deployments/{deployment['id']}/schedules/{identity}")


def log_of(server: PrefectServer, run_id: str) -> list[str]:
    body = {"logs": {"flow_run_id": {"any_": [run_id]}}}
    return [line["message"] for line in server.call("POST", "/logs/filter", body)]
