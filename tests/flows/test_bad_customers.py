"""A month with bad customers on a real server: what an engineer sees of it in Prefect's UI."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.prefect_server import PrefectServer, within
from tests.world import MONTH, World

MONTHLY = "monthly-invoicing/monthly-invoicing"
GOOD = tuple(f"G{n}" for n in range(1, 5))
BAD = tuple(f"B{n}" for n in range(1, 7))
LONGEST_LINE = 2_000
LINES_PER_CUSTOMER, LINES_BESIDES = 3, 80


@pytest.fixture
def month(world: World, prefect_server: PrefectServer) -> Iterator[World]:
    """Four sound customers, and six of whom each has a fault of its own."""
    for number in (*GOOD, *BAD):
        world.add_customer(number, in_easybill=number != "B4")
        world.add_service(f"S-{number}", number)
    for n in range(300):
        world.add_service(f"S-B1-{n}", "B1", quantity="-1")
    world.change_service("S-B2", quantity=-1)
    world.change_service("S-B3", vat_percent=101)
    world.easybill.add_customers([{"number": "B5", "company_name": "B5 again"}])
    world.change_customer("B6", country="Germany")
    prefect_server.run(["blocks.register", "--replace"], world.environment)
    yield world
    prefect_server.come_to_rest()


def fix(world: World) -> None:
    for n in range(300):
        world.remove_service(f"S-B1-{n}")
    world.change_service("S-B2", quantity=1)
    world.change_service("S-B3", vat_percent=19)
    world.easybill.add_customers([{"number": "B4", "company_name": "B4 GmbH"}])
    again = world.easybill.http.get("/customers", params={"number": "B5"}).json()["items"][1]
    world.easybill.http.delete(f"/customers/{again['id']}").raise_for_status()
    world.change_customer("B6", country="DE")


def test_six_bad_customers_are_told_in_short_and_retried_one_by_one(
    month: World, prefect_server: PrefectServer
) -> None:
    run = prefect_server.run_deployment(MONTHLY, "-p", f"month={MONTH}")
    assert run["state_type"] == "FAILED"
    assert run["state"]["message"].startswith(f"{MONTH}: 6 of 10 customers not invoiced: ")
    log = log_of(prefect_server, run)
    for line in log:
        assert len(line["message"]) < LONGEST_LINE
        assert "Traceback" not in line["message"]
    assert len(log) <= LINES_PER_CUSTOMER * len(GOOD + BAD) + LINES_BESIDES
    for number in GOOD + BAD:
        assert sum(names(line, number) for line in log) <= LINES_PER_CUSTOMER
    assert log[-1]["level"] == logging.ERROR
    assert "6 of 10 customers not invoiced" in log[-1]["message"]

    own = prefect_server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [run["id"]]})
    assert {one["name"]: one["state_type"] for one in own} == {
        f"invoice-customer {MONTH} {number}": "FAILED" for number in BAD
    }
    assert all(one["run_count"] == 0 for one in own)
    reasons = {one["parameters"]["customer_number"]: one["state"]["message"] for one in own}
    assert "quantity is -1" in reasons["B2"]
    assert "easybill has no customer" in reasons["B4"]

    month.change_service("S-B2", quantity=-2)
    prefect_server.retry(run["id"])
    same = prefect_server.flow_runs("invoice-customer", parent_flow_run_id={"any_": [run["id"]]})
    assert {one["id"] for one in same} == {one["id"] for one in own}
    (second,) = [one for one in same if one["parameters"]["customer_number"] == "B2"]
    assert "quantity is -2" in second["state"]["message"]

    fix(month)
    for one in own:
        prefect_server.start_again(one["id"])
    for one in own:
        ended = prefect_server.ended(one["id"])
        assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
        mine = one["parameters"]["customer_number"]
        others = set(GOOD + BAD) - {mine}
        for line in log_of(prefect_server, ended):
            assert not [number for number in others if names(line, number)]
    assert len(month.easybill.drafts()) == len(GOOD + BAD)


def names(line: dict[str, Any], number: str) -> bool:
    return number in line["message"].replace("'", " ").replace(":", " ").split()


def log_of(server: PrefectServer, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The run's log in its order, once its last line has come."""
    body = {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC", "limit": 200}

    def whole() -> list[dict[str, Any]] | None:
        lines: list[dict[str, Any]] = []
        while page := server.call("POST", "/logs/filter", {**body, "offset": len(lines)}):
            lines.extend(page)
        last = [line for line in lines if line["task_run_id"] is None][-1:]
        return lines if last and run["state"]["message"] in last[0]["message"] else None

    return within(30, whole, "the log does not end")
