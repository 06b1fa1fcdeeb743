"""Why customers that a run was not for are not invoiced."""

from dataclasses import replace

import pytest

from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import text_of
from tasks.plan.decide import decide
from tasks.report.others import issues_of_others
from tests.tasks.billing.test_invoice import LINE
from tests.tasks.plan.test_decide import DEARER, DELIVERED, NOTHING, holding, known, month_of

FAILED = replace(DELIVERED, document_id=None, state="failed", error="away")
FAILED = replace(FAILED, reason_code="easybill_unavailable", reason_facts='{"said": "away"}')
CLAIMS = known(holding(LINE), LINE).claims
HALF = replace(DELIVERED, state="uploaded", error=None)
TOO_MUCH = Issue(IssueCode.INVOICE_NET, "K1", "2026-10")
BAD_ROW = Issue(IssueCode.ROW_INVALID, "K1", "2026-10")


def codes(export: Export | None, *found: Issue) -> list[tuple[str, str]]:
    plan = decide(month_of({"K1": (LINE,)}), NOTHING)
    issues = issues_of_others(plan, [] if export is None else [export], found, {})
    return [(number, issue.code) for number, theirs in issues.items() for issue in theirs]


def test_services_that_no_run_was_for_are_not_run() -> None:
    assert codes(None) == [("K1", "not_billed_yet")]


def test_the_ledgers_reason_is_the_issue() -> None:
    assert codes(FAILED) == [("K1", "easybill_unavailable")]


def test_a_bound_stops_the_others_too() -> None:
    assert codes(None, TOO_MUCH) == [("K1", "invoice_net")]


def test_a_draft_that_the_oms_has_left_behind_is_named() -> None:
    plan = decide(month_of({"K1": (DEARER,)}), known(holding(LINE), LINE))
    (issue,) = issues_of_others(plan, [holding(LINE)], (), CLAIMS)["K1"]
    assert (issue.code, issue.document_id) == (IssueCode.DRAFT_OUTDATED, 8)
    assert issue.facts == {"changed": ["S1"], "vanished": [], "new": []}


@pytest.mark.parametrize(
    ("export", "text"),
    [(HALF, "draft 8 is not finished"), (replace(HALF, error="400"), "400")],
)
def test_a_draft_that_is_not_finished_is_named(export: Export, text: str) -> None:
    delivered = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE))
    (issue,) = issues_of_others(delivered, [export], (), {})["K1"]
    assert (issue.code, text_of(issue)) == (IssueCode.DRAFT_UNFINISHED, text)


def test_who_is_refused_has_that_issue_alone() -> None:
    plan = decide(month_of({}, {"K1": (BAD_ROW,)}), NOTHING)
    assert issues_of_others(plan, [HALF], (), {})["K1"] == [BAD_ROW]


def test_who_is_delivered_has_no_issue() -> None:
    delivered = decide(month_of({"K1": (LINE,)}), known(holding(LINE), LINE))
    assert issues_of_others(delivered, [holding(LINE)], (), {}) == {}
