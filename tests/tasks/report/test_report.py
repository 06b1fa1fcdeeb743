"""How the month is after a run: every figure written out, whatever customers it was for."""

from dataclasses import replace
from typing import Any

import pytest

from tasks.billing.issue import Issue, IssueCode
from tasks.load.late import LateMonth
from tasks.report.month_report import MonthReport
from tasks.run.connections import Connections
from tasks.run.steps import LOOK_AGAIN
from tests.plain_run import Meanwhile
from tests.tasks.reported_month import (
    change_oms_unnoticed,
    fill,
    fill_with_trouble,
    reprice_unnoticed,
    run,
    with_link,
)
from tests.world import MONTH, World


def drafts(report: MonthReport) -> list[tuple[object, ...]]:
    return [
        (d.customer_number, d.name, d.line_count, d.net_cents, d.vat_cents, d.gross_cents, d.state)
        for d in report.drafts
    ]


def test_the_figures_are_the_golden_ones(world: World, connections: Connections) -> None:
    fill_with_trouble(world)
    summary = run(with_link(connections))
    report = summary.month_report
    assert drafts(report) == [
        ("K1", "Alpha & Söhne", 4, 27916, 5583, 33499, "draft"),
        ("K2", "Beta GmbH", 2, 15000, 2250, 17250, "draft"),
    ]
    document_id = world.easybill.draft(f"oms:{MONTH}:K1")["id"]
    assert report.drafts[0].document_id == document_id
    assert report.drafts[0].url == f"https://app.example.com/documents/{document_id}"
    assert [(f.customer_number, f.line_count, f.net_cents, f.kind) for f in report.failures] == [
        ("K3", None, None, "failed"),
        ("K4", 1, 2000, "failed"),
    ]
    assert "vat_percent" in report.failures[0].reason()
    assert report.failures[0].next_step() == "Fix the row in the OMS, then run the month again"
    assert report.skipped == ("K5",)
    totals = report.totals
    assert (totals.customer_count, totals.draft_count, totals.line_count) == (2, 2, 6)
    assert (totals.net_cents, totals.gross_cents) == (42916, 50749)
    sides = report.reconciliation
    assert (sides.oms, sides.csv, sides.easybill) == (sides.oms,) * 3
    assert (sides.oms.net_cents, sides.oms.gross_cents) == (42916, 50749)
    assert (sides.not_invoiced_net_cents, sides.agrees, summary.differences) == (2000, True, ())
    assert not summary.is_complete


def test_a_run_for_one_customer_reports_the_whole_month(
    world: World, connections: Connections
) -> None:
    fill_with_trouble(world)
    whole = run(connections).month_report
    of_one = run(connections, "K1")
    assert of_one.is_complete
    assert of_one.month_report.drafts == whole.drafts
    assert [f.customer_number for f in of_one.month_report.failures] == ["K3", "K4"]
    assert of_one.month_report.reconciliation == whole.reconciliation
    assert of_one.month_report.skipped == ("K5",)


def test_customers_that_no_run_was_for_are_named(world: World, connections: Connections) -> None:
    fill_with_trouble(world)
    report = run(connections, "K1").month_report
    assert [(f.customer_number, f.net_cents, f.kind) for f in report.failures] == [
        ("K2", 15000, "not run"),
        ("K3", None, "failed"),
        ("K4", 2000, "not run"),
    ]
    assert report.reconciliation.not_invoiced_net_cents == 17000


def test_a_customer_that_was_refused_when_another_run_was_for_it_keeps_its_reason(
    world: World, connections: Connections
) -> None:
    fill_with_trouble(world)
    run(connections)
    (failure,) = (
        f for f in run(connections, "K1").month_report.failures if f.customer_number == "K4"
    )
    assert (failure.kind, failure.net_cents) == ("failed", 2000)
    assert "easybill has no customer with number K4" in failure.reason()


