"""The declared table: what each column accepts, and that everything derived from it agrees."""

import pandera.errors
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.easybill.layout import COLUMNS, ImportLayout, LayoutError, validate
from blocks.easybill.layout_columns import LAYOUT
from tests.blocks.easybill.test_layout import lines
from tests.shared import ROOT, shared_file

ACCEPTED = {
    "purchase_date": ["2028-02-29", "2026-12-31"],
    "payment_date": ["", "2026-01-01"],
    "currency": ["EUR", "CHF"],
    "order_shipping_price": ["", "4.90"],
    "country": ["", "AT"],
    "tax_type": ["", "intra-community-trade", "export"],
    "item_type": ["item", "discount", "cancellation_fee"],
    "item_number": [""],
    "quantity": ["1", "2.5", "0.0001", "1000"],
    "item_price": ["0.00", "11.90", "1.469055", "1000000.00"],
    "vat_percent": ["19", "7", "0", "7.7"],
}
REFUSED = {
    "order_number": ["", " ", "\n"],
    "purchase_date": ["", "2026-02-30", "31.10.2026", "2026-1-01", "2026-10-31\n", "2026-10-31T00"],
    "payment_date": ["soon", "2026-13-01"],
    "currency": ["", "eur", "EURO", "€"],
    "order_shipping_price": ["4,90", "5"],
    "customer_number": ["", "\u00a0"],
    "country": ["de", "DEU", "Ö1"],
    "tax_type": ["IG", "Export"],
    "sku": [""],
    "item_type": ["", "service"],
    "title": ["", " \r\n"],
    "quantity": ["", "0", "0.00", "-1", "1,5", "1.", ".5", "1e3", "٣", "01"],
    "item_price": ["", "11.9", "11", "11,90", "-1.00", "1.000,00", "1 000.00", "NaN", "11.90 "],
    "vat_percent": ["", "19 %", "19,0", "-7", "19%"],
}
MIXED = st.sampled_from(
    [*{text for texts in (*ACCEPTED.values(), *REFUSED.values()) for text in texts}]
)


@pytest.mark.parametrize(("column", "text"), [(c, t) for c in ACCEPTED for t in ACCEPTED[c]])
def test_a_valid_field_is_accepted(column: str, text: str) -> None:
    validate(lines({column: text}))


@pytest.mark.parametrize(("column", "text"), [(c, t) for c in REFUSED for t in REFUSED[c]])
def test_an_invalid_field_is_named(column: str, text: str) -> None:
    with pytest.raises(LayoutError) as refusal:
        validate(lines({column: text}))
    found = refusal.value
    assert (found.row, found.column, found.value) == (2, column, text)
    assert found.expected == next(one.expected for one in LAYOUT if one.name == column)


@pytest.mark.parametrize("column", [column.name for column in LAYOUT if column.repeats][1:])
def test_order_and_customer_are_the_same_on_all_rows_of_an_order(column: str) -> None:
    other = {
        "purchase_date": "2026-10-30",
        "shipping_date": "2026-10-30",
        "payment_date": "2026-10-30",
        "order_shipping_price": "4.90",
        "currency": "CHF",
        "country": "AT",
        "shipping_country": "AT",
        "tax_type": "export",
    }.get(column, "other")
    with pytest.raises(LayoutError, match=f"row 3, column {column}: .* the same on all rows"):
        validate(lines({}, {column: other}))
    validate(lines({}, {column: other, "order_number": "2026-10-K2"}))


def test_the_fields_of_a_line_may_differ_from_line_to_line() -> None:
    validate(lines({}, {"sku": "S-2", "title": "Beratung", "quantity": "2", "vat_percent": "7"}))


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_check_at_once_and_the_schema_agree(data: st.DataObject) -> None:
    changes = data.draw(st.lists(st.dictionaries(st.sampled_from(COLUMNS), MIXED, max_size=2)))
    rows = lines(*changes)
    assert is_valid(rows) == conforms(rows)


def test_the_schema_and_the_columns_are_the_declared_table() -> None:
    assert COLUMNS == tuple(ImportLayout.columns) == tuple(column.name for column in LAYOUT)
    assert len(set(COLUMNS)) == 35


def test_the_columns_are_those_of_easybills_exporter() -> None:
    facts = shared_file("easybill/FACTS.md").read_text(encoding="utf-8")
    assert f"`{'; '.join(COLUMNS)}`" in facts


def test_the_frame_holds_texts_in_the_layouts_order() -> None:
    with pytest.raises(
        LayoutError, match="column quantity: found 'Int64', expected a column of te"
    ):
        validate(lines().with_columns(pl.lit(1, pl.Int64).alias("quantity")))
    with pytest.raises(LayoutError, match="column order_number: found 'vat_percent'"):
        validate(lines().select(*reversed(COLUMNS)))


def test_the_documentation_shows_the_declared_table() -> None:
    shown = (ROOT / "docs" / "layout.md").read_text(encoding="utf-8")
    for column in LAYOUT:
        same = "same on each row" if column.repeats else "per line"
        assert f"| `{column.name}` | {column.meaning} | {column.expected} | {same} |" in shown


def is_valid(rows: pl.DataFrame) -> bool:
    try:
        validate(rows)
    except LayoutError:
        return False
    return True


def conforms(rows: pl.DataFrame) -> bool:
    try:
        ImportLayout.validate(rows)
    except pandera.errors.SchemaError:
        return False
    return True
