"""A cancelled invoice frees nothing by itself; its services are billed once more when asked for."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from blocks.easybill.errors import OutcomeUnknown
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import Ledger
from tasks.ask import parser
from tasks.billing.issue import IssueCode
from tasks.billing.month import BillingMonth
from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel
from tasks.questions.asked import answer
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.tasks.easybill.conftest import only_export
from tests.world import MONTH, World

REQUEST = RunRequest(BillingMonth.parse(MONTH))
AGAIN = replace(REQUEST, customers=frozenset({"K1", "K2"}), bill_again=True)


@pytest.fixture
def cancelled(world: World, connections: Connections) -> World:
    """K1's invoice of 100.00 is cancelled, K2's is not."""
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    run_plainly(connections, REQUEST)
    for number in ("K1", "K2"):
        world.easybill.finalise(int(str(world.exports()[number].document_id)))
    world.easybill.cancel(int(str(world.exports()["K1"].document_id)))
    world.easybill.forget_requests()
    return world


def open_drafts(world: World) -> list[str]:
    return [draft["external_id"] for draft in world.easybill.drafts()]


def warnings(report: RunReport) -> list[tuple[IssueCode, str | None]]:
    codes = {IssueCode.INVOICE_CANCELLED}
    findings = report.month_report.findings
    return [(f.code, f.customer_number) for f in findings if f.code in codes]


def test_a_cancelled_invoice_is_named_and_frees_nothing(
    cancelled: World, connections: Connections
) -> None:
    report = run_plainly(connections, REQUEST)
    assert report.is_complete
    assert warnings(report) == [(IssueCode.INVOICE_CANCELLED, "K1")]
    assert cancelled.easybill.writes() == 0


def test_its_services_are_billed_once_more_by_a_further_draft(
    cancelled: World, connections: Connections
) -> None:
    report = run_plainly(connections, AGAIN)
    assert report.is_complete, report.headline()
    assert warnings(report) == []
    first, again = [e for e in cancelled.ledger.exports(MONTH) if e.customer_number == "K1"]
    assert (first.sequence, again.sequence) == (1, 2)
    assert first.document_id != again.document_id
    assert first.released_at is not None
    assert len(cancelled.ledger.lines_of(again)) == 1
    assert open_drafts(cancelled) == ["oms:2026-10:K1:2"]

    # Again and again: what is not cancelled is not freed.
    cancelled.easybill.forget_requests()
    for request in (AGAIN, REQUEST):
        assert run_plainly(connections, request).is_complete
    assert cancelled.easybill.writes() == 0


def test_a_draft_whose_answer_was_lost_is_ours_though_it_was_cancelled_since(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault("close_after", method="POST", path="/documents", times=1)
    with pytest.raises(OutcomeUnknown):
        new_delivery().deliver(parcel)
    (draft,) = world.easybill.drafts()
    world.easybill.finalise(draft["id"])
    world.easybill.cancel(draft["id"])

    settled = new_delivery().settle(only_export(world.ledger))

    assert (settled.state, settled.document_id) == ("delivered", draft["id"])
    assert open_drafts(world) == []


def test_a_rebuilt_ledger_knows_the_further_draft_and_not_the_cancelled_one(
    cancelled: World, connections: Connections, tmp_path: Path
) -> None:
    run_plainly(connections, AGAIN)
    lost = replace(connections, ledger=_empty(tmp_path))
    cancelled.easybill.forget_requests()
    report = run_plainly(lost, REQUEST)
    assert report.is_complete, report.headline()
    found = [(e.customer_number, e.sequence, e.state) for e in lost.ledger.exports(MONTH)]
    assert ("K1", 2, "delivered") in found
    assert open_drafts(cancelled) == ["oms:2026-10:K1:2"]


def test_the_services_are_a_file_for_the_oms(
    cancelled: World, connections: Connections, tmp_path: Path
) -> None:
    file = tmp_path / "services.csv"
    options = parser().parse_args(["services", "--month", MONTH, "--csv", str(file)])
    code, said = answer(connections, options)
    assert (code, said) == (0, f"{MONTH}: 2 lines in invoices and drafts, in {file}.")
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["service_id"], r["kind"], r["net_cents"]) for r in rows] == [
        ("S-K1", "service", "10000"),
        ("S-K2", "service", "10000"),
    ]
    assert cancelled.exports().keys() == {"K1", "K2"}


def _empty(folder: Path) -> Ledger:
    return InvoiceLedger(database_url=SecretStr(f"sqlite:///{folder / 'empty.db'}")).open("main")
