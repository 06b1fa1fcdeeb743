"""Why customers that a run was not for are not invoiced."""

from dataclasses import replace

import pytest

from blocks.ledger.ledger import Export
from tasks.checks.findings import Finding
from tasks.plan.decide import decide
from tasks.report.others import causes_of_others
from tests.tasks.billing.test_invoice import LINE
from tests.tasks.plan.test_decide import DEARER, DELIVERED, NOTHING, holding, known, month_of

FAILED = replace(DELIVERED, document_id=None, state="failed", error="easybill is away.")
HALF = replace(DELIVERED, state="uploaded", error=None)
TOO_MUCH = Finding("line_net", "K1", "service S1: 12,000.00", stops=True)


def said(export: Export | None, *findings: Finding) -> list[tuple[str, str, str]]:
    plan = decide(month_of({"K1": (LINE,)}), NOTHING)
    causes = causes_of_others(plan, [] if export is None else [export], findings)
    return [(c.customer_number, c.kind, c.reason) for found in causes.values() for c in found]


def test_services_that_no_run_was_for_are_not_run() -> None:
    assert said(None) == [("K1", "not run", "no run has billed these services yet")]


def test_the_ledgers_error_is_the_reason() -> None:
    assert said(FAILED) == [("K1", "failed", "easybill is away")]


def test_a_bound_stops_the_others_too() -> None:
    assert said(None, TOO_MUCH) == [("K1", "stopped", "service S1: 12,000.00")]


def test_a_draft_that_the_oms_has_left_behind_is_named() -> None:
    plan = decide(month_of({"K1": (DEARER,)}), known(holding(LINE), LINE))
    (cause,) = causes_of_others(plan, [holding(LINE)], ())["K1"]
    assert (cause.kind, cause.reason) == (
        "not run",
        "the OMS says more or other than draft 8 bills",
    )


@pytest.mark.parametrize(
    ("export", "reason"),
    [(HALF, "draft 8 is not finished"), (replace(HALF, error="400."), "400")],
)
def test_a_draft_that_is_not_finished_is_named(export: Export, reason: str) -> None:
    delivered = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE))
    (cause,) = causes_of_others(delivered, [export], ())["K1"]
    assert (cause.kind, cause.reason) == ("failed", reason)


def test_who_is_refused_has_that_reason_alone() -> None:
    plan = decide(month_of({}, {"K1": ("row S1 is wrong",)}), NOTHING)
    assert [str(c) for c in causes_of_others(plan, [HALF], ())["K1"]] == ["row S1 is wrong"]


def test_who_is_delivered_has_no_cause() -> None:
    delivered = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE))
    assert causes_of_others(delivered, [holding(LINE)], ()) == {}
