"""Planning an update of a draft that is there."""

from dataclasses import asdict

import pytest

from blocks.ledger.errors import AlreadyBilled, LedgerConflict, NotPermitted
from blocks.ledger.ledger import BilledLine, Claim, Export, Ledger, Planned
from blocks.ledger.planned_update import may_be_given_up
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, as_if, billed, reason_in, service_lines, why

EDITED_AT = "2026-11-01 05:00:00"


@pytest.fixture
def delivered(ledger: Ledger, plan: Plan) -> Export:
    return as_if(
        ledger,
        plan("K1", "S1", "S2"),
        "delivered",
        attachment_id=70,
        document_id=2**40,
        document_edited_at=EDITED_AT,
        attempts=3,
        error="odd",
        reason_code="odd",
        reason_facts='{"said": "odd"}',
        content_sha256="a" * 64,
    )


def replan(ledger: Ledger, export: Export, *service_ids: str, csv_sha256: str = "b" * 64) -> Export:
    return ledger.replan(
        export,
        Planned(
            csv_sha256=csv_sha256,
            csv_path="exports/2026-10/new.csv",
            line_count=len(service_ids),
            net_cents=500,
            gross_cents=600,
            planned_sha256="c" * 64,
            lines=billed(*service_ids),
        ),
        flow_run_id="run-2",
    )


def upload(ledger: Ledger, planned: Export) -> Export:
    sending = ledger.advance(planned, Event.SEND_UPLOAD)
    return ledger.advance(sending, Event.FILE_UPLOADED, attachment_id=71)


def test_a_draft_that_is_to_be_updated_keeps_what_is_known_of_it(
    ledger: Ledger, delivered: Export
) -> None:
    planned = replan(ledger, delivered, "S2", "S3", "S4")

    assert ledger.find_export("2026-10", "K1", 1) == planned
    assert planned.id == delivered.id
    assert (planned.state, reason_in(planned), planned.attempts) == ("planned", None, 3)
    assert (planned.document_id, planned.document_edited_at) == (2**40, EDITED_AT)
    assert (planned.csv_sha256, planned.csv_path) == ("b" * 64, "exports/2026-10/new.csv")
    assert (planned.line_count, planned.net_cents, planned.gross_cents) == (3, 500, 600)
    assert (planned.planned_sha256, planned.flow_run_id) == ("c" * 64, "run-2")
    assert planned.pending is None


def test_the_digest_stays_that_of_the_draft_until_the_update_is_done(
    ledger: Ledger, delivered: Export
) -> None:
    planned = replan(ledger, delivered, "S2")
    assert (planned.update_planned, planned.content_sha256) == (True, "a" * 64)

    sending = ledger.advance(planned, Event.SEND_UPDATE)
    assert (sending.pending, sending.content_sha256) == ("update", "a" * 64)
    done = ledger.advance(sending, Event.DRAFT_UPDATED)
    assert (done.update_planned, done.content_sha256) == (False, "c" * 64)


def test_a_line_that_leaves_the_draft_is_held_until_the_update_is_known_to_be_done(
    ledger: Ledger, delivered: Export, plan: Plan
) -> None:
    planned = replan(ledger, delivered, "S2", "S3")
    assert ledger.lines_of(planned) == service_lines("S1", "S2", "S3")
    with pytest.raises(AlreadyBilled):
        plan("K2", "S1")

    sending = ledger.advance(planned, Event.SEND_UPDATE)
    done = ledger.advance(sending, Event.DRAFT_UPDATED)
    assert ledger.lines_of(done) == service_lines("S2", "S3")
    assert ledger.lines_of(plan("K2", "S1")) == service_lines("S1")


