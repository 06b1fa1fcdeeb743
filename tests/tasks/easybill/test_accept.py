"""Accepting a document as it is: what a person may say, and what no run does from then on."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from blocks.easybill.exact_json import encode
from blocks.ledger.statements import update_export
from blocks.ledger.tables import acceptances
from blocks.ledger.transactions import reading, writing
from tasks.billing.issue import IssueCode
from tasks.easybill.accept import Accepted, ToAccept, accept
from tasks.easybill.upload import MonthDelivery
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.request import RunRequest
from tests.easybill_sandbox import exact
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

ANSWER_LOST = {"state": "unknown", "pending": "draft", "document_id": None, "content_sha256": None}


def run() -> RunReport:
    return run_plainly(connect_by_settings(), RunRequest(OCTOBER))


def accepted(number: str, document_id: int, *, confirm: bool = True) -> Accepted:
    asked = ToAccept(number, document_id, "easybill rounds otherwise", "accounting")
    return accept(MonthDelivery(connect_by_settings(), OCTOBER), asked, confirm=confirm)


def codes(report: RunReport, number: str = "K1") -> list[IssueCode]:
    return [issue.code for issue in report.not_invoiced.get(number, ())]


@pytest.fixture
def changed(world: World, connections: Connections) -> int:
    """K1's draft, whose answer was lost; the accountant made it a cent dearer and finalised it."""
    assert connections.ledger.exports(MONTH) == []
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    (draft,) = world.easybill.drafts()
    with writing(world.ledger._engine) as connection:
        update_export(connection, "main", world.exports()["K1"], ANSWER_LOST)
    price = draft["items"][0]["single_price_net"] + Decimal(1)
    world.easybill.edit(draft["id"], items=[{**draft["items"][0], "single_price_net": price}])
    world.easybill.finalise(draft["id"])
    # With its file, the document would tell by itself which services it bills.
    for attachment in world.easybill.attachments():
        world.easybill.http.delete(f"/attachments/{attachment['id']}").raise_for_status()
    assert codes(run()) == [IssueCode.DOCUMENT_UNCLEAR]
    return int(draft["id"])


def test_without_confirmation_it_only_says_what_it_would_do(world: World, changed: int) -> None:
    exports = world.ledger.exports(MONTH)

    would = accepted("K1", changed, confirm=False)

    assert would.services == ("S1",)
    assert would.headline() == (
        f"2026-10: document {changed} would be accepted for customer K1, by accounting. "
        "It bills these services: S1. Nothing is done yet: confirm it."
    )
    assert world.ledger.exports(MONTH) == exports


def test_an_accepted_document_is_no_conflict_any_more_and_later_services_are_billed(
    world: World, changed: int
) -> None:
    accepted("K1", changed)

    writes = world.easybill.writes()
    assert run().is_complete
    assert world.easybill.writes() == writes
    world.add_service("S2", "K1")
    assert run().is_complete
    assert world.easybill.draft(f"oms:{MONTH}:K1:2")["amount_net"] == 10000
    assert world.easybill.writes() == writes + 3


def test_who_accepted_what_and_why_is_in_the_ledger(world: World, changed: int) -> None:
    accepted("K1", changed)

    with reading(world.ledger._engine) as connection:
        (row,) = connection.execute(select(acceptances)).mappings()
    assert (row["month"], row["customer_number"], row["document_id"]) == (MONTH, "K1", changed)
    assert (row["accepted_by"], row["reason"]) == ("accounting", "easybill rounds otherwise")


def test_another_customers_document_is_refused(world: World, changed: int) -> None:
    world.add_customer("K2")
    world.add_service("S9", "K2")
    run()
    with pytest.raises(CustomerFailure, match="it has another external id"):
        accepted("K2", changed)
    theirs = world.easybill.draft(f"oms:{MONTH}:K2")
    world.easybill.edit(theirs["id"], customer_id=1)
    with pytest.raises(CustomerFailure, match="it is another customer's in easybill"):
        accepted("K2", theirs["id"])
    with pytest.raises(CustomerFailure, match="easybill has no such document"):
        accepted("K1", 999)


def test_nobodys_document_is_not_that_of_a_customer_who_cannot_be_read(
    world: World, changed: int
) -> None:
    page = {"page": 1, "pages": 1, "limit": 1000, "total": 1}
    customers = encode({**page, "items": [{"id": "?", "number": "K1"}]}).decode()
    found = exact(world.easybill.http.get(f"/documents/{changed}"))
    document = encode({**found, "customer_id": None}).decode()
    for path, body in (("/customers", customers), (f"/documents/{changed}", document)):
        world.easybill.plant_fault("status", "GET", path, status=200, body=body)
    with pytest.raises(CustomerFailure, match="it is another customer's in easybill"):
        accepted("K1", changed)


def test_of_two_invoices_one_is_accepted_and_the_other_left_alone(
    world: World, connections: Connections
) -> None:
    assert connections.ledger.exports(MONTH) == []
    world.add_customer("K1")
    world.add_service("S1", "K1")
    assert run().is_complete
    (draft,) = world.easybill.drafts()
    copied = ("external_id", "customer_id", "currency", "items")
    twin = world.easybill.create(**{name: draft[name] for name in copied})
    for document in (draft, twin):
        world.easybill.finalise(document["id"])
    assert codes(run()) == [IssueCode.DOCUMENTS_DUPLICATED]

    assert accepted("K1", draft["id"]).other_document_ids == (twin["id"],)
    assert run().is_complete


def test_what_the_oms_says_otherwise_later_is_accepted_too(
    world: World, connections: Connections
) -> None:
    assert connections.ledger.exports(MONTH) == []
    world.add_customer("K1")
    for service_id in ("S1", "S2", "S3"):
        world.add_service(service_id, "K1")
    assert run().is_complete
    (draft,) = world.easybill.drafts()
    world.easybill.finalise(draft["id"])
    world.change_service("S1", unit_price_net=Decimal("99.00"))
    world.remove_service("S2")
    assert codes(run()) == [IssueCode.DRAFT_DIFFERS]

    accepted("K1", draft["id"])
    assert run().is_complete


def test_an_edited_draft_is_accepted_without_its_file_where_that_cannot_be_built_any_more(
    world: World, connections: Connections
) -> None:
    assert connections.ledger.exports(MONTH) == []
    world.add_customer("K1")
    world.add_service("S1", "K1")
    world.easybill.plant_fault("status", "PUT", "/attachments/{id}", times=1, status=400)
    assert not run().is_complete
    (draft,) = world.easybill.drafts()
    world.easybill.edit(draft["id"], title="checked")
    world.easybill.stamp(draft["id"], "2026-11-20 10:00:00")
    (file,) = world.easybill.attachments()
    world.easybill.http.delete(f"/attachments/{file['id']}").raise_for_status()
    Path(world.exports()["K1"].csv_path or "").unlink()
    world.change_customer("K1", email="new@address.example")
    assert [codes(run()), codes(run())] == [[IssueCode.DRAFT_EDITED]] * 2

    accepted("K1", draft["id"])
    assert run().is_complete
    assert world.easybill.counts()["POST /documents"] == 1
