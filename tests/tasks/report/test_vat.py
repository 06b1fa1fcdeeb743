"""What a month's drafts come to by VAT rate."""

import json

from tasks.run.connections import Connections
from tests.tasks.report.test_german_report import text_of_page
from tests.tasks.reported_month import change_oms_unnoticed, fill, run
from tests.world import MONTH, World


def rows(world: World) -> list[tuple[object, ...]]:
    report = json.loads((world.export_dir / MONTH / "report.json").read_text(encoding="utf-8"))
    return [tuple(row.values()) for row in report["vat"]]


def test_net_and_vat_are_added_up_by_rate_and_by_why_no_vat_is_due(
    world: World, connections: Connections
) -> None:
    fill(world)
    for number in ("K6", "K7"):
        world.add_customer(number, vat_option="AL")
        world.add_service(f"S-{number}", number, price="10.00", vat="0")
    world.add_service("S-fee", "K2", status="cancelled", fee="25.00", fee_vat="0")
    # 0.03 at 19 % is 0.0057 of VAT: rounded in each draft, as the draft has it
    for number in ("K8", "K9"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number, price="0.03")
    report = run(connections).month_report
    assert rows(world) == [
        ("20", None, 27916, 5583),
        ("19", None, 10006, 1902),
        ("7", None, 5000, 350),
        ("0", None, 2500, 0),
        ("0", "AL", 2000, 0),
    ]
    totals = report.totals
    assert sum(row.net_cents for row in report.vat) == totals.net_cents
    assert sum(row.vat_cents for row in report.vat) == totals.gross_cents - totals.net_cents
    page = text_of_page(world.export_dir / MONTH)
    assert "By VAT rate" in page
    assert "0 % (export)" in page
    assert "more than the drafts" not in page


def test_a_draft_that_is_deleted_or_cancelled_does_not_count(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.easybill.delete(world.easybill.draft(f"oms:{MONTH}:K1")["id"])
    run(connections)
    assert rows(world) == [("19", None, 10000, 1900), ("7", None, 5000, 350)]


def test_where_the_oms_differs_from_the_drafts_the_page_says_by_how_much(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    change_oms_unnoticed(world, connections, "K2", "S21", "101.00")
    run(connections)
    page = text_of_page(world.export_dir / MONTH)
    assert "net 1.00, gross 1.19 more than the drafts" in page
