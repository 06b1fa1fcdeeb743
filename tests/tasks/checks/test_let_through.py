"""Which findings stop what is to be sent, and which a person let through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.invoice import Customer, Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.checks.let_through import NAME_PATTERN, going, hold_back, known_name, names_of_nothing
from tests.tasks.billing.test_invoice import LINE, OCTOBER

OF_K1 = Issue(IssueCode.INVOICE_NET, "K1")
OF_THE_MONTH = Issue(IssueCode.MONTH_NET)
WARNING = Issue(IssueCode.DUPLICATES, "K2")
K1, K2 = (Invoice.of(OCTOBER, Customer(number), [LINE]) for number in ("K1", "K2"))


def test_a_bound_of_a_customer_stops_that_customer_alone() -> None:
    findings = hold_back([OF_K1, WARNING], [K1, K2], ())
    assert [(f.code, f.stops) for f in findings] == [(OF_K1.code, True), (WARNING.code, False)]
    assert going([K1, K2], findings) == [K2]


def test_a_bound_of_the_month_stops_everybody() -> None:
    assert going([K1, K2], hold_back([OF_THE_MONTH], [K1, K2], ())) == []


def test_what_is_let_through_by_name_only_warns() -> None:
    findings = hold_back([OF_K1, OF_THE_MONTH], [K1, K2], {"invoice_net:K1", "month_net"})
    assert [finding.stops for finding in findings] == [False, False]
    assert [finding.code for finding in findings] == [OF_K1.code, OF_THE_MONTH.code]
    assert going([K1, K2], findings) == [K1, K2]


def test_nothing_is_stopped_where_nothing_is_to_be_sent() -> None:
    assert [f.stops for f in hold_back([OF_K1, OF_THE_MONTH], [K2], ())] == [False, True]
    assert [f.stops for f in hold_back([OF_K1, OF_THE_MONTH], [], ())] == [False, False]


def test_a_name_that_no_finding_has_is_told() -> None:
    asked = {"invoice_net:K1", "invoice_net:K9", "month_change"}
    assert names_of_nothing([OF_K1, WARNING], asked) == ["invoice_net:K9", "month_change"]


@pytest.mark.parametrize(
    "name", ["invoice_net:K1", "line_net:a:b", "line_count:1", "month_net", "month_change"]
)
def test_a_name_of_a_bound_is_taken(name: str) -> None:
    assert known_name(name) == name
    assert re.search(NAME_PATTERN, name)


@pytest.mark.parametrize(
    "name", ["", "all", "invoice_net", "invoice_net:", "month_net:K1", "duplicates:K1", "K1"]
)
def test_another_name_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(ValueError, match="there are line_net:CUSTOMER, invoice_net:CUSTOMER"):
        known_name(name)
    assert not re.search(NAME_PATTERN, name)


@given(st.sets(st.sampled_from(["invoice_net:K1", "month_net", "invoice_net:K2"])))
def test_letting_more_through_never_holds_more_back(names: set[str]) -> None:
    def sent(let_through: set[str]) -> int:
        return len(going([K1, K2], hold_back([OF_K1, OF_THE_MONTH], [K1, K2], let_through)))

    assert sent(set()) <= sent(names)
