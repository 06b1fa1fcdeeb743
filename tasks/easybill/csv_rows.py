"""The rows of an invoice in easybill's import layout, and the way back to line items' money."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

from tasks.billing.invoice import Customer, Invoice
from tasks.billing.line_item import LineItem, LineKind
from tasks.billing.money import gross_unit_price, net_unit_price, plain, price_text

PriceBasis = Literal["gross", "net"]

# The layout's own values are item and discount; a fee gets a name of its own to be told apart.
ITEM_TYPES: Mapping[LineKind, str] = {
    LineKind.SERVICE: "item",
    LineKind.CANCELLATION_FEE: "cancellation_fee",
}
TAX_TYPES: Mapping[str, str] = {"IG": "intra-community-trade", "AL": "export"}


def csv_rows(invoice: Invoice, price_basis: PriceBasis) -> list[dict[str, str]]:
    """One row per line item; the order's and the customer's fields repeat on each."""
    order = _order_fields(invoice)
    return [{**order, **_line_fields(line, price_basis)} for line in invoice.lines]


def line_money(
    row: Mapping[str, str],
    price_basis: PriceBasis,
    net_of: Callable[[Decimal, Decimal], Decimal] = net_unit_price,
) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, net price of one unit and VAT rate, as the row of a file says them.

    `net_of` finds the net price of a gross one at a VAT rate.
    """
    price, vat_percent = Decimal(row["item_price"]), Decimal(row["vat_percent"])
    net = price if price_basis == "net" else net_of(price, vat_percent)
    return Decimal(row["quantity"]), net, vat_percent


def _order_fields(invoice: Invoice) -> dict[str, str]:
    return {
        "order_number": f"{invoice.month}-{invoice.file_stem}",
        "purchase_date": invoice.month.last_day.isoformat(),
        "currency": invoice.customer.currency,
        **_customer_fields(invoice.customer),
    }


def _customer_fields(customer: Customer) -> dict[str, str]:
    return {
        "customer_number": customer.customer_number,
        "email": customer.email or "",
        "phone_number": customer.phone_number or "",
        "firstname": customer.first_name or "",
        "lastname": customer.last_name or "",
        "name": customer.company_name or "",
        "street": customer.street or "",
        "zipcode": customer.zip_code or "",
        "city": customer.city or "",
        "state": customer.state or "",
        "country": customer.country or "",
        "vat_id": customer.vat_id or "",
        "tax_type": TAX_TYPES.get(customer.vat_option or "", ""),
    }


def _line_fields(line: LineItem, price_basis: PriceBasis) -> dict[str, str]:
    price = line.unit_price_net
    if price_basis == "gross":
        price = gross_unit_price(price, line.vat_percent)
    return {
        "sku": line.service_id,
        "item_type": ITEM_TYPES[line.kind],
        "item_number": line.service_code or "",
        "title": line.title,
        "quantity": plain(line.quantity),
        "item_price": price_text(price),
        "vat_percent": plain(line.vat_percent),
    }