def test_a_preview_reports_what_the_run_then_does(world: World, connections: Connections) -> None:
    fill_with_trouble(world)
    preview = run(connections, preview=True).month_report
    assert [draft.state for draft in preview.drafts] == ["previewed", "previewed"]
    assert world.easybill.writes() == 0
    real = run(connections).month_report
    unsent: dict[str, Any] = {"document_id": None, "url": None, "state": "previewed"}
    rows = tuple(replace(row, easybill=None) for row in real.reconciliation.rows)
    assert preview == replace(
        real,
        preview=True,
        folder=preview.folder,
        drafts=tuple(replace(draft, **unsent) for draft in real.drafts),
        reconciliation=replace(real.reconciliation, rows=rows),
    )


def test_a_preview_of_a_delivered_month_holds_the_drafts_and_what_would_follow(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.add_service("S23", "K2", price="1.00")
    preview = run(connections, preview=True)
    assert preview.is_complete
    assert [(d.customer_number, d.net_cents, d.state) for d in preview.month_report.drafts] == [
        ("K1", 27916, "draft"),
        ("K2", 15100, "previewed"),
    ]
    assert preview.month_report.reconciliation.oms.net_cents == 43016


def test_a_csv_that_was_changed_by_a_cent_is_named(world: World, connections: Connections) -> None:
    fill(world)
    run(connections)
    file = world.export_dir / MONTH / "K2.csv"
    file.write_bytes(file.read_bytes().replace(b";119.00;", b";119.01;"))
    summary = run(connections)
    (difference,) = summary.differences
    assert difference.startswith(
        "customer K2: the OMS says net 150.00 and gross 172.50,"
        " the CSV net 150.01 and gross 172.51, easybill's draft"
    )
    assert not summary.is_complete
    assert difference in summary.headline()
    # Told once, the file is built again.
    assert run(connections).is_complete
    assert b";119.00;" in file.read_bytes()


def test_a_csv_that_is_missing_is_built_anew_and_one_of_a_preview_is_not_touched(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    file = world.export_dir / MONTH / "K2.csv"
    content = file.read_bytes()
    file.unlink()
    (difference,) = run(connections, preview=True).differences
    assert "K2.csv is missing" in difference
    assert not file.exists()
    assert run(connections).is_complete
    assert file.read_bytes() == content


def test_a_draft_that_is_a_cent_off_in_easybill_is_named(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    reprice_unnoticed(world, "K2", 10001)
    summary = run(connections)
    (difference,) = summary.differences
    assert "the CSV net 150.00 and gross 172.50" in difference
    assert difference.endswith("net 150.01 and gross 172.51")
    assert summary.not_invoiced == {}
    assert not summary.is_complete


def test_a_line_that_is_a_cent_off_in_the_oms_is_named(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    change_oms_unnoticed(world, connections, "K2", "S21", "100.01")
    summary = run(connections)
    (difference,) = summary.differences
    assert difference.startswith("customer K2: the OMS says net 150.01 and gross 172.51, the CSV")
    assert not summary.is_complete


def test_another_customers_difference_does_not_fail_a_run_that_was_not_for_it(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    reprice_unnoticed(world, "K2", 10001)
    summary = run(connections, "K1")
    assert summary.is_complete
    assert [str(row)[:11] for row in summary.month_report.reconciliation.differences] == [
        "customer K2"
    ]


@pytest.mark.parametrize(("act", "state"), [("edit", "edited"), ("finalise", "finalised")])
def test_what_the_accountant_changed_is_named_and_is_no_failure(
    world: World, connections: Connections, act: str, state: str
) -> None:
    fill(world)
    run(connections)
    draft = world.easybill.draft(f"oms:{MONTH}:K2")
    first, *others = draft["items"]
    world.easybill.edit(draft["id"], items=[{**first, "single_price_net": 9000}, *others])
    world.easybill.stamp(draft["id"], "2026-11-02 10:00:00")
    if act == "finalise":
        world.easybill.finalise(draft["id"])
    summary = run(connections)
    assert summary.is_complete
    assert summary.month_report.drafts[1].state == state
    row = summary.month_report.reconciliation.rows[1]
    assert row.explained == f"{state} in easybill"
    assert row.difference is not None
    assert "the OMS says net 150.00" in row.difference
    assert "net 140.00 and gross 160.60" in row.difference


def test_a_draft_that_was_deleted_counts_as_not_invoiced(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.easybill.delete(world.easybill.draft(f"oms:{MONTH}:K2")["id"])
    report = run(connections).month_report
    assert [(d.customer_number, d.state) for d in report.drafts] == [
        ("K1", "draft"),
        ("K2", "deleted"),
    ]
    assert [(f.customer_number, f.net_cents, f.kind) for f in report.failures] == [
        ("K2", 15000, "conflict")
    ]
    assert report.totals.net_cents == report.reconciliation.oms.net_cents == 27916
    assert report.reconciliation.not_invoiced_net_cents == 15000
    assert report.reconciliation.agrees


def test_where_easybill_is_away_at_the_very_end_the_drafts_stand_and_the_run_is_not_complete(
    world: World, connections: Connections
) -> None:
    fill(world)

    def goes_away() -> None:
        world.easybill.plant_fault("status", "GET", "/documents", status=503, share=1.0)

    summary = run(connections, executor=Meanwhile(LOOK_AGAIN, goes_away))
    assert [delivered.customer_number for delivered in summary.delivered] == ["K1", "K2"]
    assert [draft.state for draft in summary.month_report.drafts] == ["unknown", "unknown"]
    assert "could not be read" in summary.differences[0]
    assert not summary.is_complete
    world.easybill.remove_faults()
    assert run(connections).is_complete


def test_a_draft_that_is_deleted_while_the_run_is_under_way_is_told(
    world: World, connections: Connections
) -> None:
    fill(world)

    def is_deleted() -> None:
        world.easybill.delete(world.easybill.draft(f"oms:{MONTH}:K2")["id"])

    summary = run(connections, executor=Meanwhile(LOOK_AGAIN, is_deleted))
    assert summary.differences == (
        "customer K2: net 150.00 and gross 172.50 of its services are in no draft: run the month"
        " again",
    )
    assert not summary.is_complete


def test_an_earlier_month_whose_late_services_were_not_all_billed_is_still_owed(
    world: World, connections: Connections
) -> None:
    fill(world)
    owed = run(connections)
    late = LateMonth(MONTH, ("K1",), 1, 100)
    report = replace(owed, month="2026-11", late=(late,))
    assert report.with_late(owed).month_report.late == ()
    issue = Issue(IssueCode.NOT_TRIED, "K1", MONTH)
    failed = replace(owed, not_invoiced={"K1": [issue]})
    assert report.with_late(failed).month_report.late == (late,)


def test_an_earlier_month_that_another_run_holds_is_named_and_still_owed(
    world: World, connections: Connections
) -> None:
    fill(world)
    late = LateMonth("2026-09", ("K1",), 1, 100)
    report = replace(run(connections), late=(late,)).with_held(late, "monthly-invoicing 2026-09")
    (issue,) = report.not_invoiced["K1"]
    assert (issue.code, issue.month, issue.is_shared) == (IssueCode.MONTH_HELD, "2026-09", True)
    assert (report.is_complete, report.late) == (False, (late,))
    assert "2026-09 is being worked on by monthly-invoicing 2026-09" in report.headline()


def test_reading_easybills_totals_takes_one_more_listing_and_none_where_nothing_was_written(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    assert world.easybill.counts()["GET /documents"] == 2
    world.easybill.forget_requests()
    run(connections)
    assert world.easybill.counts()["GET /documents"] == 1


def test_a_month_that_was_never_run_is_named(world: World, connections: Connections) -> None:
    fill(world)
    world.ledger.skip("2026-08", ["K1"], flow_run_id=None)
    summary = run(connections)
    assert summary.month_report.missed == ("2026-09",)
    assert ". 2026-09 was never run; run it with --month 2026-09" in summary.headline()
    assert summary.is_complete
