"""What each column of the built-in layouts accepts, and that what is derived from them agrees."""

import pandera.errors
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.easybill.layout import CUSTOM_CSV, LayoutError
from blocks.easybill.layout_rules import rule_of
from tests.blocks.easybill.test_layout import COLUMNS, fields, file_with
from tests.shared import shared_file

ACCEPTED = {
    "purchase_date": ["2028-02-29", "2026-12-31"],
    "payment_date": [""],
    "currency": ["EUR", "CHF"],
    "country": ["", "AT"],
    "tax_type": ["", "intra-community-trade", "export"],
    "item_type": ["item", "cancellation_fee"],
    "item_number": [""],
    "quantity": ["1", "2.5", "0.0001", "1000"],
    "item_price": ["0.00", "11.90", "1.469055", "1000000.00"],
    "vat_percent": ["19", "7", "0", "7.7"],
}
REFUSED = {
    "order_number": ["", " "],
    "purchase_date": ["", "2026-02-30", "31.10.2026", "2026-1-01", "2026-10-31T00"],
    "payment_date": ["soon"],
    "currency": ["", "eur", "EURO", "€"],
    "order_shipping_price": ["4,90", "5"],
    "customer_number": ["", "\u00a0"],
    "country": ["de", "DEU", "Ö1"],
    "tax_type": ["IG", "Export"],
    "sku": [""],
    "item_type": ["", "service", "discount"],
    "title": ["", "  "],
    "quantity": ["", "0", "0.00", "-1", "1,5", "1.", ".5", "1e3", "٣", "01"],
    "item_price": ["", "11.9", "11", "11,90", "-1.00", "1.000,00", "1 000.00", "NaN", "11.90 "],
    "vat_percent": ["", "19 %", "19,0", "-7", "19%"],
}
MIXED = st.sampled_from(
    [*{text for texts in (*ACCEPTED.values(), *REFUSED.values()) for text in texts}]
)


@pytest.mark.parametrize(("column", "text"), [(c, t) for c in ACCEPTED for t in ACCEPTED[c]])
def test_a_valid_field_is_accepted(column: str, text: str) -> None:
    CUSTOM_CSV.read(file_with(column, text))


@pytest.mark.parametrize(("column", "text"), [(c, t) for c in REFUSED for t in REFUSED[c]])
def test_an_invalid_field_is_named(column: str, text: str) -> None:
    with pytest.raises(LayoutError) as refusal:
        CUSTOM_CSV.read(file_with(column, text))
    found = refusal.value
    assert (found.row, found.column, found.value) == (2, column, text)
    (declared,) = (one for one in CUSTOM_CSV.columns if one.name == column)
    assert found.expected == rule_of(declared, CUSTOM_CSV.form).expected


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("order_number", "x"),
        ("purchase_date", "2026-10-30"),
        ("currency", "CHF"),
        ("customer_number", "x"),
        ("name", "x"),
        ("country", "AT"),
        ("tax_type", "export"),
    ],
)
def test_order_and_customer_are_the_same_on_all_rows_of_a_file(column: str, other: str) -> None:
    content = file_with("email", "") + file_with(column, other).split(b"\n")[1] + b"\n"
    with pytest.raises(LayoutError, match=f"row 3, column {column}: .* the same on all rows"):
        CUSTOM_CSV.read(content)


@settings(max_examples=12, deadline=None)
@given(
    changes=st.lists(st.dictionaries(st.sampled_from(COLUMNS), MIXED, max_size=2)),
)
def test_the_check_of_all_files_at_once_and_the_schema_agree(changes: list[dict[str, str]]) -> None:
    frame = pl.DataFrame(
        [{"(file)": place // 2} | fields() | change for place, change in enumerate(changes)],
        schema=dict(zip(CUSTOM_CSV.schema.columns, [pl.UInt32] + [pl.String] * 35, strict=True)),
    )
    files = frame.partition_by("(file)", as_dict=True)
    refused = {place for (place,), file in files.items() if not is_in_schema(file)}
    assert CUSTOM_CSV.validate(frame).keys() == refused


def is_in_schema(file: pl.DataFrame) -> bool:
    try:
        CUSTOM_CSV.schema.validate(file)
    except pandera.errors.SchemaError:
        return False
    return True


def test_the_columns_are_those_of_easybills_exporter() -> None:
    facts = shared_file("easybill/FACTS.md").read_text(encoding="utf-8")
    assert f"`{'; '.join(COLUMNS)}`" in facts
