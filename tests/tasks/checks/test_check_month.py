"""The checks in a run: before the first write, against real edges."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from blocks.bounds.bounds import Bounds
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.billing.wording import sentences_of, text_of
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

SEPTEMBER = BillingMonth(2026, 9)


def run(
    connections: Connections,
    *let_through: str,
    month: BillingMonth = OCTOBER,
    customers: tuple[str, ...] | None = None,
    preview: bool = False,
    **bounds: Any,
) -> RunReport:
    request = RunRequest(
        month,
        None if customers is None else frozenset(customers),
        preview=preview,
        let_through=frozenset(let_through),
    )
    bounded = replace(connections, bounds=Bounds(**bounds))
    return run_plainly(bounded, request)


def fill(world: World) -> None:
    """K1 with 500.00, K2 with 100.00."""
    for number, price in (("K1", "500"), ("K2", "100")):
        world.add_customer(number)
        world.add_service(f"S-{number}", number, price=price)


def findings(report: RunReport) -> dict[str, Issue]:
    return {finding.name: finding for finding in report.month_report.findings}


def drafts(world: World) -> list[str]:
    return sorted(draft["external_id"] for draft in world.easybill.drafts())


def test_a_customer_beyond_a_bound_costs_no_write_and_the_others_are_invoiced(
    world: World, connections: Connections
) -> None:
    fill(world)
    report = run(connections, invoice_net_eur=300)
    assert drafts(world) == [f"oms:{MONTH}:K2"]
    assert world.easybill.writes() == 3
    assert not (world.export_dir / MONTH / "K1.csv").exists()
    ((number, (issue,)),) = report.not_invoiced.items()
    assert (number, issue.code, issue.is_shared) == ("K1", IssueCode.INVOICE_NET, False)
    assert "net 500.00 is above 300 (SENSE_INVOICE_NET_EUR)" in sentences_of(issue)
    assert "let_through=invoice_net:K1" in sentences_of(issue)
    export = world.exports()["K1"]
    assert (export.state, export.document_id) == ("failed", None)
    assert (export.error, export.reason_code) == (text_of(issue), "invoice_net")
    assert findings(report)["invoice_net:K1"].stops
    assert [row.kind for row in report.month_report.failures] == ["stopped"]


def test_letting_it_through_invoices_just_that_customer(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections, invoice_net_eur=300)
    writes = world.easybill.writes()
    report = run(connections, "invoice_net:K1", invoice_net_eur=300)
    assert [entry.customer_number for entry in report.delivered] == ["K1"]
    assert world.easybill.writes() == writes + 3
    assert (report.not_invoiced, report.is_complete) == ({}, True)
    assert not findings(report)["invoice_net:K1"].stops


def test_a_bound_only_warns_of_a_customer_that_is_delivered(
    world: World, connections: Connections
) -> None:
    fill(world)
    sent = run(connections, "invoice_net:K1", invoice_net_eur=300)
    again = run(connections, invoice_net_eur=300)
    assert (again.is_complete, again.delivered) == (True, ())
    assert again.month_report.findings == sent.month_report.findings


def test_a_customer_is_stopped_again_when_more_is_to_be_sent(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections, "invoice_net:K1", invoice_net_eur=300)
    world.add_service("S-late", "K1")
    writes = world.easybill.writes()
    report = run(connections, invoice_net_eur=300)
    assert list(report.not_invoiced) == ["K1"]
    assert world.easybill.writes() == writes
    assert world.exports()["K1"].state == "delivered"


def test_a_month_beyond_its_bound_sends_nobody_anything(
    world: World, connections: Connections
) -> None:
    fill(world)
    report = run(connections, month_net_eur=599)
    assert (world.easybill.writes(), drafts(world)) == (0, [])
    assert list((world.export_dir / MONTH).glob("*.csv")) == []
    shared = {number: issues[0].is_shared for number, issues in report.not_invoiced.items()}
    assert shared == {"K1": True, "K2": True}
    assert "the month's net 600.00 is above 599" in report.headline()
    assert not report.is_complete
    assert findings(report)["month_net"].stops
    assert {export.state for export in world.exports().values()} == {"failed"}


def test_a_customer_stopped_by_a_bound_of_its_own_does_not_stop_the_month(
    world: World, connections: Connections
) -> None:
    fill(world)
    bounds: Any = {"invoice_net_eur": 300, "month_net_eur": 599}
    report = run(connections, **bounds)
    assert drafts(world) == [f"oms:{MONTH}:K2"]
    assert findings(report).keys() >= {"invoice_net:K1"}
    assert "month_net" not in findings(report)
    # Let through, the customer counts; so does one that is delivered already.
    assert "month_net" in findings(run(connections, "invoice_net:K1", **bounds))
    run(connections, "invoice_net:K1", "month_net", **bounds)
    assert "month_net" in findings(run(connections, **bounds))


@pytest.mark.parametrize("trouble", ["stopped", "refused"])
def test_a_customer_who_is_left_out_now_is_left_out_of_the_month_before(
    world: World, connections: Connections, trouble: str
) -> None:
    fill(world)
    for number, price in (("K1", "90000"), ("K2", "100")):
        before = "2026-09-10T12:00:00"
        world.add_service(f"S-{number}-9", number, price=price, rendered_at=before)
    run(connections, "line_net:K1", month=SEPTEMBER)
    if trouble == "refused":
        world.change_service("S-K1", status="open")
    report = run(connections, invoice_net_eur=300)
    assert list(report.not_invoiced) == ["K1"]
    assert f"oms:{MONTH}:K2" in drafts(world)


def test_what_stops_everybody_is_said_once(world: World, connections: Connections) -> None:
    for number in range(1, 7):
        world.add_customer(f"K{number}")
        world.add_service(f"S-{number}", f"K{number}")
    report = run(connections, month_net_eur=599)
    assert report.headline().count("the month's net 600.00 is above 599") == 1
    assert report.headline().startswith(f"{MONTH}: 6 of 6 customers not invoiced: the month's net")


def test_a_run_for_one_customer_does_not_avoid_the_bound_of_the_month(
    world: World, connections: Connections
) -> None:
    fill(world)
    report = run(connections, customers=("K1",), month_net_eur=599)
    assert (world.easybill.writes(), report.is_complete) == (0, False)


def test_a_month_that_is_let_through_is_sent(world: World, connections: Connections) -> None:
    fill(world)
    run(connections, month_net_eur=599)
    report = run(connections, "month_net", month_net_eur=599)
    assert (report.is_complete, len(drafts(world))) == (True, 2)
    assert run(connections, month_net_eur=599).is_complete


def test_a_month_far_from_the_last_one_is_stopped(world: World, connections: Connections) -> None:
    fill(world)
    world.add_service("S-before", "K1", rendered_at="2026-09-10T12:00:00")
    run(connections, month=SEPTEMBER)
    report = run(connections, month_change_eur=100)
    assert drafts(world) == ["oms:2026-09:K1"]
    assert findings(report)["month_change"].stops


def test_a_warning_stops_nothing_and_is_in_report_log_and_message(
    world: World, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    fill(world)
    world.add_service("S-twice", "K1", price="500")
    with caplog.at_level(logging.WARNING):
        report = run(connections)
    assert report.is_complete
    assert findings(report).keys() == {"duplicates:K1", "no_history"}
    assert "duplicates:K1: possible duplicates, worth 500.00: S-K1 = S-twice" in caplog.text
    assert "2 warnings in the report" in report.headline()


def test_what_the_ledger_knows_of_last_month_is_compared(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.add_customer("K3")
    for number, price in (("K1", "9000"), ("K3", "70")):
        world.add_service(f"S-{number}-9", number, price=price, rendered_at="2026-09-10T12:00:00")
    run(connections, month=SEPTEMBER)
    found = findings(run(connections, preview=True))
    assert found.keys() == {"unusual_total:K1", "first_time:K2", "gone_quiet:K3"}


def test_what_easybill_knows_of_a_customer_is_looked_at(
    world: World, connections: Connections
) -> None:
    world.add_customer("K1", in_easybill=False)
    world.add_service("S-1", "K1")
    world.easybill.add_customers(
        [{"number": "K1", "company_name": "K1", "document_pdf_type": "xrechnung3_0_xml"}]
    )
    assert "no_buyer_reference:K1" in findings(run(connections))
    # Nothing is left to be sent, but the report is of the whole month.
    assert "no_buyer_reference:K1" in findings(run(connections))
    world.change_customer("K1", buyer_reference="04011000-1")
    assert "no_buyer_reference:K1" not in findings(run(connections))


def test_many_customers_without_address_are_one_line_in_the_log_and_all_in_the_report(
    world: World, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [f"K{place}" for place in range(1, 13)]
    for number in numbers:
        world.add_customer(number, street=None)
        world.add_service(f"S-{number}", number)
    with caplog.at_level(logging.WARNING):
        run(connections, preview=True, listed=5)
    said = [record.getMessage() for record in caplog.records if "no_address" in record.getMessage()]
    assert [line.split("; ")[0] for line in said] == [
        "no_address: the address in easybill is missing, or another one than in the OMS:"
        " 12 customers: 1,200.00 in all"
    ]
    page = (world.export_dir / "preview" / MONTH / "report.html").read_text(encoding="utf-8")
    assert f"<summary>all of them</summary>{', '.join(sorted(numbers))}</details>" in page


def test_a_run_ends_although_customers_to_whom_nothing_is_sent_cannot_be_looked_up(
    world: World, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    fill(world)
    run(connections)
    world.easybill.plant_fault("status", "GET", "/customers", status=500, share=1.0)
    with caplog.at_level(logging.WARNING):
        assert run(connections).is_complete
    assert f"customers of {MONTH} were not looked at" in caplog.text


def test_a_run_for_some_customers_finds_the_same_as_one_for_all(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.add_service("S-twice", "K1", price="500")
    everybody = run(connections, preview=True, invoice_net_eur=300)
    one = run(connections, preview=True, customers=("K2",), invoice_net_eur=300)
    assert one.month_report.findings == everybody.month_report.findings
    assert one.is_complete
    assert not everybody.is_complete


def test_br_27_a_negative_unit_price_is_refused_as_a_bad_row_of_the_oms(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.change_service("S-K1", unit_price_net=-1)
    report = run(connections)
    ((number, (issue,)),) = report.not_invoiced.items()
    assert (number, issue.code) == ("K1", IssueCode.ROW_INVALID)
    assert "unit_price_net is -1" in sentences_of(issue)
    assert drafts(world) == [f"oms:{MONTH}:K2"]


def test_a_name_that_matches_nothing_is_logged(
    world: World, connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    fill(world)
    with caplog.at_level(logging.WARNING):
        assert run(connections, "invoice_net:K9").is_complete
    assert "let_through invoice_net:K9: no check found anything with this name" in caplog.text


def test_a_preview_stops_what_the_run_would_stop(world: World, connections: Connections) -> None:
    fill(world)
    report = run(connections, preview=True, invoice_net_eur=300)
    folder = world.export_dir / "preview" / MONTH
    assert sorted(file.name for file in folder.glob("*.csv")) == ["K2.csv"]
    assert list(report.not_invoiced) == ["K1"]
    assert (world.easybill.writes(), world.ledger.exports(MONTH)) == (0, [])
