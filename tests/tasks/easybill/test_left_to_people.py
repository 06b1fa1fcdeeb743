"""A draft that somebody edits or deletes right before we write to it is left alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from blocks.easybill.client import ApiCall
from tasks.billing.issue import IssueCode
from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel
from tasks.run.failures import CustomerFailure
from tests.tasks.easybill.conftest import dearer_parcel, only_export
from tests.world import World


def edit(world: World, document_id: int) -> None:
    world.easybill.edit(document_id, title="checked")
    world.easybill.stamp(document_id, "2026-11-20 10:00:00")


def delete(world: World, document_id: int) -> None:
    world.easybill.http.delete(f"/documents/{document_id}").raise_for_status()


@pytest.mark.parametrize("act", [edit, delete])
def test_no_update_is_planned_for_what_somebody_touched_before(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    act: Callable[[World, int], None],
) -> None:
    before = new_delivery().deliver(parcel)
    assert before.document_id is not None
    act(world, before.document_id)
    with pytest.raises(CustomerFailure) as caught:
        new_delivery().deliver(dearer_parcel(world))
    assert caught.value.issue.code is IssueCode.DRAFT_EDITED_MEANWHILE
    assert only_export(world.ledger) == before
    assert world.easybill.counts()["POST /attachments"] == 1


@pytest.mark.parametrize("act", [edit, delete])
def test_no_update_is_sent_to_what_somebody_touched_after_it_was_planned(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    act: Callable[[World, int], None],
) -> None:
    before = new_delivery().deliver(parcel)
    document_id = before.document_id
    assert document_id is not None
    looks: list[ApiCall] = []

    def act_after_the_first_look(call: ApiCall) -> None:
        if call.method == "GET" and call.path.startswith("/documents/"):
            looks.append(call)
            if len(looks) == 1:
                act(world, document_id)

    delivery = new_delivery()
    delivery = replace(delivery, client=delivery.client.reporting_to(act_after_the_first_look))
    with pytest.raises(CustomerFailure) as caught:
        delivery.deliver(dearer_parcel(world))

    assert caught.value.issue.code is IssueCode.DRAFT_EDITED_MEANWHILE
    export = only_export(world.ledger)
    assert (export.update_planned, export.content_sha256) == (False, before.content_sha256)
    assert world.ledger.lines_of(export) == world.ledger.lines_of(before)
    assert "PUT /documents/{id}" not in world.easybill.counts()


def test_a_draft_that_somebody_touched_is_not_withdrawn(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    export = new_delivery().deliver(parcel)
    assert export.document_id is not None
    edit(world, export.document_id)
    with pytest.raises(CustomerFailure) as caught:
        new_delivery().withdraw(export)
    assert caught.value.issue.code is IssueCode.NOT_WITHDRAWN
    assert len(world.easybill.drafts()) == 1
    assert only_export(world.ledger).state == "delivered"


def test_a_draft_that_is_gone_already_is_withdrawn(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    export = new_delivery().deliver(parcel)
    assert export.document_id is not None
    delete(world, export.document_id)
    withdrawn = new_delivery().withdraw(export)
    assert (withdrawn.state, withdrawn.document_id, withdrawn.attachment_id) == (
        "withdrawn",
        None,
        None,
    )
    assert world.ledger.lines_of(withdrawn) == frozenset()
