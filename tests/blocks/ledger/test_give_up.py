"""Customers that get no CSV and no call: failed for a reason, or skipped."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from blocks.ledger.ledger import Ledger
from blocks.ledger.states import ExportState
from tests.blocks.ledger.conftest import Plan, as_if, service_lines, why

OF_A_FORMER_DRAFT: dict[str, Any] = {
    "layout_sha256": "b" * 64,
    "planned_sha256": "c" * 64,
    "document_sha256": "d" * 64,
    "texts_sha256": "e" * 64,
    "document_edited_at": "2026-11-01 05:00:00",
    "content_sha256": "f" * 64,
    "planned_update": "{}",
    "draft_state": "finalised",
    "invoice_number": "R1",
    "finalised_at": datetime(2026, 11, 2, tzinfo=UTC),
    "due_date": date(2026, 11, 12),
    "paid_at": date(2026, 11, 5),
    "paid_cents": 119,
    "released_at": datetime(2026, 11, 6, tzinfo=UTC),
}


def test_a_customer_with_bad_data_is_failed_with_its_reason(ledger: Ledger) -> None:
    failed = ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id="run-1")

    assert failed is not None
    assert ledger.exports("2026-10") == [failed]
    assert (failed.state, failed.sequence, failed.error) == ("failed", 1, "quantity is empty")
    assert (failed.csv_sha256, failed.line_count, failed.net_cents) == (None, 0, 0)


def test_a_later_failure_replaces_the_reason(ledger: Ledger) -> None:
    first = ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id="run-1")
    second = ledger.fail("2026-10", "K1", reason=why("price is empty"), flow_run_id="run-2")

    assert first is not None
    assert second is not None
    assert (second.id, second.error, second.flow_run_id) == (first.id, "price is empty", "run-2")


def test_a_planned_customer_that_fails_holds_no_lines(ledger: Ledger, plan: Plan) -> None:
    plan("K1", "S1")
    failed = ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None)

    assert failed is not None
    assert (failed.state, failed.csv_sha256, failed.gross_cents) == ("failed", None, 0)
    assert ledger.billed_lines(service_lines("S1")) == {}


def test_a_failure_leaves_nothing_of_the_plan(ledger: Ledger, plan: Plan) -> None:
    new = ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None)
    plan("K1", "S1")
    # What a former draft left is over as well.
    planned = as_if(ledger, plan("K1", "S1"), "planned", **OF_A_FORMER_DRAFT)
    failed = ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None)

    assert new is not None
    assert failed is not None
    assert (new.line_count, new.net_cents, new.gross_cents) == (0, 0, 0)
    assert {getattr(planned, name) for name in OF_A_FORMER_DRAFT}.isdisjoint({None, False})
    assert failed == replace(new, updated_at=failed.updated_at)


@pytest.mark.parametrize("state", sorted(set(ExportState) - {"planned", "failed", "skipped"}))
def test_a_failure_leaves_alone_what_was_sent(
    ledger: Ledger, plan: Plan, state: ExportState
) -> None:
    sent = as_if(ledger, plan("K1", "S1"), state)

    assert ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None) is None
    assert ledger.find_export("2026-10", "K1", 1) == sent
    assert ledger.lines_of(sent) == service_lines("S1")


def test_a_failure_leaves_alone_what_has_a_document(ledger: Ledger, plan: Plan) -> None:
    drafted = as_if(ledger, plan("K1", "S1"), "failed", document_id=5, error="a cent differs")

    assert ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None) is None
    ledger.skip("2026-10", ["K1"], flow_run_id=None)
    assert ledger.find_export("2026-10", "K1", 1) == drafted


def test_a_failed_customer_can_be_planned(ledger: Ledger, plan: Plan) -> None:
    ledger.fail("2026-10", "K1", reason=why("quantity is empty"), flow_run_id=None)
    planned = plan("K1", "S1")

    assert (planned.state, planned.error, planned.line_count) == ("planned", None, 1)


def test_customers_without_services_are_skipped_all_at_once(ledger: Ledger) -> None:
    customers = [f"K{number:04}" for number in range(2500)]
    ledger.skip("2026-10", [*customers, "K0000"], flow_run_id="run-1")

    skipped = ledger.exports("2026-10")
    assert [export.customer_number for export in skipped] == customers
    assert {(export.state, export.line_count, export.flow_run_id) for export in skipped} == {
        ("skipped", 0, "run-1")
    }


def test_skipping_nobody_writes_nothing(ledger: Ledger) -> None:
    ledger.skip("2026-10", [], flow_run_id=None)

    assert ledger.exports("2026-10") == []


def test_a_skip_replaces_a_failure_and_frees_its_lines(ledger: Ledger, plan: Plan) -> None:
    as_if(ledger, plan("K1", "S1"), "failed", error="refused")
    ledger.skip("2026-10", ["K1"], flow_run_id=None)

    skipped = ledger.find_export("2026-10", "K1", 1)
    assert skipped is not None
    assert (skipped.state, skipped.error, skipped.csv_sha256) == ("skipped", None, None)
    assert ledger.billed_lines(service_lines("S1")) == {}


@pytest.mark.parametrize("state", sorted(set(ExportState) - {"failed", "skipped"}))
def test_a_skip_leaves_alone_what_was_planned_or_sent(
    ledger: Ledger, plan: Plan, state: ExportState
) -> None:
    sent = as_if(ledger, plan("K1", "S1"), state)
    ledger.skip("2026-10", ["K1", "K2"], flow_run_id=None)

    assert ledger.find_export("2026-10", "K1", 1) == sent
    assert ledger.lines_of(sent) == service_lines("S1")
    assert ledger.find_export("2026-10", "K2", 1) is not None
