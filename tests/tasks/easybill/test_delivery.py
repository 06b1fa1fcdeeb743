"""Deliveries to the sandbox over real HTTP, with a real ledger, and faults on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blocks.easybill.client import ApiCall
from blocks.easybill.errors import EasybillError, OutcomeUnknown, Rejected, Unavailable
from blocks.ledger.ledger import Export
from blocks.ledger.statements import update_export
from blocks.ledger.transactions import writing
from tasks.billing.issue import IssueCode
from tasks.billing.wording import text_of
from tasks.easybill.delivery import Delivery
from tasks.easybill.parcel import Parcel
from tasks.plan.kept_issue import kept_issue
from tasks.run.failures import CustomerFailure
from tests.tasks.easybill.conftest import LOST, NOT_DONE, dearer_parcel, only_export
from tests.world import World

CALLS = [("POST", "/attachments"), ("POST", "/documents"), ("PUT", "/attachments/{id}")]
PENDING = dict(zip(CALLS, ["upload", "draft", "link"], strict=True))


def assert_delivered_once(world: World, parcel: Parcel) -> None:
    (draft,) = world.easybill.drafts()
    (attachment,) = world.easybill.attachments()
    export = only_export(world.ledger)
    assert draft["external_id"] == "oms:2026-10:K1"
    assert draft["attachment_ids"] == [attachment["id"]]
    assert attachment["content"] == Path(parcel.csv.path).read_bytes()
    # 68.33 twice (the service and its fee) is 136.66; 20 % VAT 27.332 is 27.33; gross 163.99
    assert (draft["amount_net"], draft["amount"]) == (13666, 16399)
    assert (export.state, export.document_id, export.attachment_id, export.error) == (
        "delivered",
        draft["id"],
        attachment["id"],
        None,
    )
    assert (export.pending, export.update_planned) == (None, False)
    assert (export.reason_code, export.reason_facts) == (None, None)
    assert export.content_sha256 == export.planned_sha256 == parcel.digest


def test_a_delivery_is_three_requests_and_the_ledger_knows_each_id(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    new_delivery().deliver(parcel)
    assert_delivered_once(world, parcel)
    counts = world.easybill.counts()
    assert [counts.get(f"{method} {path}") for method, path in CALLS] == [1, 1, 1]
    assert world.easybill.violations() == []


def test_delivering_again_sends_nothing(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    new_delivery().deliver(parcel)
    before = world.easybill.counts()
    new_delivery().deliver(parcel)
    assert world.easybill.counts() == before


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault['kind']}-{fault.get('effect')}")
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_after_a_lost_answer_the_next_attempt_looks_and_doubles_nothing(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    method: str,
    path: str,
    fault: dict[str, Any],
) -> None:
    world.easybill.plant_fault(method=method, path=path, times=1, **fault)
    delivery = new_delivery()
    with pytest.raises(OutcomeUnknown):
        delivery.deliver(parcel)
    unknown = only_export(world.ledger)
    assert (unknown.state, unknown.pending) == ("unknown", PENDING[method, path])
    delivery.deliver(parcel)
    assert_delivered_once(world, parcel)


@pytest.mark.parametrize("fault", NOT_DONE, ids=lambda fault: str(fault["status"]))
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_what_easybill_had_no_time_for_is_simply_sent_again(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    method: str,
    path: str,
    fault: dict[str, Any],
) -> None:
    world.easybill.plant_fault(method=method, path=path, times=1, **fault)
    delivery = new_delivery()
    with pytest.raises(Unavailable):
        delivery.deliver(parcel)
    assert only_export(world.ledger).state not in {"unknown", "sending", "failed"}
    delivery.deliver(parcel)
    assert_delivered_once(world, parcel)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_refusal_is_kept_and_taken_up_again_by_the_next_run(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    method: str,
    path: str,
) -> None:
    world.easybill.plant_fault(
        "status", method=method, path=path, times=1, status=400, effect="before"
    )
    with pytest.raises(Rejected):
        new_delivery().deliver(parcel)
    refused = only_export(world.ledger)
    assert refused.state == "failed"
    issue = kept_issue(refused)
    assert issue is not None
    assert (issue.code, text_of(issue)) == (IssueCode.EASYBILL_REFUSED, refused.error)
    if refused.document_id is not None:
        new_delivery().settle(refused)
    else:
        new_delivery().deliver(parcel)
    assert_delivered_once(world, parcel)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_run_that_died_while_sending_is_finished_by_the_next(
    world: World,
    parcel: Parcel,
    new_delivery: Callable[[], Delivery],
    method: str,
    path: str,
) -> None:
    class Died(BaseException):
        """What no except clause of ours catches: the process is gone."""

    delivery = new_delivery()

    def die(call: ApiCall) -> None:
        if (call.method, call.path.rstrip("0123456789")) == (method, path.removesuffix("{id}")):
            raise Died

    with pytest.raises(Died):
        replace(delivery, client=delivery.client.reporting_to(die)).deliver(parcel)
    sending = only_export(world.ledger)
    assert (sending.state, sending.pending) == ("sending", PENDING[method, path])
    new_delivery().deliver(parcel)
    assert_delivered_once(world, parcel)


def test_a_document_that_appears_meanwhile_is_left_to_the_next_run(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery], tmp_path: Path
) -> None:
    new_delivery().deliver(parcel)
    writes = world.easybill.writes()
    other = replace(world, ledger_url=f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(CustomerFailure, match="document 1 appeared in easybill") as raised:
        replace(new_delivery(), ledger=other.ledger).deliver(parcel)
    assert raised.value.issue.code is IssueCode.DOCUMENT_APPEARED
    assert world.easybill.writes() == writes


def lose_answer_of_draft(world: World, delivery: Delivery, parcel: Parcel) -> Export:
    """The draft is created, and nobody hears of it."""
    world.easybill.plant_fault("close_after", method="POST", path="/documents", times=1)
    with pytest.raises(OutcomeUnknown):
        delivery.deliver(parcel)
    return only_export(world.ledger)


def test_a_draft_whose_answer_was_lost_is_found_by_what_it_holds(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    lost = lose_answer_of_draft(world, new_delivery(), parcel)
    (draft,) = world.easybill.drafts()
    # The same sums, and another number: it bills something else.
    other = [{**item, "number": "OTHER"} for item in draft["items"]]
    world.easybill.edit(draft["id"], items=other)

    settled = new_delivery().settle(lost)

    assert (settled.state, settled.reason_code) == ("conflict", IssueCode.DOCUMENT_UNCLEAR)
    world.easybill.edit(draft["id"], items=draft["items"])
    assert new_delivery().settle(settled).state == "delivered"


def test_other_cents_in_easybill_are_a_conflict_that_names_both(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    lost = lose_answer_of_draft(world, new_delivery(), parcel)
    with writing(world.ledger._engine) as connection:
        lost = update_export(connection, "main", lost, {"net_cents": 13667})

    settled = new_delivery().settle(lost)

    assert (settled.state, settled.reason_code) == ("conflict", IssueCode.AMOUNTS_DIFFER)
    assert "has net 136.66 and gross 163.99, the OMS net 136.67" in str(settled.error)
    world.easybill.delete(world.easybill.drafts()[0]["id"])
    gone = new_delivery().settle(settled)
    assert (gone.state, gone.document_id) == ("withdrawn", None)


def test_two_documents_with_one_external_id_are_a_conflict(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    lost = lose_answer_of_draft(world, new_delivery(), parcel)
    (draft,) = world.easybill.drafts()
    world.easybill.create(**{name: draft[name] for name in ("external_id", "customer_id", "items")})

    settled = new_delivery().settle(lost)

    assert (settled.state, settled.reason_code) == ("conflict", IssueCode.DOCUMENTS_DUPLICATED)


def test_a_changed_month_removes_the_file_of_the_failed_attempt(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault(
        "status", method="POST", path="/documents", times=1, status=400, effect="before"
    )
    with pytest.raises(Rejected):
        new_delivery().deliver(parcel)
    changed = dearer_parcel(world)
    new_delivery().deliver(changed)
    (attachment,) = world.easybill.attachments()
    (draft,) = world.easybill.drafts()
    assert attachment["content"] == Path(changed.csv.path).read_bytes()
    assert draft["amount_net"] == 7000


def test_a_file_that_was_changed_on_the_disk_is_not_sent(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    Path(parcel.csv.path).write_bytes(b"tampered")
    with pytest.raises(CustomerFailure, match="missing or was changed"):
        new_delivery().deliver(parcel)
    assert world.easybill.attachments() == []


def test_an_attachment_that_somebody_deleted_is_sent_again(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    world.easybill.plant_fault(
        "status", method="PUT", path="/attachments/{id}", times=1, status=409, effect="before"
    )
    delivery = new_delivery()
    with pytest.raises(EasybillError):
        delivery.deliver(parcel)
    (waiting,) = world.easybill.attachments()
    delivery.client.delete_attachment(waiting["id"])
    delivery.deliver(parcel)
    assert_delivered_once(world, parcel)


def test_the_digest_of_a_draft_changes_when_its_update_is_done(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    new_delivery().deliver(parcel)
    changed = dearer_parcel(world)
    world.easybill.plant_fault("close_before", method="PUT", path="/documents/{id}", times=1)
    delivery = new_delivery()
    with pytest.raises(OutcomeUnknown):
        delivery.deliver(changed)
    unknown = only_export(world.ledger)
    assert (unknown.pending, unknown.update_planned) == ("update", True)
    assert (unknown.content_sha256, unknown.planned_sha256) == (parcel.digest, changed.digest)

    updated = delivery.deliver(changed)
    assert (updated.pending, updated.update_planned) == (None, False)
    assert updated.content_sha256 == changed.digest
    (draft,) = world.easybill.drafts()
    assert draft["amount_net"] == 7000


def when_looked_at(delivery: Delivery, act: Callable[[], object]) -> Delivery:
    """The delivery, and somebody who acts in easybill right after its last look at a document."""
    looks: list[ApiCall] = []

    def look(call: ApiCall) -> None:
        if call.method == "GET" and call.path.startswith("/documents/"):
            looks.append(call)
            # The first is before the update is planned, the second right before it is sent.
            if len(looks) == 2:
                act()

    return replace(delivery, client=delivery.client.reporting_to(look))


def test_an_update_over_a_document_that_was_finalised_meanwhile_is_told_loudly(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    edited_at = new_delivery().deliver(parcel).document_edited_at
    (draft,) = world.easybill.drafts()
    world.easybill.when_finalised(update="makes a version")

    late = when_looked_at(new_delivery(), lambda: world.easybill.finalise(draft["id"]))
    with pytest.raises(CustomerFailure, match="was finalised in easybill") as raised:
        late.deliver(dearer_parcel(world))
    issue = raised.value.issue
    assert (issue.code, issue.facts["edited_at"]) == (IssueCode.FINALISED_OVERWRITTEN, edited_at)
    conflict = only_export(world.ledger)
    assert new_delivery().settle(conflict) == conflict


def test_a_document_that_was_finalised_meanwhile_and_refuses_is_left_alone(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    new_delivery().deliver(parcel)
    (draft,) = world.easybill.drafts()
    late = when_looked_at(new_delivery(), lambda: world.easybill.finalise(draft["id"]))
    with pytest.raises((Rejected, CustomerFailure)):
        late.deliver(dearer_parcel(world))

    settled = new_delivery().settle(only_export(world.ledger))
    assert (settled.state, settled.update_planned, settled.net_cents) == ("delivered", False, 13666)
    assert world.easybill.http.get(f"/documents/{draft['id']}").json()["amount_net"] == 13666


def test_an_update_that_was_planned_is_given_up_where_the_draft_was_edited(
    world: World, parcel: Parcel, new_delivery: Callable[[], Delivery]
) -> None:
    before = new_delivery().deliver(parcel)
    world.easybill.plant_fault("status", method="POST", path="/attachments", times=1, status=400)
    with pytest.raises(Rejected):
        new_delivery().deliver(dearer_parcel(world))
    (draft,) = world.easybill.drafts()
    world.easybill.finalise(draft["id"])

    settled = new_delivery().settle(only_export(world.ledger))

    assert (settled.state, settled.update_planned) == ("delivered", False)
    assert settled.content_sha256 == before.content_sha256
    assert world.ledger.lines_of(settled) == world.ledger.lines_of(before)
    assert len(world.easybill.attachments()) == 1
