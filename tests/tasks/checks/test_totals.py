"""Totals against the months before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.wording import text_of
from tasks.checks.all_checks import findings_of
from tasks.checks.totals import (
    first_time,
    gone_quiet,
    month_change,
    month_net,
    no_history,
    unusual_total,
)
from tests.tasks.months_to_check import line, names, october, totals


def test_a_total_far_from_the_mean_of_the_last_months_is_found() -> None:
    month = october(
        {"K1": (line(price="9000"),), "K2": (line("S2", price="2200"),)},
        *totals("2026-08", K1=1_000, K2=2_000),
        *totals("2026-09", K1=3_000, K2=2_000),
    )
    (finding,) = unusual_total(month)
    assert (finding.name, finding.stops) == ("unusual_total:K1", False)
    assert text_of(finding) == "net 9,000.00; usual is 2,000.00 (mean of 2026-08, 2026-09)"


def test_a_total_far_below_the_usual_one_is_found() -> None:
    month = october({"K1": (line(price="100"),)}, *totals("2026-09", K1=5_000))
    (finding,) = unusual_total(month)
    assert text_of(finding) == "net 100.00; usual is 5,000.00 (2026-09)"


@pytest.mark.parametrize(
    ("usual", "total", "is_found"),
    [
        (10_000, 17_500, False),  # 75 %: not more than the share
        (10_000, 17_501, True),
        (10_000, 2_499, True),
        (1_000, 3_500, False),  # 250 %, but not more than 2,500 euros
        (1_000, 3_501, True),
        (100_000, 150_000, False),  # 50,000 euros, but only 50 %
    ],
)
def test_a_total_is_unusual_only_where_share_and_amount_are_both_passed(
    usual: int, total: int, is_found: bool
) -> None:
    month = october({"K1": (line(price=str(total)),)}, *totals("2026-09", K1=usual))
    assert bool(unusual_total(month)) is is_found


def test_months_in_which_a_customer_was_not_billed_are_not_counted_as_usual() -> None:
    month = october(
        {"K1": (line(price="5000"),)},
        *totals("2026-07", K1=5_000),
        *totals("2026-08", K2=1),
        *totals("2026-09", K2=1),
    )
    assert unusual_total(month) == []


def test_only_the_last_months_are_usual() -> None:
    lines = {"K1": (line(price="6000"),)}
    before = (*totals("2026-08", K1=100), *totals("2026-09", K1=5_000))
    assert unusual_total(october(lines, *before, usual_months=1)) == []
    assert names(unusual_total(october(lines, *before, usual_months=2))) == ["unusual_total:K1"]


@given(
    nets=st.lists(st.integers(0, 1_000_000), min_size=1, max_size=3),
    total=st.integers(0, 1_000_000),
    share=st.integers(0, 300),
    eur=st.integers(0, 10_000),
)
def test_a_stricter_bound_never_finds_less(
    nets: list[int], total: int, share: int, eur: int
) -> None:
    before = [row for n, net in enumerate(nets) for row in totals(f"2026-0{n + 1}", K1=net)]
    lines = {"K1": (line(price=str(total)),)}
    lax = october(lines, *before, usual_change_percent=share + 1, usual_change_eur=eur + 1)
    strict = october(lines, *before, usual_change_percent=share, usual_change_eur=eur)
    assert len(unusual_total(lax)) <= len(unusual_total(strict))


@given(net=st.integers(0, 10_000_000), share=st.integers(0, 100), eur=st.integers(0, 10_000))
def test_a_month_like_the_ones_before_is_never_unusual(net: int, share: int, eur: int) -> None:
    month = october(
        {"K1": (line(price=str(net)),)},
        *totals("2026-08", K1=net),
        *totals("2026-09", K1=net),
        usual_change_percent=share,
        usual_change_eur=eur,
        month_change_percent=share,
        month_change_eur=eur,
    )
    assert [*unusual_total(month), *month_change(month), *first_time(month)] == []


def test_a_customer_that_no_earlier_month_has_is_found() -> None:
    month = october({"K1": (line(),), "K2": (line("S2", price="70"),)}, *totals("2025-11", K1=100))
    (finding,) = first_time(month)
    assert (finding.name, finding.stops) == ("first_time:K2", False)
    assert text_of(finding) == "billed for the first time, net 70.00"


def test_a_customer_billed_last_month_and_now_empty_is_found() -> None:
    month = october(
        {"K1": (line(),)}, *totals("2026-08", K1=100, K2=50), *totals("2026-09", K1=100, K3=80)
    )
    (finding,) = gone_quiet(month)
    assert (finding.name, finding.stops) == ("gone_quiet:K3", False)
    assert text_of(finding) == "nothing to be billed; in 2026-09 net 80.00"


def test_a_refused_customer_has_not_gone_quiet() -> None:
    month = october({"K1": (line(),)}, *totals("2026-09", K1=100, K3=80), refused=("K3",))
    assert gone_quiet(month) == []


def test_many_who_come_or_go_are_one_finding_that_names_the_largest() -> None:
    new = {f"N{n}": (line(f"S{n}", price=str(n)),) for n in range(1, 13)}
    month = october(new, *totals("2026-09", **{f"Q{n}": n for n in range(1, 13)}), listed=11)
    (came,), (went,) = first_time(month), gone_quiet(month)
    assert (came.name, went.name) == ("first_time", "gone_quiet")
    assert text_of(came) == (
        "not billed since 2026-09, 12 customers: 78.00 in all; N12 (12.00),"
        " N11 (11.00), N10 (10.00), N9 (9.00), N8 (8.00), N7 (7.00), N6 (6.00), N5 (5.00),"
        " N4 (4.00), N3 (3.00), and 2 more"
    )
    assert text_of(went).startswith("billed in 2026-09 and not now, 12 customers: 78.00 in all")


def test_without_an_earlier_month_it_is_said_once_that_there_is_nothing_to_compare_with() -> None:
    month = october({"K1": (line(price="9000"),), "K2": (line("S2"),)})
    assert names(list(findings_of(month))) == ["no_history"]
    assert no_history(october({"K1": (line(),)}, *totals("2026-09", K1=100))) == []


def test_a_month_above_its_bound_stops_the_run() -> None:
    lines = {"K1": (line(price="600"),), "K2": (line("S2", price="401"),)}
    (finding,) = month_net(october(lines, month_net_eur=1_000))
    assert (finding.name, finding.stops) == ("month_net", True)
    assert text_of(finding) == "the month's net 1,001.00 is above 1,000 (SENSE_MONTH_NET_EUR)"
    assert month_net(october(lines, month_net_eur=1_001)) == []


@pytest.mark.parametrize(
    ("total", "is_found"),
    [(150_000, False), (150_001, True), (50_000, False), (49_999, True)],
)
def test_a_month_far_from_the_one_before_stops_the_run(total: int, is_found: bool) -> None:
    month = october({"K1": (line(price=str(total)),)}, *totals("2026-09", K1=90_000, K2=10_000))
    found = month_change(month)
    assert bool(found) is is_found
    assert all(finding.stops and finding.name == "month_change" for finding in found)


def test_a_small_month_may_differ_much_from_the_one_before() -> None:
    before = totals("2026-09", K1=100)
    assert month_change(october({"K1": (line(price="10100"),)}, *before)) == []
    assert names(month_change(october({"K1": (line(price="10101"),)}, *before))) == ["month_change"]


def test_a_month_is_compared_without_customers_that_are_refused_now() -> None:
    before = totals("2026-09", K1=100_000, K2=100)
    assert month_change(october({"K2": (line(),)}, *before, refused=("K1",))) == []
    assert month_change(october({"K3": (line(),)}, *before, refused=("K1", "K2"))) == []
    assert names(month_change(october({"K2": (line(),)}, *before))) == ["month_change"]


def test_too_little_in_a_month_that_is_not_over_only_warns() -> None:
    before = totals("2026-09", K1=100_000)
    (little,) = month_change(october({"K1": (line(),)}, *before, is_over=False))
    (much,) = month_change(october({"K1": (line(price="900000"),)}, *before, is_over=False))
    assert (little.stops, much.stops) == (False, True)
