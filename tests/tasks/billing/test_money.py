from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.billing.money import (
    Totals,
    amount_text,
    gross_unit_price,
    line_net_cents,
    net_unit_price,
    plain,
    price_text,
    round_half_up,
    vat_cents,
)

PRICES = st.decimals(min_value=0, max_value=Decimal("999999999999.9999"), places=4)
QUANTITIES = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10) ** 12, places=4)
RATES = st.decimals(min_value=0, max_value=100, places=4)


@pytest.mark.parametrize(
    ("cents", "rounded"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1), ("-2.5", -3), ("7", 7)],
)
def test_a_half_is_rounded_away_from_zero(cents: str, rounded: int) -> None:
    assert round_half_up(Decimal(cents)) == rounded


@pytest.mark.parametrize(
    ("quantity", "price", "net_cents"),
    [
        ("1", "68.33", 6833),
        ("2.5", "0.99", 248),  # 2.475 EUR
        ("3", "1.2345", 370),  # 3.7035 EUR
        ("0.5", "0.01", 1),  # 0.005 EUR
        ("80995", "1.04", 8423480),
        ("1", "0", 0),
    ],
)
def test_a_lines_net_is_quantity_times_price_in_cents(
    quantity: str, price: str, net_cents: int
) -> None:
    assert line_net_cents(Decimal(quantity), Decimal(price)) == net_cents


def test_vat_is_reckoned_once_per_rate_on_the_sum() -> None:
    # 68.33 + 68.33 + 57.50 + 85.00 = 279.16; 20 % of it is 55.832; in all 334.99.
    # Line by line it would be 13.67 + 13.67 + 11.50 + 17.00 = 55.84, a cent too much.
    rate = Decimal(20)
    totals = Totals.of((rate, cents) for cents in (6833, 6833, 5750, 8500))
    assert (totals.net_cents, totals.vat_cents, totals.gross_cents) == (27916, 5583, 33499)


def test_each_rate_has_a_sum_of_its_own() -> None:
    # 19 %: 10.00 + 0.05 = 10.05, VAT 1.9095 -> 1.91; 7 %: 3.50, VAT 0.245 -> 0.25; 0 %: 2.00.
    totals = Totals.of(
        [
            (Decimal("19"), 1000),
            (Decimal("7"), 350),
            (Decimal("19.00"), 5),
            (Decimal("0"), 200),
        ]
    )
    assert (totals.net_cents, totals.vat_cents, totals.gross_cents) == (1555, 216, 1771)


def test_nothing_comes_to_nothing() -> None:
    assert Totals.of([]).gross_cents == 0


@given(st.lists(st.tuples(RATES, st.integers(0, 10**12)), max_size=8))
def test_totals_do_not_depend_on_the_order_of_lines(lines: list[tuple[Decimal, int]]) -> None:
    assert Totals.of(lines) == Totals.of(reversed(lines))
    assert Totals.of(lines).net_cents == sum(cents for _, cents in lines)


@given(st.integers(0, 10**14), RATES)
def test_vat_is_off_the_exact_amount_by_half_a_cent_at_most(net_cents: int, rate: Decimal) -> None:
    exact = Decimal(net_cents) * rate / 100
    assert abs(vat_cents(net_cents, rate) - exact) <= Decimal("0.5")


@given(QUANTITIES, PRICES)
def test_a_line_of_any_size_loses_no_digit(quantity: Decimal, price: Decimal) -> None:
    numerator = int(quantity.scaleb(4)) * int(price.scaleb(4))
    # In units of 1e-8 EUR; a cent is 10**6 of them.
    assert line_net_cents(quantity, price) == (numerator + 500_000) // 1_000_000


@given(PRICES, RATES)
def test_the_gross_price_gives_the_very_same_net_price_back(price: Decimal, rate: Decimal) -> None:
    written = price_text(gross_unit_price(price, rate))
    assert net_unit_price(Decimal(written), rate) == price


def test_a_gross_price_that_no_net_price_made_is_an_error() -> None:
    with pytest.raises(Inexact):
        net_unit_price(Decimal("10.00"), Decimal("19"))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.0000", "1"),
        ("2.50", "2.5"),
        ("1E+2", "100"),
        ("0.0000", "0"),
        ("-0", "0"),
        ("1E-4", "0.0001"),
    ],
)
def test_a_number_is_written_in_its_shortest_form(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("price", "text"),
    [("11.9", "11.90"), ("0", "0.00"), ("1.469055", "1.469055"), ("5", "5.00"), ("1.2300", "1.23")],
)
def test_a_price_has_two_decimals_or_as_many_as_make_it_exact(price: str, text: str) -> None:
    assert price_text(Decimal(price)) == text


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (-105, "-1.05"), (123456789, "1,234,567.89")]
)
def test_an_amount_is_written_for_people(cents: int, text: str) -> None:
    assert amount_text(cents) == text
