"""What a column of a layout can hold: the fields of a file's lines, each as a plain text.

Dates are YYYY-MM-DD and numbers have a point here; how a file writes them is its layout's matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

# The lines of one file: each field with its texts, one per line, in their order.
Lines = Mapping[str, Sequence[str]]


class Form(StrEnum):
    """What a field's text looks like."""

    TEXT = "text"
    DATE = "date"
    CURRENCY = "currency"
    COUNTRY = "country"
    QUANTITY = "quantity"
    PRICE = "price"
    PERCENT = "percent"


NUMBERS = (Form.QUANTITY, Form.PRICE, Form.PERCENT)


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `repeats`: it is the customer's or the month's, the same on all rows of a file."""

    name: str
    meaning: str
    form: Form = Form.TEXT
    repeats: bool = False


VOCABULARY = (
    Field("order_number", "month and customer number", repeats=True),
    Field("month_first_day", "first day of the billing month", Form.DATE, repeats=True),
    Field("month_last_day", "last day of the billing month", Form.DATE, repeats=True),
    Field("currency", "ISO 4217", Form.CURRENCY, repeats=True),
    Field("customer_number", "easybill's customer number", repeats=True),
    Field("email", "customer's address for mail", repeats=True),
    Field("phone_number", "customer's telephone", repeats=True),
    Field("first_name", "first name", repeats=True),
    Field("last_name", "last name", repeats=True),
    Field("company_name", "company", repeats=True),
    Field("customer_name", "company, or first and last name", repeats=True),
    Field("street", "street and house number", repeats=True),
    Field("zip_code", "postal code", repeats=True),
    Field("city", "city", repeats=True),
    Field("state", "state or province", repeats=True),
    Field("country", "ISO 3166 alpha-2", Form.COUNTRY, repeats=True),
    Field("vat_id", "customer's VAT id", repeats=True),
    Field("vat_option", "why no VAT is due, from the customer's vat_option", repeats=True),
    Field("purchase_order", "customer's order", repeats=True),
    Field("buyer_reference", "customer's reference for e-invoices", repeats=True),
    Field("line_number", "1, 2, 3 … in each file"),
    Field("service_id", "service_id"),
    Field("kind", "kind of the line item: service or cancellation_fee"),
    Field("service_code", "service_code"),
    Field("title", "name, then the description on a new line"),
    Field("name", "name of the service, with the label of a fee"),
    Field("description", "description of the service"),
    Field("rendered_on", "day when the service was rendered", Form.DATE),
    Field("quantity", "how many units", Form.QUANTITY),
    Field("unit", "unit"),
    Field("unit_price", "price of one unit, gross or net", Form.PRICE),
    Field("unit_price_gross", "gross price of one unit", Form.PRICE),
    Field("unit_price_net", "net price of one unit", Form.PRICE),
    Field("vat_percent", "VAT rate in percent", Form.PERCENT),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in VOCABULARY}
SERVICE, CANCELLATION_FEE = "service", "cancellation_fee"
KINDS = (SERVICE, CANCELLATION_FEE)
# The first of them that a layout holds is what its files' money is read from.
PRICES = ("unit_price_net", "unit_price_gross", "unit_price")
