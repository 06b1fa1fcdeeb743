"""Withdrawing an export whose draft was deleted on request."""

import pytest

from blocks.ledger.errors import LedgerConflict
from blocks.ledger.ledger import Export, Ledger
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, as_if, service_lines


@pytest.fixture
def delivered(ledger: Ledger, plan: Plan) -> Export:
    return as_if(
        ledger,
        plan("K1", "S1"),
        "delivered",
        attachment_id=70,
        document_id=5,
        document_edited_at="2026-11-01 05:00:00",
        replaced_attachment_id=69,
        planned_sha256="c" * 64,
        content_sha256="c" * 64,
        update_planned=True,
    )


def test_a_withdrawn_export_has_no_draft_and_no_lines(ledger: Ledger, delivered: Export) -> None:
    withdrawn = ledger.advance(delivered, Event.BILL_AGAIN)

    assert ledger.find_export("2026-10", "K1", 1) == withdrawn
    assert withdrawn.state == "withdrawn"
    assert (withdrawn.document_id, withdrawn.document_edited_at) == (None, None)
    assert (withdrawn.attachment_id, withdrawn.replaced_attachment_id) == (None, None)
    assert (withdrawn.content_sha256, withdrawn.update_planned) == (None, False)
    assert (withdrawn.csv_sha256, withdrawn.net_cents) == ("a" * 64, 27916)
    assert ledger.billed_lines(service_lines("S1")) == {}


def test_others_keep_their_lines(ledger: Ledger, delivered: Export, plan: Plan) -> None:
    other = plan("K1", "S2", sequence=2)
    ledger.advance(delivered, Event.BILL_AGAIN)

    assert ledger.lines_of(other) == service_lines("S2")


def test_a_withdrawn_export_can_be_planned_again(
    ledger: Ledger, delivered: Export, plan: Plan
) -> None:
    withdrawn = ledger.advance(delivered, Event.BILL_AGAIN)
    planned = plan("K1", "S1", "S2")

    assert (planned.id, planned.state) == (withdrawn.id, "planned")
    assert (planned.attachment_id, planned.document_edited_at) == (None, None)
    assert ledger.lines_of(planned) == service_lines("S1", "S2")


def test_an_export_that_has_changed_since_it_was_read_is_not_withdrawn(
    ledger: Ledger, delivered: Export
) -> None:
    now = as_if(ledger, delivered, "conflict", error="edited by hand")

    with pytest.raises(LedgerConflict, match="now 'conflict'"):
        ledger.advance(delivered, Event.BILL_AGAIN)
    assert ledger.find_export("2026-10", "K1", 1) == now
    assert ledger.lines_of(now) == service_lines("S1")
