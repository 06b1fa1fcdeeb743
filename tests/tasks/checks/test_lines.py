"""One customer's lines: too much, too many, nothing, or the same twice."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.wording import text_of
from tasks.checks.lines import duplicates, invoice_net, line_count, line_net, net_not_positive
from tests.tasks.billing.test_invoice import NOON
from tests.tasks.months_to_check import line, names, october


def test_a_line_above_its_bound_stops_its_customer() -> None:
    large = line("S9", price="2.08", quantity=Decimal(80_995))
    (finding,) = line_net(october({"K1": (line(), large), "K2": (line("S2"),)}))
    assert (finding.name, finding.stops) == ("line_net:K1", True)
    assert text_of(finding) == (
        "service S9: 80995 × 2.08 = 168,469.60: above 10,000 (SENSE_LINE_NET_EUR)"
    )
    assert line_net(october({"K1": (line(price="10000"),)})) == []


def test_an_invoice_above_its_bound_stops_its_customer() -> None:
    lines = (line(price="60"), line("S2", price="41"))
    (finding,) = invoice_net(october({"K1": lines, "K2": (line("S3"),)}, invoice_net_eur=100))
    assert (finding.name, finding.stops) == ("invoice_net:K1", True)
    assert text_of(finding) == "net 101.00 is above 100 (SENSE_INVOICE_NET_EUR)"


def test_more_lines_than_the_bound_stop_their_customer() -> None:
    lines = tuple(line(f"S{n}") for n in range(3))
    (finding,) = line_count(october({"K1": lines, "K2": lines[:2]}, line_count=2))
    assert (finding.name, finding.stops) == ("line_count:K1", True)
    assert text_of(finding) == "3 lines are more than 2 (SENSE_LINE_COUNT)"


def test_lines_that_add_up_to_nothing_are_found() -> None:
    month = october({"K1": (line(price="0"),), "K2": (line("S2", price="0.01"),)})
    (finding,) = net_not_positive(month)
    assert (finding.name, finding.stops) == ("net_not_positive:K1", False)
    assert text_of(finding) == "1 line adds up to net 0.00: nothing is to be paid"


def test_lines_that_add_up_to_less_than_nothing_are_found() -> None:
    # No such row comes out of the OMS; the check does not rely on it.
    assert names(net_not_positive(october({"K1": (line(price="-5"),)}))) == ["net_not_positive:K1"]


def test_possible_duplicates_are_found() -> None:
    twice = (line("S1", price="150"), line("S2", price="150"), line("S3", price="150"))
    (finding,) = duplicates(october({"K1": (*twice, line("S4", price="99"))}))
    assert (finding.name, finding.stops) == ("duplicates:K1", False)
    assert text_of(finding) == (
        "possible duplicates, worth 300.00: S1 = S2 = S3 (2026-10-05, Beratung, 1 × 150)"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"rendered_at": NOON + timedelta(days=1)},
        {"service_code": "X"},
        {"title": "Anderes"},
        {"quantity": Decimal(2)},
        {"unit_price_net": Decimal("300.01")},
    ],
)
def test_lines_that_differ_are_no_duplicates(other: dict[str, Any]) -> None:
    first = line("S1", price="300")
    assert names(duplicates(october({"K1": (first, replace(first, service_id="S2"))}))) == [
        "duplicates:K1"
    ]
    assert duplicates(october({"K1": (first, replace(first, service_id="S2", **other))})) == []


def test_the_same_line_of_two_customers_is_no_duplicate() -> None:
    assert duplicates(october({"K1": (line(price="999"),), "K2": (line("S2", "999"),)})) == []


def test_duplicates_of_little_worth_are_summed_up() -> None:
    small = (line("S1", price="5"), line("S2", price="5"))
    large = (line("S3", price="500"), line("S4", price="500"))
    one, rest = duplicates(october({"K1": small, "K2": large, "K3": small}))
    assert (one.name, rest.name) == ("duplicates:K2", "duplicates")
    assert text_of(rest) == "2 more customers: 10.00 in all; K1 (5.00), K3 (5.00)"


def test_the_largest_are_listed_and_the_others_summed_up() -> None:
    lines = {
        f"K{n}": (line(f"A{n}", price=f"{n}000"), line(f"B{n}", price=f"{n}000"))
        for n in range(1, 6)
    }
    found = duplicates(october(lines, listed=3))
    assert names(found) == ["duplicates:K5", "duplicates:K4", "duplicates:K3", "duplicates"]
    assert text_of(found[-1]) == "2 more customers: 3,000.00 in all; K2 (2,000.00), K1 (1,000.00)"


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.integers(0, 2_000), min_size=1), st.data())
def test_what_stops_or_is_duplicate_does_not_depend_on_the_order(
    prices: dict[str, int], data: st.DataObject
) -> None:
    lines = [line(f"{name}{n}", price=str(price)) for name, price in prices.items() for n in (1, 2)]
    shuffled = tuple(data.draw(st.permutations(lines)))
    bounds: dict[str, Any] = {"line_net_eur": 1_000, "invoice_net_eur": 3_000, "line_count": 5}
    for check in (line_net, invoice_net, line_count, duplicates):
        straight = check(october({"K1": tuple(lines)}, **bounds))
        assert names(check(october({"K1": shuffled}, **bounds))) == names(straight)
