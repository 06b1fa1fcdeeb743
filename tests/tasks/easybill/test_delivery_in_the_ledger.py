"""What a delivery keeps in the ledger beside the state: who sent, how often, why it failed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blocks.easybill.errors import EasybillError
from blocks.ledger.errors import NotPermitted
from blocks.ledger.statements import update_export
from blocks.ledger.transactions import writing
from tasks.billing.issue import IssueCode
from tasks.billing.wording import text_of
from tasks.easybill.delivery import Delivery, document_id_of
from tasks.easybill.parcel import Parcel
from tasks.plan.kept_issue import kept_issue
from tasks.run.failures import CustomerFailure
from tasks.run.lease import LeaseTooShort
from tests.tasks.easybill.conftest import dearer_parcel, only_export
from tests.world import World

LINK = {"method": "PUT", "path": "/attachments/{id}"}


def test_an_export_names_the_run_that_sent_last_and_how_often_something_was_sent(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault("status", **LINK, times=1, status=409, effect="before")
    with pytest.raises(EasybillError):
        replace(new_delivery(), flow_run_id="first").deliver(parcel)
    export = only_export(world.ledger)
    assert (export.flow_run_id, export.attempts) == ("first", 3)
    export = replace(new_delivery(), flow_run_id="second").settle(export)
    assert (export.flow_run_id, export.attempts) == ("second", 4)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "status": 409, "effect": "before"}, IssueCode.EASYBILL_UNAVAILABLE),
        ({"kind": "close_after"}, IssueCode.OUTCOME_UNKNOWN),
        ({"kind": "status", "status": 400, "effect": "before"}, IssueCode.EASYBILL_REFUSED),
    ],
    ids=["no time", "lost answer", "refused"],
)
def test_why_a_call_failed_is_kept_until_the_draft_is_delivered(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    fault: dict[str, Any],
    code: IssueCode,
) -> None:
    world.easybill.plant_fault(**fault, **LINK, times=1)
    with pytest.raises(EasybillError):
        new_delivery().deliver(parcel)
    assert only_export(world.ledger).reason_code == code
    delivered = new_delivery().settle(only_export(world.ledger))
    assert (delivered.state, delivered.reason_code, delivered.error) == ("delivered", None, None)


def test_a_file_that_was_changed_is_named_with_its_place(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    Path(parcel.csv.path).write_bytes(b"tampered")
    with pytest.raises(CustomerFailure) as caught:
        new_delivery().deliver(parcel)
    issue = caught.value.issue
    assert (issue.code, issue.facts["path"]) == (IssueCode.FILE_SPOILED, str(parcel.csv.path))
    # Its upload was announced with the plan, and not sent.
    assert (only_export(world.ledger).state, only_export(world.ledger).pending) == ("planned", None)


def test_a_file_that_hangs_on_another_document_is_a_conflict_that_names_it(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    elsewhere = json.dumps({"id": 1, "file_name": "K1.csv", "document_id": 4711})
    world.easybill.plant_fault("status", **LINK, times=1, status=200, body=elsewhere)
    with pytest.raises(CustomerFailure):
        new_delivery().deliver(parcel)
    disputed = only_export(world.ledger)
    issue = kept_issue(disputed)
    assert issue is not None
    assert (disputed.state, issue.code, issue.facts) == (
        "conflict",
        IssueCode.FILE_ELSEWHERE,
        {"attachment_id": disputed.attachment_id},
    )


def test_an_answer_with_other_cents_is_a_conflict_that_names_both_and_the_document(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    answer = json.dumps({"id": 77, "is_draft": True, "amount_net": 13666, "amount": 16400})
    world.easybill.plant_fault(
        "status", method="POST", path="/documents", times=1, status=201, body=answer
    )
    with pytest.raises(CustomerFailure) as caught:
        new_delivery().deliver(parcel)
    disputed = only_export(world.ledger)
    assert (disputed.state, disputed.document_id) == ("conflict", 77)
    assert caught.value.issue == kept_issue(disputed)
    assert caught.value.issue.code is IssueCode.AMOUNTS_DIFFER
    assert "164.00" in text_of(caught.value.issue)


def test_a_call_that_may_not_be_sent_any_more_leaves_the_export_as_it_was(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    def refuse() -> None:
        raise LeaseTooShort("the lease has 0 s left")

    delivery = new_delivery()
    client = delivery.client.reporting_to(lambda _: None, before_send=refuse)
    with pytest.raises(LeaseTooShort):
        replace(delivery, client=client).deliver(parcel)
    export = only_export(world.ledger)
    assert (export.state, export.pending) == ("planned", None)
    assert export.reason_code == IssueCode.MONTH_LOST


@pytest.mark.parametrize("is_gone", [False, True], ids=["there", "gone already"])
def test_the_file_that_an_update_replaces_is_removed(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery], *, is_gone: bool
) -> None:
    old = new_delivery().deliver(parcel)
    if is_gone:
        old_file = f"/attachments/{old.attachment_id}"
        world.easybill.plant_fault(
            "status", method="DELETE", path=old_file, times=1, status=404, effect="after"
        )
    updated = new_delivery().deliver(dearer_parcel(world))
    assert (updated.state, updated.replaced_attachment_id) == ("delivered", None)
    assert [file["id"] for file in world.easybill.attachments()] == [updated.attachment_id]


def test_an_export_without_a_document_has_no_id_to_send(
    parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    delivered = new_delivery().deliver(parcel)
    assert document_id_of(delivered) == delivered.document_id
    with pytest.raises(ValueError, match="has no document"):
        document_id_of(replace(delivered, document_id=None))


def test_the_file_of_an_export_that_is_not_sent_for_now_is_removed(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault("status", method="POST", path="/documents", times=1, status=400)
    with pytest.raises(EasybillError):
        new_delivery().deliver(parcel)
    assert len(world.easybill.attachments()) == 1
    for _ in range(2):
        new_delivery().drop_attachment(only_export(world.ledger))
        assert world.easybill.attachments() == []
        export = only_export(world.ledger)
        assert (export.state, export.attachment_id) == ("planned", None)


def test_what_may_not_be_planned_keeps_its_file(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    delivered = new_delivery().deliver(parcel)
    # No run leads there; the ledger refuses it before easybill is asked for anything.
    odd = {"state": "linked", "document_id": None, "csv_sha256": "0" * 64}
    with writing(world.ledger._engine) as connection:
        update_export(connection, world.ledger.account, delivered, odd)
    with pytest.raises(NotPermitted):
        new_delivery().deliver(parcel)
    assert len(world.easybill.attachments()) == 1
