"""Every code has its words, and they can be filled in."""

import pickle
import re
from dataclasses import replace

import msgspec
import pytest

from tasks.billing.issue import Issue, IssueCode, Kind, Severity
from tasks.billing.wording import catalogue, next_step_of, sentences_of, text_of
from tests.tasks.billing.samples import SUM, issue_of

SUMMED_UP = (
    *(IssueCode.UNUSUAL_TOTAL, IssueCode.NET_NOT_POSITIVE, IssueCode.DUPLICATES),
    *(IssueCode.FIRST_TIME, IssueCode.GONE_QUIET, IssueCode.MIXED_VAT),
    *(IssueCode.NO_VAT_ID, IssueCode.NO_BUYER_REFERENCE),
)
EVERY_ISSUE = [
    *(issue_of(code) for code in IssueCode),
    *(issue_of(code, SUM) for code in SUMMED_UP),
]


def test_every_code_has_words_and_no_words_lack_a_code() -> None:
    assert set(catalogue("en")) == set(IssueCode)


@pytest.mark.parametrize("issue", EVERY_ISSUE, ids=lambda issue: issue.code)
def test_an_issue_of_every_code_can_be_said(issue: Issue) -> None:
    said = sentences_of(issue)
    assert text_of(issue)
    assert said.endswith(".")
    assert not re.search(r"[{}]|\.\.|  |\bNone\b", said), said
    assert next_step_of(issue) or issue.code in {"settings_wrong", "month_not_over", "no_history"}


@pytest.mark.parametrize("issue", EVERY_ISSUE, ids=lambda issue: issue.code)
def test_an_issue_survives_pickling_and_its_facts_json(issue: Issue) -> None:
    assert pickle.loads(pickle.dumps(issue)) == issue
    facts = msgspec.json.decode(msgspec.json.encode(issue.facts))
    again = replace(issue, facts=facts)
    assert sentences_of(again) == sentences_of(issue)


def test_a_missing_fact_is_an_error_and_no_gap_in_a_sentence() -> None:
    with pytest.raises(Exception, match="'said' is undefined"):
        text_of(Issue(IssueCode.EASYBILL_REFUSED, "K1"))


def test_things_are_counted_in_the_right_number() -> None:
    one = Issue(IssueCode.LINE_COUNT, "K1", facts={"line_count": 1, "bound_count": 0})
    assert text_of(one) == "1 line is more than 0 (SENSE_LINE_COUNT)"
    assert text_of(issue_of(IssueCode.LINE_COUNT)).startswith("3,001 lines are more than 3,000")


def test_amounts_are_written_with_two_decimals_and_thousands() -> None:
    facts = {"net_cents": 123_456_789, "bound_eur": 1_000_000}
    assert text_of(Issue(IssueCode.MONTH_NET, facts=facts)).startswith(
        "the month's net 1,234,567.89 is above 1,000,000"
    )


def test_an_issue_is_named_as_let_through_names_it() -> None:
    assert issue_of(IssueCode.INVOICE_NET).name == "invoice_net:K1"
    assert Issue(IssueCode.MONTH_NET).name == "month_net"


def test_a_bound_that_only_warns_stops_nothing() -> None:
    stopped = issue_of(IssueCode.INVOICE_NET)
    warns = Issue(IssueCode.INVOICE_NET, "K1", only_warns=True)
    assert (stopped.severity, stopped.stops) == (Severity.STOPS_CUSTOMER, True)
    assert (warns.severity, warns.stops, warns.kind) == (Severity.WARNS, False, Kind.STOPPED)
