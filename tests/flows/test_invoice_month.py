"""The month's steps in their order, without Prefect, against real edges."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.pool import NullPool

from blocks.easybill.exact_json import encode
from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import CallToLog
from blocks.ledger.tables import exports
from tasks.billing.issue import IssueCode
from tasks.billing.wording import sentences_of
from tasks.report.on_file import late_on_file
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tasks.run.steps import RECONCILE
from tests.easybill_sandbox import Json
from tests.plain_run import Meanwhile, connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World


def run(connections: Connections) -> RunReport:
    return run_plainly(connections, RunRequest(OCTOBER))


def fill(world: World) -> None:
    for number in ("K1", "K2", "K3"):
        world.add_customer(number)
        for place in range(3):
            world.add_service(f"S-{number}-{place}", number, price=f"{place}.3333", quantity="1.5")


def test_ten_reruns_of_a_delivered_month_write_nothing_and_leave_the_files(
    world: World, connections: Connections
) -> None:
    fill(world)
    assert len(run(connections).delivered) == 3
    folder = world.export_dir / MONTH
    before = {file.name: (file.read_bytes(), file.stat().st_ino) for file in folder.glob("*.csv")}
    manifest = (folder / "manifest.json").read_bytes()
    exports, writes = world.ledger.exports(MONTH), world.easybill.writes()
    for _ in range(10):
        report = run(connections)
        assert (report.delivered, report.is_complete) == ((), True)
    assert world.easybill.writes() == writes
    assert world.ledger.exports(MONTH) == exports
    assert (folder / "manifest.json").read_bytes() == manifest
    assert before == {
        file.name: (file.read_bytes(), file.stat().st_ino) for file in folder.glob("*.csv")
    }


def test_an_outage_stops_everybody_and_the_next_run_finishes(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.easybill.plant_fault("status", "POST", "/documents", status=409, share=1.0)
    report = run(connections)
    assert len(report.not_invoiced) == 3
    assert all(issues[0].is_shared for issues in report.not_invoiced.values())
    world.easybill.remove_faults()
    assert len(run(connections).delivered) == 3
    assert len(world.easybill.drafts()) == len(world.easybill.attachments()) == 3


def test_a_service_taken_back_before_its_draft_was_made_leaves_nothing_behind(
    world: World, connections: Connections
) -> None:
    world.add_customer("K1")
    world.add_service("S-1", "K1")
    world.easybill.plant_fault("status", "POST", "/documents", status=400)
    assert list(run(connections).not_invoiced) == ["K1"]
    assert len(world.easybill.attachments()) == 1
    world.remove_service("S-1")
    assert run(connections).is_complete
    assert world.easybill.attachments() == []
    assert world.ledger.claims_of(MONTH) == {}


def test_a_file_that_a_lost_answer_left_is_swept(world: World, connections: Connections) -> None:
    fill(world)
    world.easybill.plant_fault("close_after", "POST", "/attachments")
    world.easybill.plant_fault("status", "GET", "/attachments", status=500)
    run(connections)
    run(connections)
    assert len(world.easybill.drafts()) == 3
    assert all(file["document_id"] for file in world.easybill.attachments())
    assert len(world.easybill.attachments()) == 3


def test_a_file_that_no_export_knows_is_swept(world: World, connections: Connections) -> None:
    """A run that was paused before it sent, and thawed after another had taken the month over."""
    fill(world)
    run(connections)
    connections.client.upload_attachment(f"{MONTH}-K1-0123456789ab.csv", b"late")
    # Removing a file from before a lost ledger does not make up for it.
    for method, path in (("POST", "/attachments"), ("DELETE", "/attachments/99")):
        connections.ledger.record_call(
            CallToLog(
                at=datetime.now(UTC),
                month=MONTH,
                customer_number="K1",
                method=method,
                path=path,
                status=201,
                outcome="success",
                duration_ms=1,
                error=None,
                flow_run_id=None,
            )
        )
    assert len(world.easybill.attachments()) == 4
    run(connections)
    assert len(world.easybill.attachments()) == 3


def test_a_document_that_the_ledger_lacks_is_named(world: World, connections: Connections) -> None:
    """A write that showed late, of a customer who has no services any more."""
    fill(world)
    run(connections)
    world.add_customer("K9")
    (customer,) = connections.client.find_customers(["K9"])["K9"]
    stray = {"type": "INVOICE", "external_id": f"oms:{MONTH}:K9", "customer_id": customer.id}
    document = connections.client.create_draft({**stray, "items": []})
    report = run(connections)
    (issue,) = report.not_invoiced["K9"]
    assert (issue.code, issue.document_id) == (IssueCode.DOCUMENTS_ORPHANED, document.id)
    assert not issue.is_shared
    assert not report.is_complete
    world.easybill.delete(document.id)
    assert run(connections).is_complete


def test_a_run_that_lost_the_month_compares_nothing(world: World, connections: Connections) -> None:
    fill(world)
    run(connections)
    report = (world.export_dir / MONTH / "report.json").read_bytes()
    world.add_service("S-late", "K1")

    def take_over() -> None:
        ledger = world.ledger
        ledger.take_lease(MONTH, "another run", 60, instead_of=ledger.read_lease(MONTH))

    with pytest.raises(LeaseLost):
        run_plainly(connections, RunRequest(OCTOBER), Meanwhile(RECONCILE, take_over))
    assert (world.export_dir / MONTH / "report.json").read_bytes() == report


def test_what_the_protocol_does_not_permit_is_that_customers_failure_alone(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    for number in ("K1", "K2", "K3"):
        world.change_service(f"S-{number}-1", unit_price_net=2)
    engine = create_engine(world.ledger_url, poolclass=NullPool)
    with engine.begin() as connection:
        spoilt = exports.c.customer_number == "K2"
        # In doubt, and nothing says about which call.
        connection.execute(update(exports).where(spoilt).values(state="sending"))
    writes = world.easybill.writes()
    report = run(connections)

    ((number, (issue,)),) = report.not_invoiced.items()
    assert (number, issue.code, issue.is_shared) == ("K2", IssueCode.NOT_PERMITTED, False)
    assert len(report.delivered) == 2
    # For each of the other two: the file, the update, the link, and the replaced file.
    assert world.easybill.writes() == writes + 8


def test_a_403_to_one_customer_is_that_customers_alone(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.easybill.plant_fault("status", "POST", "/documents", status=403, body="<html>no</html>")
    report = run(connections)
    ((_, (issue,)),) = report.not_invoiced.items()
    assert (issue.code, issue.is_shared) == (IssueCode.EASYBILL_FORBIDDEN, False)
    assert len(report.delivered) == 2
    assert run(connections).is_complete


@pytest.mark.parametrize("status", [409, 500])
def test_a_file_that_is_refused_for_good_is_one_customers_alone(
    world: World, connections: Connections, status: int
) -> None:
    fill(world)
    world.easybill.plant_fault("status", "PUT", "/attachments/1", status=status, share=1.0)
    assert run(connections).not_invoiced.keys() == {"K1"}
    assert [world.exports()[number].state for number in ("K2", "K3")] == 2 * ["delivered"]
    world.add_service("S-late", "K2")
    # What was left open is settled before anything else.
    report = run(connections)
    assert report.not_invoiced.keys() == {"K1"}
    assert delivered(report) == ["K2"]
    world.easybill.remove_faults()
    assert run(connections).is_complete
    assert len(world.easybill.drafts()) == len(world.easybill.attachments()) == 3


def read(world: World, document_id: int) -> Json:
    document: Json = world.easybill.http.get(f"/documents/{document_id}").json()
    return document


@pytest.mark.parametrize("act", ["finalise", "edit"])
def test_a_draft_that_is_touched_before_its_update_is_left_alone_and_the_rest_is_billed_apart(
    world: World, connections: Connections, act: str
) -> None:
    fill(world)
    run(connections)
    draft = world.easybill.draft(f"oms:{MONTH}:K1")
    items = read(world, draft["id"])["items"]
    world.add_service("S-late", "K1", price="7.00")
    world.easybill.plant_fault("status", "PUT", "/documents/{id}", status=409, share=1.0)
    assert run(connections).not_invoiced.keys() == {"K1"}
    world.easybill.remove_faults()
    if act == "finalise":
        world.easybill.finalise(draft["id"])
    else:
        world.easybill.edit(draft["id"], title="checked")
        world.easybill.stamp(draft["id"], "2026-11-20 10:00:00")
    # The file of the update that was never sent is told once, and built again.
    assert run(connections).not_invoiced == {}
    assert run(connections).is_complete
    assert read(world, draft["id"])["items"] == items
    assert world.easybill.draft(f"oms:{MONTH}:K1:2")["amount_net"] == 700


def test_a_file_that_easybill_never_finds_ends_after_a_few_uploads(
    world: World, connections: Connections
) -> None:
    fill(world)
    world.easybill.plant_fault("status", "PUT", "/attachments/{id}", status=404, share=1.0)
    report = run(connections)
    assert {issues[0].code for issues in report.not_invoiced.values()} == {IssueCode.FILE_VANISHES}
    assert world.easybill.counts()["POST /attachments"] < 3 * 5
    world.easybill.remove_faults()
    assert run(connections).is_complete
    assert len(world.easybill.drafts()) == 3


def test_a_late_service_that_is_not_valid_is_named_in_the_next_months_run(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.add_service("S-no-vat", "K1", price="4000.00", vat="-1")
    world.add_service("S-of-nobody", "K9", price="4000.00")
    report = run_plainly(connections, RunRequest(OCTOBER.following()))
    (late,) = report.late
    assert [(issue.customer_number, issue.code) for issue in late.issues] == [
        ("K1", IssueCode.ROW_INVALID),
        ("K9", IssueCode.CUSTOMER_NOT_LISTED),
    ]
    assert "S-no-vat" in str(late)
    kept = late_on_file(world.export_dir / str(OCTOBER.following()))
    assert kept == (late,)


def test_a_row_that_was_billed_before_it_became_invalid_is_not_late(
    world: World, connections: Connections
) -> None:
    fill(world)
    run(connections)
    world.change_service("S-K1-1", vat_percent=-1)
    assert run_plainly(connections, RunRequest(OCTOBER.following())).late == ()


def delivered(report: RunReport) -> list[str]:
    return [export.customer_number for export in report.delivered]


def list_documents_as(world: World, documents: list[Json]) -> None:
    """Let easybill list these documents from now on, whatever it holds."""
    page = {"page": 1, "pages": 1, "limit": 1000, "total": len(documents), "items": documents}
    body = encode(page).decode()
    world.easybill.plant_fault("status", "GET", "/documents", status=200, body=body, share=1.0)


@pytest.mark.parametrize("knows_its_drafts", [True, False])
def test_a_document_that_cannot_be_read_is_named_and_keeps_nobody_else_waiting(
    world: World, connections: Connections, knows_its_drafts: bool
) -> None:
    fill(world)
    run(connections)
    listed = [draft for draft in world.easybill.drafts() if "K3" not in draft["external_id"]]
    (ours, theirs) = sorted(listed, key=lambda draft: draft["external_id"])
    odd = {"id": 1, "is_draft": None, "amount": None, "items": [{"quantity": "1,5"}]}
    list_documents_as(world, [odd, {**ours, "amount": None}, theirs])
    if not knows_its_drafts:
        Path(world.ledger_url.removeprefix("sqlite:///")).unlink()
        connections = connect_by_settings()
    world.add_service("S-late", "K2")
    asked = RunRequest(OCTOBER, customers=frozenset({"K1", "K2"}))
    report = run_plainly(connections, asked)
    (issue,) = report.not_invoiced["K1"]
    assert issue.code is IssueCode.EASYBILL_UNREADABLE
    assert str(ours["id"]) in sentences_of(issue)
    assert len(world.easybill.drafts()) == 3
    if knows_its_drafts:
        assert delivered(report) == ["K2"]
        assert world.exports()["K2"].line_count == 4
    world.easybill.remove_faults()
    assert "K1" not in run_plainly(connections, asked).not_invoiced


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("is_known", [True, False])
def test_what_a_document_that_cannot_be_read_may_bill_is_put_into_no_other(
    world: World, connections: Connections, preview: bool, is_known: bool
) -> None:
    """K1's draft, or a further one, of which an older ledger knows nothing."""
    fill(world)
    run(connections)
    first, *others = sorted(world.easybill.drafts(), key=lambda draft: draft["external_id"])
    odd = {"items": [{"quantity": "1,5"}]}
    further = {"id": 99, "external_id": f"oms:{MONTH}:K1:2", **odd}
    theirs = [{**first, **odd}] if is_known else [first, further]
    list_documents_as(world, [*theirs, *others])
    world.add_service("S-late", "K1")
    writes = world.easybill.writes()
    report = run_plainly(connections, RunRequest(OCTOBER, preview=preview))
    codes = {issue.code for issue in report.not_invoiced.get("K1", ())}
    assert codes == {IssueCode.EASYBILL_UNREADABLE}
    assert world.easybill.writes() == writes


def test_a_customer_that_cannot_be_read_is_named_and_keeps_nobody_else_waiting(
    world: World, connections: Connections
) -> None:
    fill(world)
    found = connections.client.find_customers(["K1", "K2"])
    customers = [{"id": c.id, "number": n} for n, (c,) in found.items()]
    page = {"page": 1, "pages": 1, "limit": 1000, "total": 4}
    items = [*customers, {"id": "?", "number": "K3"}, {"id": {}, "number": 7}]
    body = encode({**page, "items": items}).decode()
    world.easybill.plant_fault("status", "GET", "/customers", status=200, body=body)
    report = run(connections)
    assert delivered(report) == ["K1", "K2"]
    (issue,) = report.not_invoiced["K3"]
    assert issue.code is IssueCode.EASYBILL_UNREADABLE
    assert delivered(run(connections)) == ["K3"]
