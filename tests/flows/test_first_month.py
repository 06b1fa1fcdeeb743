"""The first month that is ever billed, and the comparison of an earlier one."""

from dataclasses import replace

import pytest

from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tasks.run.resolve_month import MonthBeforeFirst, require_billed
from tests.flows import test_command_line
from tests.flows.test_command_line import Command, fill
from tests.plain_run import run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

command = test_command_line.command


def test_a_month_before_the_first_one_is_refused() -> None:
    require_billed(OCTOBER, None)
    require_billed(OCTOBER, OCTOBER)
    with pytest.raises(MonthBeforeFirst, match="2026-10 is before 2026-11"):
        require_billed(OCTOBER, OCTOBER.following())


def test_a_month_before_the_first_one_is_not_late(world: World, connections: Connections) -> None:
    world.add_customer("K1")
    world.add_service("S-1", "K1")
    run_plainly(connections, RunRequest(OCTOBER))
    world.add_service("S-late", "K1")
    for first, late in ((OCTOBER, [str(OCTOBER)]), (OCTOBER.following(), [])):
        since = replace(connections, invoicing_from=first)
        report = run_plainly(since, RunRequest(OCTOBER.following()))
        assert [each.month for each in report.late] == late


def test_a_comparison_ends_with_0_where_all_are_equal_and_with_1_where_not(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1")
    assert command("--compare", INVOICING_FROM="2026-11") == 1
    said = capsys.readouterr().out
    assert "NOT EQUAL K1 only in the OMS: net 100.00 in the OMS, 0.00 in easybill" in said
    (customer,) = world.easybill.http.get("/customers").json()["items"]
    line = {"quantity": 1, "single_price_net": 10_000, "vat_percent": 19}
    period = {"type": "SERVICE", "date_from": f"{MONTH}-01", "date_to": f"{MONTH}-31"}
    world.easybill.create(customer_id=customer["id"], items=[line], service_date=period)
    assert command("--compare", INVOICING_FROM="2026-11") == 0
    assert "1 equal" in capsys.readouterr().out
    assert world.easybill.writes() == 0
    assert (world.ledger.calls(MONTH), world.ledger.exports(MONTH)) == ([], [])


def test_a_month_before_the_first_one_is_refused_but_can_be_previewed(
    world: World, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(world, "K1")
    assert command(INVOICING_FROM="2026-11") == 2
    assert "2026-10 is before 2026-11, the first month that is billed" in capsys.readouterr().err
    assert world.easybill.counts() == {}
    assert command("--preview", INVOICING_FROM="2026-11") == 0
    assert command(INVOICING_FROM="2026-10") == 0
