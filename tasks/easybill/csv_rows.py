"""The lines of an invoice as a layout takes them, and the way back to line items' money."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Literal

from blocks.easybill.layout_vocabulary import PRICES, Lines
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.line_item import LineItem
from tasks.billing.money import gross_unit_price, net_unit_price, plain, price_text
from tasks.billing.month import BERLIN

PriceBasis = Literal["gross", "net"]
# Quantity, net price of one unit and VAT rate.
LineMoney = tuple[Decimal, Decimal, Decimal]


def csv_lines(invoice: Invoice, price_basis: PriceBasis) -> dict[str, list[str]]:
    """Every field of the vocabulary; the order's and the customer's repeat on each line."""
    count = len(invoice.lines)
    order = {name: [text] * count for name, text in _order_fields(invoice).items()}
    numbers = [str(number) for number in range(1, count + 1)]
    return {**order, "line_number": numbers, **_line_fields(invoice.lines, price_basis)}


def money_of(
    lines: Lines,
    price_basis: PriceBasis,
    net_of: Callable[[Decimal, Decimal], Decimal] = net_unit_price,
) -> Iterator[LineMoney]:
    """The money of each line, as a file says it.

    `net_of` finds the net price of a gross one at a VAT rate; `price_basis` is that of a
    `unit_price`, which does not say itself what it is.
    """
    held = next(name for name in PRICES if name in lines)
    is_net = held == "unit_price_net" or (held == "unit_price" and price_basis == "net")
    for quantity, price, rate in zip(
        lines["quantity"], lines[held], lines["vat_percent"], strict=True
    ):
        vat_percent, unit_price = Decimal(rate), Decimal(price)
        net = unit_price if is_net else net_of(unit_price, vat_percent)
        yield Decimal(quantity), net, vat_percent


def title_of(lines: Lines, place: int) -> str:
    """The title of a line, as far as the file has it."""
    if "title" in lines:
        return lines["title"][place]
    parts = (lines[name][place] for name in ("name", "description") if name in lines)
    return "\n".join(filter(None, parts))


def _order_fields(invoice: Invoice) -> dict[str, str]:
    return {
        "order_number": f"{invoice.month}-{invoice.file_stem}",
        "month_first_day": invoice.month.first_day.isoformat(),
        "month_last_day": invoice.month.last_day.isoformat(),
        **_customer_fields(invoice.customer),
    }


def _customer_fields(customer: Customer) -> dict[str, str]:
    return {
        "currency": customer.currency,
        "customer_number": customer.customer_number,
        "email": customer.email or "",
        "phone_number": customer.phone_number or "",
        "first_name": customer.first_name or "",
        "last_name": customer.last_name or "",
        "company_name": customer.company_name or "",
        "customer_name": customer.display_name,
        "street": customer.street or "",
        "zip_code": customer.zip_code or "",
        "city": customer.city or "",
        "state": customer.state or "",
        "country": customer.country or "",
        "vat_id": customer.vat_id or "",
        "vat_option": customer.vat_option or "",
        "purchase_order": customer.purchase_order or "",
        "buyer_reference": customer.buyer_reference or "",
    }


def _line_fields(lines: tuple[LineItem, ...], price_basis: PriceBasis) -> dict[str, list[str]]:
    net = [price_text(line.unit_price_net) for line in lines]
    gross = [price_text(gross_unit_price(line.unit_price_net, line.vat_percent)) for line in lines]
    parts = [line.title.partition("\n") for line in lines]
    return {
        "service_id": [line.service_id for line in lines],
        "kind": [line.kind.value for line in lines],
        "service_code": [line.service_code or "" for line in lines],
        "title": [line.title for line in lines],
        "name": [name for name, _, _ in parts],
        "description": [description for _, _, description in parts],
        "rendered_on": [line.rendered_at.astimezone(BERLIN).date().isoformat() for line in lines],
        "quantity": [plain(line.quantity) for line in lines],
        "unit": [line.unit or "" for line in lines],
        "unit_price": net if price_basis == "net" else gross,
        "unit_price_gross": gross,
        "unit_price_net": net,
        "vat_percent": [plain(line.vat_percent) for line in lines],
    }
