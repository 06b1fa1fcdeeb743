"""What the ledger keeps of an issue, and the way back."""

from dataclasses import replace

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording import text_of
from tasks.plan.kept_issue import kept_issue, reason_of
from tests.tasks.plan.test_decide import DELIVERED

DIFFERS = Issue(
    IssueCode.DRAFT_DIFFERS,
    "K1",
    "2026-10",
    document_id=8,
    facts={"changed": ["S1"], "vanished": []},
)


def test_an_issue_comes_back_from_the_ledger_as_it_went_in() -> None:
    reason = reason_of(DIFFERS)
    assert (reason.code, reason.text) == ("draft_differs", text_of(DIFFERS))
    export = replace(
        DELIVERED, error=reason.text, reason_code=reason.code, reason_facts=reason.facts
    )
    assert kept_issue(export) == DIFFERS


def test_of_several_issues_all_texts_are_kept_and_the_code_of_the_first() -> None:
    unknown = Issue(IssueCode.CUSTOMER_UNKNOWN, "K1", "2026-10")
    reason = reason_of([DIFFERS, unknown])
    assert reason.code == "draft_differs"
    assert reason.text == f"{text_of(DIFFERS)}; {text_of(unknown)}"


def test_an_error_that_was_kept_without_a_code_keeps_its_words() -> None:
    issue = kept_issue(replace(DELIVERED, error="easybill is away"))
    assert issue is not None
    assert text_of(issue) == "easybill is away"


def test_an_error_with_a_code_of_a_newer_release_keeps_its_words() -> None:
    issue = kept_issue(replace(DELIVERED, error="it rains", reason_code="rain", reason_facts="{}"))
    assert issue is not None
    assert (issue.code, text_of(issue)) == (IssueCode.DRAFT_UNFINISHED, "it rains")


def test_an_export_without_a_reason_has_no_issue() -> None:
    assert kept_issue(DELIVERED) is None