def test_an_update_that_is_given_up_leaves_the_export_as_it_was(
    ledger: Ledger, delivered: Export
) -> None:
    once = upload(ledger, replan(ledger, delivered, "S2"))
    twice = replan(ledger, once, "S2", "S3", csv_sha256="d" * 64)
    assert may_be_given_up(twice)

    left = ledger.advance(twice, Event.UPDATE_GIVEN_UP, reason=None)

    changed = {name for name, value in asdict(left).items() if value != getattr(delivered, name)}
    reason = {"error", "reason_code", "reason_facts"}
    assert changed == {"state", "flow_run_id", "updated_at", *reason}
    assert reason_in(left) is None
    assert (left.state, left.content_sha256, left.attachment_id) == ("drafted", "a" * 64, 70)
    assert ledger.lines_of(left) == service_lines("S1", "S2")


def test_an_update_that_an_older_release_planned_is_not_given_up(
    ledger: Ledger, delivered: Export
) -> None:
    old = as_if(ledger, replan(ledger, delivered, "S2"), "planned", planned_update=None)

    assert not may_be_given_up(old)
    assert not may_be_given_up(replan(ledger, old, "S3"))


def test_the_attachment_of_the_earlier_csv_is_remembered(ledger: Ledger, delivered: Export) -> None:
    planned = replan(ledger, delivered, "S1")
    assert (planned.attachment_id, planned.replaced_attachment_id) == (None, 70)

    uploaded = upload(ledger, planned)
    assert uploaded.replaced_attachment_id == 70
    linked = as_if(ledger, uploaded, "linked", update_planned=False)
    closed = ledger.advance(linked, Event.CLOSE, replaced_attachment_id=None)
    assert (closed.attachment_id, closed.replaced_attachment_id) == (71, None)


def test_an_attachment_waiting_to_be_replaced_is_not_forgotten_for_a_newer_one(
    ledger: Ledger, delivered: Export
) -> None:
    uploaded = upload(ledger, replan(ledger, delivered, "S1"))
    planned = replan(ledger, uploaded, "S2", csv_sha256="d" * 64)

    assert uploaded.attachment_id == 71
    assert (planned.attachment_id, planned.replaced_attachment_id) == (None, 70)


def test_the_attachment_stays_where_the_csv_is_the_same(ledger: Ledger, delivered: Export) -> None:
    planned = replan(ledger, delivered, "S1", "S2", csv_sha256="a" * 64)

    assert (planned.attachment_id, planned.replaced_attachment_id) == (70, None)


def test_an_export_that_has_changed_since_it_was_read_is_not_replanned(
    ledger: Ledger, delivered: Export
) -> None:
    now = ledger.advance(delivered, Event.NOTE, reason=why("service S1 changed"))

    with pytest.raises(LedgerConflict, match="has changed since"):
        replan(ledger, delivered, "S3")
    assert ledger.find_export("2026-10", "K1", 1) == now
    assert ledger.lines_of(now) == service_lines("S1", "S2")


def test_an_export_without_a_draft_is_not_replanned(ledger: Ledger, plan: Plan) -> None:
    planned = plan("K1", "S1")

    with pytest.raises(NotPermitted, match="draft: none: 'plan an update' is not permitted"):
        replan(ledger, planned, "S2")
    assert ledger.find_export("2026-10", "K1", 1) == planned


def test_a_line_of_another_export_is_refused_and_nothing_is_written(
    ledger: Ledger, delivered: Export, plan: Plan
) -> None:
    ledger.advance(plan("K2", "S3"), Event.SEND_UPLOAD)

    with pytest.raises(
        AlreadyBilled, match="service S3 already belongs to export 1 of customer K2"
    ):
        replan(ledger, delivered, "S2", "S3", "S4")
    assert ledger.find_export("2026-10", "K1", 1) == delivered
    assert ledger.lines_of(delivered) == service_lines("S1", "S2")


def test_a_changed_line_is_known_by_its_digest(ledger: Ledger, delivered: Export) -> None:
    line = BilledLine("S1", "service")
    planned = ledger.replan(
        delivered,
        Planned(
            csv_sha256="b" * 64,
            csv_path="exports/2026-10/new.csv",
            line_count=1,
            net_cents=1,
            gross_cents=1,
            lines={line: "e" * 64},
        ),
        flow_run_id=None,
    )

    assert ledger.billed_lines([line]) == {line: Claim(planned, "e" * 64)}
