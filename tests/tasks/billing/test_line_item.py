from datetime import datetime
from decimal import Decimal

import pytest

from tasks.billing.line_item import LineKind, Service, line_items
from tasks.billing.month import BERLIN

LABEL = "Stornogebühr: "


def service(
    *,
    status: str = "rendered",
    fee: str | None = None,
    fee_vat: str | None = "19",
    description: str | None = None,
) -> Service:
    return Service(
        service_id="S1",
        customer_number="K1",
        order_number="A-1",
        rendered_at=datetime(2026, 10, 5, 9, 30, tzinfo=BERLIN),
        service_code="C-7",
        name="Beratung",
        description=description,
        quantity=Decimal("2.5"),
        unit="h",
        unit_price_net=Decimal("80.00"),
        vat_percent=Decimal(19),
        status=status,
        cancellation_fee_net=None if fee is None else Decimal(fee),
        cancellation_fee_vat_percent=None if fee_vat is None else Decimal(fee_vat),
    )


def test_a_rendered_service_is_one_line_at_its_price() -> None:
    (line,) = line_items(service(description="vor Ort"), LABEL)
    assert (line.kind, line.title, line.quantity, line.unit) == (
        LineKind.SERVICE,
        "Beratung\nvor Ort",
        Decimal("2.5"),
        "h",
    )
    assert line.net_cents == 20000  # 2.5 h at 80.00 EUR


def test_a_cancelled_service_bills_its_fee_and_no_price() -> None:
    (line,) = line_items(service(status="cancelled", fee="25.00", fee_vat="0"), LABEL)
    assert (line.kind, line.title, line.quantity, line.vat_percent) == (
        LineKind.CANCELLATION_FEE,
        "Stornogebühr: Beratung",
        Decimal(1),
        Decimal(0),
    )
    assert line.net_cents == 2500


@pytest.mark.parametrize("fee", [None, "0", "0.00"])
def test_a_cancelled_service_without_a_fee_bills_nothing(fee: str | None) -> None:
    assert line_items(service(status="cancelled", fee=fee), LABEL) == ()


def test_a_rendered_service_with_a_fee_is_two_lines_that_are_billed_once_each() -> None:
    price, fee = line_items(service(fee="5"), LABEL)
    assert (price.key, fee.key) == (("S1", "service"), ("S1", "cancellation_fee"))


def test_a_fees_vat_is_never_guessed() -> None:
    with pytest.raises(ValueError, match="S1 has a cancellation fee without its VAT"):
        line_items(service(status="cancelled", fee="5", fee_vat=None), LABEL)
