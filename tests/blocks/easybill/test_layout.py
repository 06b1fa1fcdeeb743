"""The files of a layout: byte for byte, and back."""

import csv
import io
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.easybill.layout import CUSTOM_CSV, POSITIONS, Layout, LayoutError, layout_of
from blocks.easybill.layout_vocabulary import FIELDS

GOLDEN = Path(__file__).parents[2] / "golden" / "oddities.csv"
LINE = dict.fromkeys(FIELDS, "") | {
    "order_number": "2026-10-K1",
    "month_first_day": "2026-10-01",
    "month_last_day": "2026-10-31",
    "currency": "EUR",
    "customer_number": "K1",
    "country": "DE",
    "line_number": "1",
    "service_id": "S-1",
    "kind": "service",
    "title": "Wartung",
    "name": "Wartung",
    "rendered_on": "2026-10-05",
    "quantity": "1",
    "unit_price": "11.90",
    "unit_price_gross": "11.90",
    "unit_price_net": "10.00",
    "vat_percent": "19",
}
COLUMNS = CUSTOM_CSV.names
# As a German accounting program exports: its names and order, and each thing in another way.
FOREIGN = """
[file]
encoding = "windows-1252"
separator = "\\t"
decimal = ","
dates = "DD.MM.YYYY"
quotes = "always"
line_end = "crlf"
header = false
""" + "".join(
    f'[[column]]\nname = "{name}"\n{holds}\n'
    for name, holds in {
        "Kd-Nr.": 'holds = "customer_number"\nobligatory = true',
        "Art": 'holds = "kind"\nvalues = { service = "L", cancellation_fee = "S" }',
        "Datum": 'holds = "rendered_on"',
        "Referenz": 'holds = "service_id"',
        "Bezeichnung": 'holds = "name"',
        "Langtext": 'holds = "description"',
        "Mandant": 'text = "1"',
        "Konto": 'text = ""',
        "Menge": 'holds = "quantity"',
        "Preis": 'holds = "unit_price_net"',
        "Schlüssel": 'holds = "vat_percent"\nvalues = { 19 = "3", 7 = "2" }',
    }.items()
)
BREAKING = st.sampled_from(["\r", "\n", "\r\n", '"', '""', ";", "\ufeff", " ", "\t", "\u2028", "'"])
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.lists(BREAKING | st.text(CHARACTERS, max_size=5), max_size=6).map("".join)
FILLED = TEXTS.map(lambda text: text + "x")
PRICES = st.decimals(min_value=0, max_value=10**9, places=4).map(lambda price: f"{price:.6f}")


def lines(*changes: dict[str, str]) -> dict[str, list[str]]:
    rows = [LINE | change for change in changes or ({},)]
    return {field: [row[field] for row in rows] for field in FIELDS}


def read_back(layout: Layout, content: bytes) -> dict[str, list[str]]:
    return {field: list(texts) for field, texts in layout.read(content).items()}


