"""A layout's text: what is refused, and why."""

import pytest

from blocks.easybill.layout import LayoutRefused, layout_of

PRICED = {"M": 'holds = "quantity"', "P": 'holds = "unit_price"', "U": 'holds = "vat_percent"'}
KIND = 'holds = "kind"\nvalues = { service = "L", cancellation_fee = "L" }'


def text(columns: dict[str, str], file: str = "") -> str:
    return f"[file]\n{file}\n" + "".join(
        f'[[column]]\nname = "{name}"\n{holds}\n' for name, holds in columns.items()
    )


def test_quantity_price_and_vat_are_enough() -> None:
    assert layout_of(text(PRICED)).names == ("M", "P", "U")


@pytest.mark.parametrize(
    ("columns", "file", "said"),
    [
        ({"M": PRICED["M"]}, "", "No column holds vat_percent and a price"),
        ({"P": PRICED["P"], "U": PRICED["U"]}, "", "No column holds quantity: .* read back"),
        (PRICED | {"U": 'text = "19"'}, "", "No column holds vat_percent"),
        (PRICED | {"K": 'holds = "?"'}, "", "Column K: somebody has to say"),
        (PRICED | {"K": KIND.replace('"L" }', '"?" }')}, "", "Column K: somebody has to say"),
        (PRICED | {"K": ""}, "", "Column K: nothing fills it"),
        (PRICED | {"K": 'holds = "city"\ntext = "x"'}, "", "both a holds and a text"),
        (PRICED | {"K": 'holds = "colour"'}, "", "no field 'colour'"),
        (PRICED | {"K": KIND}, "", "two of its values are the same"),
        (PRICED | {"K": 'holds = "kind"\nvalues = { service = "L" }'}, "", "no more and no fewer"),
        (PRICED | {"M": PRICED["M"] + '\nvalues = { 1 = "x" }'}, "", "values are for kinds"),
        (PRICED | {"K": "holds = 1"}, "", "column.3.holds: Input should be a valid string"),
        (PRICED, 'encoding = "utf-16"', "file.encoding: Input should be 'utf-8'"),
        (PRICED, 'decimal = "?"', "file.decimal: Input should be"),
        (PRICED, 'colour = "red"', "file.colour: Extra inputs are not permitted"),
        (PRICED, 'encoding = "iso-8859-1"\nbyte_order_mark = true', "only utf-8 has one"),
        (PRICED | {"€": 'text = ""'}, 'encoding = "iso-8859-1"', "name has '€', which iso-8859-1"),
        (PRICED | {"(file)": 'text = ""'}, "", "give each one of its own"),
        (PRICED, "= 1", "The layout is no TOML"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_the_reason(
    columns: dict[str, str], file: str, said: str
) -> None:
    with pytest.raises(LayoutRefused, match=said):
        layout_of(text(columns, file))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(LayoutRefused, match="Column M: columns are found by name"):
        layout_of(text(PRICED) + '[[column]]\nname = "M"\ntext = ""\n')
