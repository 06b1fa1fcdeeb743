from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from tasks.billing.invoice import Customer, Invoice, contradictions
from tasks.billing.line_item import LineItem, LineKind
from tasks.billing.month import BERLIN, BillingMonth
from tasks.billing.wording import text_of

OCTOBER = BillingMonth(2026, 10)
NOON = datetime(2026, 10, 5, 12, tzinfo=BERLIN)
LINE = LineItem(
    service_id="S1",
    kind=LineKind.SERVICE,
    rendered_at=NOON,
    service_code=None,
    title="Beratung",
    quantity=Decimal(1),
    unit=None,
    unit_price_net=Decimal("68.33"),
    vat_percent=Decimal(20),
)
FEE = replace(LINE, kind=LineKind.CANCELLATION_FEE)


def invoice(customer: Customer, *lines: LineItem, sequence: int = 1) -> Invoice:
    return Invoice.of(OCTOBER, customer, lines, sequence)


def test_lines_stand_in_the_same_order_however_they_arrive() -> None:
    later = replace(LINE, service_id="S0", rendered_at=NOON + timedelta(hours=1))
    other = replace(LINE, service_id="S2")
    expected = (LINE, FEE, other, later)
    for arrival in permutations(expected):
        assert invoice(Customer("K1"), *arrival).lines == expected


def test_totals_are_the_golden_ones() -> None:
    # 68.33 + 68.33 + 57.50 + 85.00 = 279.16; 20 % VAT 55.83; gross 334.99
    prices = ("68.33", "68.33", "57.50", "85.00")
    lines = [
        replace(LINE, service_id=f"S{place}", unit_price_net=Decimal(price))
        for place, price in enumerate(prices)
    ]
    totals = invoice(Customer("K1"), *lines).totals
    assert (totals.net_cents, totals.vat_cents, totals.gross_cents) == (27916, 5583, 33499)


@pytest.mark.parametrize(
    ("sequence", "external_id", "stem"),
    [(1, "oms:2026-10:K1", "K1"), (2, "oms:2026-10:K1:2", "K1~2"), (3, "oms:2026-10:K1:3", "K1~3")],
)
def test_identities_follow_from_month_customer_and_sequence(
    sequence: int, external_id: str, stem: str
) -> None:
    numbered = invoice(Customer("K1"), LINE, sequence=sequence)
    assert (numbered.external_id, numbered.file_stem) == (external_id, stem)


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        (Customer("K1", company_name="Größe GmbH", last_name="Weiß"), "Größe GmbH"),
        (Customer("K1", first_name="Zoë", last_name="Weiß"), "Zoë Weiß"),
        (Customer("K1", last_name="Weiß"), "Weiß"),
    ],
)
def test_a_customer_is_called_by_company_or_person(customer: Customer, name: str) -> None:
    assert customer.display_name == name


def test_vat_on_an_invoice_without_vat_is_a_contradiction_that_names_the_service() -> None:
    (issue,) = contradictions(invoice(Customer("K1", vat_option="IG"), LINE))
    assert issue.service_id == "S1"
    assert text_of(issue) == (
        "service S1: vat_percent is 20, but the customer's vat_option IG takes the invoice out of"
        " VAT; 0 is expected"
    )


def test_vat_on_a_fee_of_such_an_invoice_is_one_too() -> None:
    (issue,) = contradictions(
        invoice(Customer("K1", vat_option="AL"), replace(LINE, vat_percent=Decimal(0)), FEE)
    )
    assert "cancellation_fee_vat_percent is 20" in text_of(issue)


def test_a_normal_invoice_may_hold_every_rate() -> None:
    untaxed = replace(FEE, vat_percent=Decimal(0))
    assert contradictions(invoice(Customer("K1"), LINE, untaxed)) == []