def held(layout: Layout, its: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {field: list(its[field]) for field in layout.fields}


def fields() -> dict[str, str]:
    """The fields of a row as custom-csv writes them."""
    row = CUSTOM_CSV.write(lines()).decode().splitlines()[1]
    return dict(zip(COLUMNS, row.split(";"), strict=True))


def file_with(column: str, field: str) -> bytes:
    return f"{';'.join(COLUMNS)}\n{';'.join((fields() | {column: field}).values())}\n".encode()


def test_the_golden_file_is_read_and_written_byte_for_byte() -> None:
    content = GOLDEN.read_bytes()
    read = CUSTOM_CSV.read(content)
    others = dict.fromkeys(FIELDS.keys() - read.keys(), [""] * 11)
    assert CUSTOM_CSV.write({**others, **read}) == content


def test_the_golden_file_has_the_odd_cases() -> None:
    rows = CUSTOM_CSV.read(GOLDEN.read_bytes())
    assert len(rows["title"]) == 11
    assert rows["unit_price"][1] == "1.469055"
    assert rows["title"][9] == 'Filterwechsel\nFilter "groß" getauscht\r\nÖl nachgefüllt'
    assert set(rows["company_name"]) == {'Größe & Söhne; "Nord" GmbH'}


def test_a_plain_line_has_no_mark_no_quotes_and_ends_with_a_line_feed() -> None:
    assert CUSTOM_CSV.write(lines()) == file_with("title", "Wartung")
    assert CUSTOM_CSV.write(lines()).startswith(b"order_number;purchase_date;")


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
    assert f";{field};".encode() in CUSTOM_CSV.write(lines({"title": title}))


@settings(max_examples=25)
@given(
    layout=st.sampled_from([CUSTOM_CSV, POSITIONS]),
    order=st.lists(TEXTS, min_size=4, max_size=4),
    items=st.lists(st.tuples(FILLED, TEXTS, PRICES)),
)
def test_every_text_and_price_comes_back_from_both_readers(
    layout: Layout, order: list[str], items: list[tuple[str, str, str]]
) -> None:
    repeated = dict(zip(("email", "company_name", "street", "city"), order, strict=True))
    its = lines(
        repeated,
        *(
            repeated | {"title": title, "service_code": code, "unit_price_net": price}
            for title, code, price in items
        ),
    )
    content = layout.write(its)
    assert read_back(layout, content) == held(layout, its)
    named = {c.name: c.holds for c in layout.columns if c.reads_back and not c.values}
    assert [
        {named[name]: text for name, text in row.items() if name in named}
        for row in second_reader(content)
    ] == [
        {field: its[field][place] for field in named.values() if field}
        for place in range(len(items) + 1)
    ]


@settings(max_examples=25)
@given(names=st.lists(st.text(st.characters(codec="windows-1252", exclude_characters="\0"))))
def test_every_text_comes_back_in_a_foreign_layout(names: list[str]) -> None:
    layout = layout_of(FOREIGN)
    fee = {"kind": "cancellation_fee", "quantity": "2.5", "unit_price_net": "1.469055"}
    its = lines({}, fee | {"vat_percent": "7"}, *({"name": name} for name in names))
    assert read_back(layout, layout.write(its)) == held(layout, its)


def test_a_foreign_layout_is_written_as_it_says() -> None:
    fee = {"kind": "cancellation_fee", "name": "Größe €", "unit_price_net": "1.469055"}
    content = layout_of(FOREIGN).write(lines({}, fee | {"vat_percent": "7"}))
    assert content.decode("windows-1252") == (
        '"K1"\t"L"\t"05.10.2026"\t"S-1"\t"Wartung"\t""\t"1"\t""\t"1"\t"10,00"\t"3"\r\n'
        '"K1"\t"S"\t"05.10.2026"\t"S-1"\t"Größe €"\t""\t"1"\t""\t"1"\t"1,469055"\t"2"\r\n'
    )


def test_a_text_that_the_encoding_lacks_is_named_and_stops_its_file_alone() -> None:
    layout = layout_of(FOREIGN)
    good, bad = layout.write_all([lines(), lines({}, {"name": "Łódź"})])
    assert good == layout.write(lines())
    assert str(bad) == (
        "Import layout, row 2, column Bezeichnung: found 'Łódź', expected a text that WINDOWS-1252"
        " can hold."
    )


def test_only_the_files_at_fault_stop() -> None:
    files = [lines(), lines({}, {"quantity": "0"}), lines({}, {"country": "AT"}), lines({}, {})]
    written = CUSTOM_CSV.write_all(files)
    assert [written[0], written[3]] == [CUSTOM_CSV.write(files[0]), CUSTOM_CSV.write(files[3])]
    assert [str(error)[15:44] for error in written[1:3]] == [
        "row 3, column quantity: found",
        "row 3, column country: found ",
    ]
    contents = [CUSTOM_CSV.write(lines()), b"x", file_with("quantity", "-1")]
    read = CUSTOM_CSV.read_all(contents)
    assert read[0] == CUSTOM_CSV.read(contents[0])
    assert all(isinstance(error, LayoutError) for error in read[1:])


@pytest.mark.parametrize("change", [{"colour": ["red"]}, {}])
def test_lines_have_the_fields_of_the_vocabulary_and_no_other(change: dict[str, list[str]]) -> None:
    its = lines() | change
    if not change:
        del its["street"]
    with pytest.raises(ValueError, match=r"colour|street"):
        CUSTOM_CSV.write(its)


def test_a_value_without_an_entry_is_refused() -> None:
    with pytest.raises(LayoutError, match="column Schlüssel: found '5', expected 3 or 2"):
        layout_of(FOREIGN).write(lines({"vat_percent": "5"}))


def test_a_field_of_any_length_comes_back() -> None:
    its = lines({"title": "Wartung\n" + "x" * 1_000_000})
    assert read_back(CUSTOM_CSV, CUSTOM_CSV.write(its)) == held(CUSTOM_CSV, its)


@given(content=st.binary() | TEXTS.map(str.encode))
def test_any_other_content_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(LayoutError, match="expected"):
        CUSTOM_CSV.read(content)
    with pytest.raises(LayoutError, match="expected"):
        CUSTOM_CSV.read(file_with("quantity", "") + content + b"\xff")


def test_a_file_without_lines_has_a_header_row() -> None:
    none = {field: list[str]() for field in FIELDS}
    assert CUSTOM_CSV.write(none) == f"{';'.join(COLUMNS)}\n".encode()
    assert read_back(CUSTOM_CSV, CUSTOM_CSV.write(none)) == held(CUSTOM_CSV, none)


def test_columns_are_found_by_name() -> None:
    header, row, _ = CUSTOM_CSV.write(lines()).decode().split("\n")
    turned = [";".join(reversed(record.split(";"))) for record in (header, row)]
    assert read_back(CUSTOM_CSV, "\n".join(turned).encode()) == held(CUSTOM_CSV, lines())


FILE = CUSTOM_CSV.write(lines())
TWO_LINES = CUSTOM_CSV.write(lines({"title": "a\nb"}, {"title": "Größe"}))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "row 1, column order_number: found '0 columns of this name', expected exactly one"),
        (
            b"\xef\xbb\xbf" + FILE,
            "row 1, column order_number: found '0 columns",
        ),
        (
            FILE.replace(b"vat_percent", b"vat"),
            "row 1, column vat_percent: found '0 columns",
        ),
        (
            b"".join(line + b";x\n" for line in FILE.splitlines()),
            "row 1, column x: found 'x', expected only columns of the layout",
        ),
        (
            CUSTOM_CSV.write(lines({}, {})) + b"2026-10-K1;2026-10-31\n",
            "row 4, column purchase_date: found '2 fields', expected 35 fields, as in row 1",
        ),
        (FILE + b"\n", r"row 3, column \(whole row\): found '0 fields'"),
        (
            TWO_LINES.replace("ß".encode(), b"\xdf"),
            "row 3, column title: found 'byte 0xdf', expected text in UTF-8",
        ),
        (
            FILE.replace(b"Wartung", b'"Wartung" neu'),
            r"row 2, column \(whole row\): .* expected fields in closed quotation marks",
        ),
        (
            FILE.replace(b"Wartung", b'"Wartung'),
            r"row 2, column \(whole row\)",
        ),
        (file_with("quantity", "1,5"), "row 2, column quantity: found '1,5', expected a number"),
    ],
)
def test_a_broken_file_is_refused_with_row_column_and_what_is_expected(
    content: bytes, place: str
) -> None:
    with pytest.raises(LayoutError, match=f"^Import layout, {place}"):
        CUSTOM_CSV.read(content)


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
