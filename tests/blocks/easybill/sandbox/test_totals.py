"""What easybill computes, to the cent."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.sandbox.totals import RateTotal, half_up, per_rate, priced
from tests.blocks.easybill.sandbox.bodies import create_draft, position
from tests.easybill_sandbox import RunningSandbox

prices = st.decimals(0, 10**7, places=2)
quantities = st.decimals(Decimal("0.0001"), 10**5, places=4)
percents = st.sampled_from([Decimal(0), Decimal(7), Decimal("10.7"), Decimal(19), Decimal(20)])
items = st.lists(
    st.builds(
        lambda price, quantity, percent: position(
            single_price_net=price, quantity=quantity, vat_percent=percent
        ),
        prices,
        quantities,
        percents,
    ),
    max_size=12,
)


def rates(sent: list[dict[str, Any]], *, from_gross: bool = False, taxed: bool = True) -> Any:
    lines = [priced(item, from_gross=from_gross, taxed=taxed) for item in sent]
    return per_rate(lines, from_gross=from_gross, taxed=taxed)


@pytest.mark.parametrize(
    ("cents", "rounded"), [("0.5", 1), ("1.4999", 1), ("-0.5", -1), ("2.5", 3), ("1e30", 10**30)]
)
def test_halves_go_up(cents: str, rounded: int) -> None:
    assert half_up(Decimal(cents)) == rounded


def test_vat_is_computed_once_per_rate_on_the_sum() -> None:
    sent = [position(single_price_net=net, vat_percent=20) for net in (6833, 6833, 5750, 8500)]
    assert rates(sent) == [RateTotal(Decimal(20), 27916, 5583)]


def test_each_rate_has_its_own_total() -> None:
    sent = [
        position(vat_percent=19),
        position(vat_percent=Decimal("19.0")),
        position(vat_percent=7),
    ]
    assert rates(sent) == [RateTotal(Decimal(7), 10000, 700), RateTotal(Decimal(19), 20000, 3800)]


def test_a_document_with_a_vat_option_has_no_vat() -> None:
    assert rates([position()], taxed=False) == [RateTotal(Decimal(0), 10000, 0)]


def test_totals_can_be_computed_from_gross_prices() -> None:
    sent = [position(single_price_net=None, single_price_gross=119, quantity=3)]
    assert rates(sent, from_gross=True) == [RateTotal(Decimal(19), 300, 57)]


def test_a_gross_price_shows_its_net_and_vat() -> None:
    sent = position(single_price_net=None, single_price_gross=119, quantity=3)
    line = priced(sent, from_gross=True, taxed=True)
    assert (line["total_price_net"], line["total_vat"], line["total_price_gross"]) == (300, 57, 357)
    assert (line["single_price_net"], line["single_price_gross"]) == (100, 119)


def test_net_prices_are_taken_as_gross_where_only_they_are_given() -> None:
    assert rates([position(single_price_net=100)], from_gross=True) == [
        RateTotal(Decimal(19), 100, 19)
    ]


@pytest.mark.parametrize("kind", ["TEXT", "POSITION_NOCALC"])
def test_only_positions_count(kind: str) -> None:
    assert rates([position(type=kind)]) == []
    assert priced(position(type=kind), from_gross=False, taxed=True)["total_price_net"] == 0


@given(items)
def test_net_and_vat_are_the_sums_that_a_second_computation_finds(
    sent: list[dict[str, Any]],
) -> None:
    cents: dict[Decimal, int] = {}
    for item in sent:
        ten_thousandths = int(item["single_price_net"] * 100) * int(item["quantity"] * 10**4)
        net = (ten_thousandths * 2 + 10**6) // (2 * 10**6)
        cents[item["vat_percent"]] = cents.get(item["vat_percent"], 0) + net
    vat = {rate: (net * int(rate * 10) * 2 + 1000) // 2000 for rate, net in cents.items()}
    assert {total.vat_percent: (total.net_cents, total.vat_cents) for total in rates(sent)} == {
        rate: (cents[rate], vat[rate]) for rate in cents
    }


def test_an_answer_has_exact_numbers(sandbox: RunningSandbox) -> None:
    content = (
        b'{"items": [{"quantity": 0.1000, "single_price_net": 123456789012345.12345678,'
        b' "vat_percent": 19.0}]}'
    )
    answer = sandbox.http.post("/documents", content=content)
    assert b'"single_price_net":123456789012345.12345678,' in answer.content
    assert b'"total_price_net":12345678901235,' in answer.content


def test_a_draft_answers_with_its_totals(sandbox: RunningSandbox) -> None:
    document = create_draft(sandbox, items=[position(quantity=2)])
    assert (document["amount_net"], document["amount"]) == (20000, 23800)
    assert (document["items"][0]["total_price_net"], document["items"][0]["total_vat"]) == (
        20000,
        3800,
    )
