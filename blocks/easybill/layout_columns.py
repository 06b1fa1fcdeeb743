"""The import layout ("Custom CSV") as one declared table; everything else is derived from it.

Columns and order: the exporter `easybillcsv.php` that modified eCommerce ships for easybill.
Forms of values: easybill's help page "Dokumentation Custom CSV". Neither says which columns are
obligatory; `obligatory` marks what this project never leaves empty.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

ITEM_TYPES = ("item", "discount", "cancellation_fee")
TAX_TYPES = ("intra-community-trade", "export")
AMOUNT = r"(0|[1-9][0-9]*)"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a field that is not empty must look like, in words and as an expression."""

    expected: str
    holds: Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the layout.

    `repeats`: a field of the order or the customer, the same on all rows of one order_number.
    """

    name: str
    meaning: str
    rule: Rule
    obligatory: bool = False
    repeats: bool = False

    @property
    def expected(self) -> str:
        """What a field of this column may hold, in words."""
        if self.obligatory or self.rule is ANY_TEXT:
            return self.rule.expected
        return f"{self.rule.expected}, or nothing"

    @property
    def field_holds(self) -> pl.Expr:
        """Whether each field is as `expected` says; null where there is no text at all."""
        field = pl.col(self.name)
        holds = self.rule.holds(field)
        return holds if self.obligatory or self.rule is ANY_TEXT else (field == "") | holds


def _matches(pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda field: field.str.contains(f"^{pattern}$")


def _is_date(field: pl.Expr) -> pl.Expr:
    is_written_so = field.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    return is_written_so & field.str.to_date("%Y-%m-%d", strict=False).is_not_null()


def _is_quantity(field: pl.Expr) -> pl.Expr:
    return field.str.contains(rf"^{AMOUNT}(\.[0-9]+)?$") & field.str.contains("[1-9]")


ANY_TEXT = Rule("any text, or nothing", lambda field: field.is_not_null())
FILLED = Rule("a text that is not blank", lambda field: field.str.contains(r"\S"))
DATE = Rule("a day of the calendar as YYYY-MM-DD", _is_date)
CURRENCY = Rule("three capital letters such as EUR", _matches("[A-Z]{3}"))
COUNTRY = Rule("two capital letters such as DE", _matches("[A-Z]{2}"))
TAX_TYPE = Rule("intra-community-trade or export", lambda field: field.is_in(TAX_TYPES))
ITEM_TYPE = Rule("item, discount or cancellation_fee", lambda field: field.is_in(ITEM_TYPES))
QUANTITY = Rule("a number above 0 with a point, such as 1 or 2.5", _is_quantity)
PRICE = Rule(
    "a price of 0 or more with a point and at least two decimals, such as 11.90",
    _matches(rf"{AMOUNT}\.[0-9]{{2,}}"),
)
PERCENT = Rule("a number such as 19 or 7.7", _matches(rf"{AMOUNT}(\.[0-9]+)?"))

LAYOUT = (
    Column("order_number", "month and customer number", FILLED, obligatory=True, repeats=True),
    Column("purchase_date", "last day of the billing month", DATE, obligatory=True, repeats=True),
    Column("shipping_date", "not used", DATE, repeats=True),
    Column("payment_date", "not used", DATE, repeats=True),
    Column("currency", "ISO 4217", CURRENCY, obligatory=True, repeats=True),
    Column("order_shipping_price", "not used", PRICE, repeats=True),
    Column("payment_type", "not used", ANY_TEXT, repeats=True),
    Column("customer_number", "easybill's customer number", FILLED, obligatory=True, repeats=True),
    Column("email", "customer's address for mail", ANY_TEXT, repeats=True),
    Column("phone_number", "customer's telephone", ANY_TEXT, repeats=True),
    Column("firstname", "first name", ANY_TEXT, repeats=True),
    Column("lastname", "last name", ANY_TEXT, repeats=True),
    Column("name", "company", ANY_TEXT, repeats=True),
    Column("street", "street and house number", ANY_TEXT, repeats=True),
    Column("zipcode", "postal code", ANY_TEXT, repeats=True),
    Column("city", "city", ANY_TEXT, repeats=True),
    Column("state", "state or province", ANY_TEXT, repeats=True),
    Column("country", "ISO 3166 alpha-2", COUNTRY, repeats=True),
    Column("vat_id", "customer's VAT id", ANY_TEXT, repeats=True),
    Column("tax_type", "why no VAT is due, from the customer's vat_option", TAX_TYPE, repeats=True),
    Column("shipping_firstname", "not used", ANY_TEXT, repeats=True),
    Column("shipping_lastname", "not used", ANY_TEXT, repeats=True),
    Column("shipping_name", "not used", ANY_TEXT, repeats=True),
    Column("shipping_street", "not used", ANY_TEXT, repeats=True),
    Column("shipping_zipcode", "not used", ANY_TEXT, repeats=True),
    Column("shipping_city", "not used", ANY_TEXT, repeats=True),
    Column("shipping_state", "not used", ANY_TEXT, repeats=True),
    Column("shipping_country", "not used", COUNTRY, repeats=True),
    Column("sku", "service_id", FILLED, obligatory=True),
    Column("item_type", "kind of the line item", ITEM_TYPE, obligatory=True),
    Column("item_number", "service_code", ANY_TEXT),
    Column("title", "name, then the description on a new line", FILLED, obligatory=True),
    Column("quantity", "how many units", QUANTITY, obligatory=True),
    Column("item_price", "price of one unit, gross or net", PRICE, obligatory=True),
    Column("vat_percent", "VAT rate in percent", PERCENT, obligatory=True),
)
COLUMNS: tuple[str, ...] = tuple(column.name for column in LAYOUT)
