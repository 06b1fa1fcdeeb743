"""What an earlier run left open is finished as far as nothing from the OMS is needed."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.easybill.errors import EasybillError, OutcomeUnknown
from blocks.ledger.statements import update_export
from blocks.ledger.transactions import writing
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.issue import IssueCode
from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel
from tasks.run.failures import CustomerFailure
from tests.tasks.billing.test_invoice import LINE, OCTOBER
from tests.tasks.easybill.conftest import only_export, parcel_of
from tests.world import World

LINK = {"method": "PUT", "path": "/attachments/{id}"}


@pytest.fixture
def unlinked(world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]) -> Parcel:
    """A draft is there, and its file waits to be linked."""
    world.easybill.plant_fault("status", **LINK, times=1, status=409, effect="before")
    with pytest.raises(EasybillError):
        new_delivery().deliver(parcel)
    return parcel


@pytest.mark.usefixtures("unlinked")
def test_a_draft_that_the_accountant_edited_meanwhile_gets_its_file(
    world: World, new_delivery: Callable[[], Delivery]
) -> None:
    (draft,) = world.easybill.drafts()
    world.easybill.edit(draft["id"], title="checked")
    world.easybill.stamp(draft["id"], "2026-11-20 10:00:00")
    settled = new_delivery().settle(only_export(world.ledger))
    assert (settled.state, settled.document_id) == ("delivered", draft["id"])
    (file,) = world.easybill.attachments()
    assert file["document_id"] == draft["id"]


@pytest.mark.usefixtures("unlinked")
def test_a_draft_gets_its_file_although_somebody_made_another_with_its_name(
    world: World, new_delivery: Callable[[], Delivery]
) -> None:
    (draft,) = world.easybill.drafts()
    world.easybill.create(**{name: draft[name] for name in ("external_id", "customer_id", "items")})
    settled = new_delivery().settle(only_export(world.ledger))
    assert (settled.state, settled.document_id) == ("delivered", draft["id"])


@pytest.mark.usefixtures("unlinked")
def test_a_draft_that_is_gone_meanwhile_is_not_finished(
    world: World, new_delivery: Callable[[], Delivery]
) -> None:
    export = only_export(world.ledger)
    assert export.document_id is not None
    new_delivery().client.delete_draft(export.document_id)
    assert new_delivery().settle(export) == export


def test_a_file_that_is_on_another_machine_is_not_sent_and_nothing_is_finished(
    world: World, unlinked: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    (file,) = world.easybill.attachments()
    new_delivery().client.delete_attachment(file["id"])
    Path(unlinked.csv.path).unlink()
    settled = new_delivery().settle(only_export(world.ledger))
    assert (settled.state, settled.attachment_id) == ("drafted", None)
    assert new_delivery().settle(settled) == settled
    assert world.easybill.attachments() == []


@pytest.mark.usefixtures("unlinked")
def test_a_file_that_easybill_never_finds_ends_after_a_few_uploads(
    world: World, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault("status", **LINK, share=1.0, status=404)
    with pytest.raises(CustomerFailure) as caught:
        new_delivery().settle(only_export(world.ledger))
    assert caught.value.issue.code is IssueCode.FILE_VANISHES
    assert len(world.easybill.attachments()) == 5


def test_an_update_of_a_draft_that_nobody_touched_stays_planned(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    new_delivery().deliver(parcel)
    dearer = replace(LINE, unit_price_net=Decimal("70.00"))
    world.easybill.plant_fault("status", method="POST", path="/attachments", times=1, status=400)
    with pytest.raises(EasybillError):
        new_delivery().deliver(parcel_of(world, Invoice.of(OCTOBER, Customer("K1"), [dearer])))
    planned = only_export(world.ledger)
    assert planned.update_planned
    assert new_delivery().settle(planned) == planned


def test_an_export_that_names_no_file_is_left_as_it_is(
    world: World, unlinked: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    (file,) = world.easybill.attachments()
    new_delivery().client.delete_attachment(file["id"])
    without = {"state": "drafted", "csv_path": None, "csv_sha256": None, "attachment_id": None}
    with writing(world.ledger._engine) as connection:
        export = update_export(connection, world.ledger.account, only_export(world.ledger), without)
    assert new_delivery().settle(export) == export


def test_of_several_files_that_runs_left_under_one_name_one_stays(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    """The ledger of the run that sent the first of them was lost."""
    content = Path(parcel.csv.path).read_bytes()
    delivery = new_delivery()
    delivery.client.upload_attachment(f"2026-10-K1-{parcel.csv.sha256[:12]}.csv", content)
    world.easybill.plant_fault("close_after", method="POST", path="/attachments", times=1)
    with pytest.raises(OutcomeUnknown):
        delivery.deliver(parcel)
    assert len(world.easybill.attachments()) == 2
    settled = new_delivery().settle(only_export(world.ledger))
    assert [file["id"] for file in world.easybill.attachments()] == [settled.attachment_id]
