"""Every code has its words, and they can be filled in."""

import pickle
import re
import tomllib
from dataclasses import replace

import msgspec
import pytest

from tasks.billing.issue import Issue, IssueCode, Kind, Severity
from tasks.billing.wording import catalogue, next_step_of, sentences_of, text_of
from tests.shared import ROOT
from tests.tasks.billing.samples import Facts, a_sum_of, issue_of

SUMMED_UP = (
    *(IssueCode.UNUSUAL_TOTAL, IssueCode.NET_NOT_POSITIVE, IssueCode.DUPLICATES),
    *(IssueCode.FIRST_TIME, IssueCode.GONE_QUIET, IssueCode.MIXED_VAT),
    *(IssueCode.NO_VAT_ID, IssueCode.NO_BUYER_REFERENCE, IssueCode.VAT_ID_WRONG),
    *(IssueCode.BUYER_REFERENCE_WRONG, IssueCode.CUSTOMER_ARCHIVED, IssueCode.NO_ADDRESS),
)
EVERY_ISSUE = [
    *(issue_of(code) for code in IssueCode),
    *(issue_of(code, a_sum_of(12, is_rest=True)) for code in SUMMED_UP),
]


LANGUAGES = pytest.mark.parametrize("language", ["en", "de"])


@LANGUAGES
def test_every_code_has_words_and_no_words_lack_a_code(language: str) -> None:
    file = ROOT / "tasks" / "billing" / "wording" / f"issues.{language}.toml"
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    assert words.keys() - {"shared"} == set(catalogue(language)) == set(IssueCode)


@LANGUAGES
@pytest.mark.parametrize("issue", EVERY_ISSUE, ids=lambda issue: issue.code)
def test_an_issue_of_every_code_can_be_said(issue: Issue, language: str) -> None:
    said = sentences_of(issue, language)
    assert not text_of(issue, language).endswith(".")
    assert text_of(issue, language)
    assert said.endswith(".")
    assert not re.search(r"[{}]|\.\.|  |\bNone\b", said), said
    has_no_step = issue.code in {"settings_wrong", "month_not_over", "no_history"}
    assert next_step_of(issue, language) or has_no_step


@pytest.mark.parametrize("code", IssueCode)
def test_a_next_step_in_german_has_no_english_word(code: IssueCode) -> None:
    said = next_step_of(issue_of(code), "de")
    assert not re.search(r"\b(the|run|again|then|it|and|or)\b", said), said


def test_german_amounts_months_and_days_are_as_germans_write_them() -> None:
    facts: Facts = {
        "net_cents": 104_579_105,
        "before_cents": 90_000_000,
        "before_month": "2026-09",
        "bound_percent": 10,
    }
    issue = issue_of(IssueCode.MONTH_CHANGE, facts)
    assert "netto 1.045.791,05\xa0€".replace("\xa0", " ") in text_of(issue, "de")
    assert "September 2026" in text_of(issue, "de")
    still = issue_of(IssueCode.MONTH_STILL_RUNS, {"last_day": "2026-10-31"})
    assert "Nach dem 31.10.2026" in next_step_of(still, "de")


@pytest.mark.parametrize("issue", EVERY_ISSUE, ids=lambda issue: issue.code)
def test_an_issue_survives_pickling_and_its_facts_json(issue: Issue) -> None:
    assert pickle.loads(pickle.dumps(issue)) == issue
    facts = msgspec.json.decode(msgspec.json.encode(issue.facts))
    again = replace(issue, facts=facts)
    assert sentences_of(again) == sentences_of(issue)


def test_a_missing_fact_is_an_error_and_no_gap_in_a_sentence() -> None:
    with pytest.raises(Exception, match="'said' is undefined"):
        text_of(Issue(IssueCode.EASYBILL_REFUSED, "K1"))


def lacks(*parts: str) -> Facts:
    return {"missing": parts, "is_in_easybill": True, "in_easybill": "", "in_oms": ""}


COUNTED: list[tuple[IssueCode, Facts, str]] = [
    (IssueCode.LINE_COUNT, {"line_count": 1, "bound_count": 0}, "1 line is more than 0"),
    (IssueCode.LINE_COUNT, {"line_count": 2, "bound_count": 1}, "2 lines are more than 1"),
    (IssueCode.NET_NOT_POSITIVE, {"line_count": 1, "net_cents": 0}, "1 line adds up to"),
    (IssueCode.NET_NOT_POSITIVE, {"line_count": 2, "net_cents": 0}, "2 lines add up to"),
    (
        IssueCode.DRAFT_DIFFERS,
        {"changed": ["S1"], "vanished": ["S2"]},
        "service S1 changed and service S2 is gone in the OMS",
    ),
    (
        IssueCode.DRAFT_DIFFERS,
        {"changed": ["S1", "S2"], "vanished": ["S3", "S4"]},
        "services S1, S2 changed and services S3, S4 are gone in the OMS",
    ),
    (
        IssueCode.DRAFT_OUTDATED,
        {"changed": ["S1"], "vanished": ["S2"], "new": ["S3"]},
        "made: service S1 changed, service S2 is gone, service S3 is new",
    ),
    (
        IssueCode.DRAFT_OUTDATED,
        {"changed": ["S1", "S2"], "vanished": ["S3", "S4"], "new": ["S5", "S6"]},
        "made: services S1, S2 changed, services S3, S4 are gone, services S5, S6 are new",
    ),
    (
        IssueCode.DOCUMENTS_ORPHANED,
        {"ids": ["8"], "external_id": "oms:2026-10:K1"},
        "document 8 has the external id oms:2026-10:K1, but the ledger knows nothing of it."
        " Delete it in easybill if it is a duplicate",
    ),
    (
        IssueCode.DOCUMENTS_ORPHANED,
        {"ids": ["8", "9"], "external_id": "oms:2026-10:K1"},
        "documents 8, 9 have the external id oms:2026-10:K1, but the ledger knows nothing of them."
        " Delete them in easybill if they are duplicates",
    ),
    (IssueCode.MIXED_VAT, {"service_ids": ["S1"], "more_count": 0}, "lines: service S1; an"),
    (
        IssueCode.MIXED_VAT,
        {"service_ids": ["S1", "S2", "S3"], "more_count": 1},
        "lines: services S1, S2, S3 and 1 more; an",
    ),
    (IssueCode.NO_ADDRESS, lacks("street"), "lacks the customer's street."),
    (IssueCode.NO_ADDRESS, lacks("street", "city"), "lacks the customer's street and city."),
    (IssueCode.NO_ADDRESS, lacks("street", "zip_code", "city"), "street, zip code and city."),
    (IssueCode.NO_VAT_ID, a_sum_of(1, is_rest=False), "1 customer: "),
    (IssueCode.NO_VAT_ID, a_sum_of(2, is_rest=False), "2 customers: "),
    (IssueCode.NO_VAT_ID, a_sum_of(1, is_rest=True), "1 more customer: "),
    (IssueCode.NO_VAT_ID, a_sum_of(2, is_rest=True), "2 more customers: "),
]


@pytest.mark.parametrize(("code", "facts", "said"), COUNTED)
def test_one_and_several_are_said_in_the_right_number(
    code: IssueCode, facts: Facts, said: str
) -> None:
    assert said in sentences_of(issue_of(code, facts))


def test_large_counts_have_thousands() -> None:
    facts = {"line_count": 3_001, "bound_count": 3_000}
    assert text_of(issue_of(IssueCode.LINE_COUNT, facts)).startswith("3,001 lines are more than 3,")


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
