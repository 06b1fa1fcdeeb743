"""The import layout's writer and reader: byte for byte, and back."""

import csv
import io
import pickle
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.easybill.layout import (
    COLUMNS,
    LayoutError,
    read_csv,
    write_csv,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "oddities.csv"
LINE = {
    "order_number": "2026-10-K1",
    "purchase_date": "2026-10-31",
    "currency": "EUR",
    "customer_number": "K1",
    "country": "DE",
    "sku": "S-1",
    "item_type": "item",
    "title": "Wartung",
    "quantity": "1",
    "item_price": "11.90",
    "vat_percent": "19",
}
BREAKING = st.sampled_from(["\r", "\n", "\r\n", '"', '""', ";", "\ufeff", " ", "\t", "\u2028", "'"])
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.lists(BREAKING | st.text(CHARACTERS, max_size=5), max_size=6).map("".join)
FILLED = TEXTS.map(lambda text: text + "x")
PRICES = st.decimals(min_value=0, max_value=10**9, places=4).map(lambda price: f"{price:.6f}")


def lines(*changes: dict[str, str]) -> pl.DataFrame:
    texts = [dict.fromkeys(COLUMNS, "") | LINE | change for change in changes or ({},)]
    return pl.DataFrame(texts, schema=dict.fromkeys(COLUMNS, pl.String))


def file_with(column: str, field: str) -> bytes:
    row = dict.fromkeys(COLUMNS, "") | LINE | {column: field}
    return f"{';'.join(COLUMNS)}\n{';'.join(row.values())}\n".encode()


def test_the_golden_file_is_read_and_written_byte_for_byte() -> None:
    content = GOLDEN.read_bytes()
    assert write_csv(read_csv(content)) == content


def test_the_golden_file_has_the_odd_cases() -> None:
    rows = read_csv(GOLDEN.read_bytes())
    assert rows.height == 11
    assert rows["item_price"].to_list()[1] == "1.469055"
    assert rows["title"].to_list()[9] == 'Filterwechsel\nFilter "groß" getauscht\r\nÖl nachgefüllt'
    assert set(rows["name"]) == {'Größe & Söhne; "Nord" GmbH'}


def test_a_plain_line_has_no_mark_no_quotes_and_ends_with_a_line_feed() -> None:
    assert write_csv(lines()) == file_with("title", "Wartung")
    assert write_csv(lines()).startswith(b"order_number;purchase_date;")


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("a;b", '"a;b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("a\rb", '"a\rb"'),
        ("a,b 'c' ", "a,b 'c' "),
        ("  a", "  a"),
        ("\ufeffa\u2028", "\ufeffa\u2028"),
    ],
)
def test_only_fields_that_need_quotes_get_them(title: str, field: str) -> None:
    assert f";{field};".encode() in write_csv(lines({"title": title}))


@given(order=st.lists(TEXTS, min_size=4, max_size=4), items=st.lists(st.tuples(FILLED, TEXTS)))
def test_every_text_comes_back_from_both_readers(
    order: list[str], items: list[tuple[str, str]]
) -> None:
    repeated = dict(zip(("email", "name", "street", "city"), order, strict=True))
    rows = lines({}, *({"title": title, "item_number": code} for title, code in items))
    rows = rows.with_columns(pl.lit(text).alias(column) for column, text in repeated.items())
    content = write_csv(rows)
    assert read_csv(content).equals(rows)
    assert second_reader(content) == rows.to_dicts()


@given(prices=st.lists(PRICES, min_size=1))
def test_every_price_comes_back_exactly(prices: list[str]) -> None:
    rows = lines(*({"item_price": price} for price in prices))
    read = second_reader(write_csv(rows))
    assert [Decimal(row["item_price"]) for row in read] == [Decimal(price) for price in prices]


@given(content=st.binary() | TEXTS.map(str.encode))
def test_any_other_content_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(LayoutError, match="expected"):
        read_csv(content)
    with pytest.raises(LayoutError, match="expected"):
        read_csv(file_with("quantity", "") + content + b"\xff")


def test_a_file_without_lines_has_a_header_row() -> None:
    assert write_csv(lines().clear()) == f"{';'.join(COLUMNS)}\n".encode()
    assert read_csv(write_csv(lines().clear())).equals(lines().clear())


def test_an_empty_field_is_an_empty_text() -> None:
    assert read_csv(write_csv(lines())).null_count().transpose().sum().item() == 0


@pytest.mark.parametrize("column", ["email", "country", "item_price"])
def test_null_is_refused(column: str) -> None:
    with pytest.raises(LayoutError, match=f"column {column}: found nothing.*the frame has null"):
        write_csv(lines().with_columns(pl.lit(None, pl.String).alias(column)))


def test_columns_are_found_by_name() -> None:
    header, row, _ = write_csv(lines()).decode().split("\n")
    turned = [";".join(reversed(record.split(";"))) for record in (header, row)]
    assert read_csv("\n".join(turned).encode()).equals(lines())


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "row 1, column order_number: found '0 columns of this name', expected exactly one"),
        (b"\xef\xbb\xbf" + write_csv(lines()), "row 1, column order_number: found '0 columns"),
        (
            write_csv(lines()).replace(b"vat_percent", b"vat"),
            "row 1, column vat_percent: found '0 columns",
        ),
        (
            b"".join(line + b";x\n" for line in write_csv(lines()).splitlines()),
            "row 1, column x: found 'x', expected only columns of the layout",
        ),
        (
            write_csv(lines({}, {})) + b"2026-10-K1;2026-10-31\n",
            "row 4, column purchase_date: found '2 fields', expected 35 fields, as in row 1",
        ),
        (write_csv(lines()) + b"\n", r"row 3, column \(whole row\): found '0 fields'"),
        (
            write_csv(lines({"title": "a\nb"}, {"title": "Größe"})).replace("ß".encode(), b"\xdf"),
            "row 3, column title: found 'byte 0xdf', expected text in UTF-8",
        ),
        (
            write_csv(lines()).replace(b"Wartung", b'"Wartung" neu'),
            r"row 2, column \(whole row\): .* expected fields in closed quotation marks",
        ),
        (write_csv(lines()).replace(b"Wartung", b'"Wartung'), r"row 2, column \(whole row\)"),
        (file_with("quantity", "1,5"), "row 2, column quantity: found '1,5', expected a number"),
    ],
)
def test_a_broken_file_is_refused_with_row_column_and_what_is_expected(
    content: bytes, place: str
) -> None:
    with pytest.raises(LayoutError, match=f"^Import layout, {place}"):
        read_csv(content)


def test_a_refusal_survives_pickling() -> None:
    error = LayoutError(3, "quantity", "0", "more")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_a_long_value_is_shortened_in_the_message_only() -> None:
    error = LayoutError(2, "title", "x" * 500, "less")
    assert len(str(error)) < 150
    assert error.value == "x" * 500


def second_reader(content: bytes) -> list[dict[str, str]]:
    text = io.StringIO(content.decode(), newline="")
    return list(csv.DictReader(text, delimiter=";"))
