"""The import layout as a pandera schema, with its writer and its reader.

`python -m blocks.easybill.layout TEMPLATE.csv` holds it against the customer's own template.
"""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors
from pandera.polars import PolarsData

from blocks.easybill.layout_columns import COLUMNS, LAYOUT, Column
from blocks.easybill.layout_errors import LayoutError
from blocks.easybill.layout_template import main

__all__ = [
    "COLUMNS",
    "CUSTOM_CSV",
    "ImportLayout",
    "Layout",
    "LayoutError",
    "read_csv",
    "validate",
    "write_csv",
]

SEPARATOR = ";"
FIRST_ROW = 2
WHOLE_ROW = "(whole row)"
NO_TEXT = "a text, an empty one where there is nothing (the frame has null)"
SAME_ON_EACH_ROW = "the same on all rows of one order_number"
NEEDS_QUOTES = re.compile(f'[{SEPARATOR}"\r\n]')
QUOTED = re.compile('"[^"]*("|$)')


def _repeats(column: Column) -> pl.Expr:
    field = pl.col(column.name)
    return field == field.first().over("order_number")


def _check(holds: pl.Expr, expected: str) -> pa.Check:
    def lines_that_hold(lines: PolarsData) -> pl.LazyFrame:
        return lines.lazyframe.select(holds)

    return pa.Check(lines_that_hold, error=expected)


def _checked(column: Column) -> pa.Column:
    checks = [_check(column.field_holds, column.expected)]
    if column.repeats:
        checks.append(_check(_repeats(column), SAME_ON_EACH_ROW))
    return pa.Column(pl.String, checks, description=column.meaning)


ImportLayout = pa.DataFrameSchema(
    {column.name: _checked(column) for column in LAYOUT}, strict=True, ordered=True
)

# ImportLayout puts some 60 questions to polars one by one, over 50 ms a file; these are the same
# questions put at once, in under 2 ms. Only where one is answered no, ImportLayout says which.
_FIELDS_HOLD = pl.all_horizontal(*(column.field_holds for column in LAYOUT)).all(ignore_nulls=False)
_ORDER_FIELDS = pl.struct(column.name for column in LAYOUT if column.repeats)
_ORDERS_REPEAT = _ORDER_FIELDS.n_unique() == pl.col("order_number").n_unique()
_SOUND = _FIELDS_HOLD & _ORDERS_REPEAT


def validate(rows: pl.DataFrame) -> None:
    """Hold rows against `ImportLayout`; raises LayoutError for the first field that breaks it."""
    if rows.columns != list(COLUMNS):
        _expect_names(rows.columns)
        places = zip(COLUMNS, rows.columns, strict=True)
        column, found = next((wanted, found) for wanted, found in places if wanted != found)
        raise LayoutError(1, column, found, f"{column} in its place")
    for column, kind in rows.schema.items():
        if kind != pl.String:
            raise LayoutError(1, column, str(kind), "a column of texts (polars String)")
    if rows.select(_SOUND).item() is not True:
        _name_first_problem(rows)


def write_csv(rows: pl.DataFrame) -> bytes:
    """Write these rows as UTF-8, fields quoted only where they must be, rows ended by LF.

    Takes texts in the order of COLUMNS; raises LayoutError where they break the layout.
    """
    validate(rows)
    records = [COLUMNS, *rows.iter_rows()]
    return "".join(SEPARATOR.join(map(_quote, record)) + "\n" for record in records).encode()


def read_csv(content: bytes) -> pl.DataFrame:
    """Read the rows of a file; columns are found by name, an empty field is an empty text.

    Raises LayoutError where the file breaks the layout.
    """
    header, lines = _read_records(_decode(content))
    _expect_names(header)
    fields = zip(*lines, strict=True) if lines else [()] * len(header)
    texts = dict(zip(header, map(list, fields), strict=True))
    rows = pl.DataFrame(texts, schema=dict.fromkeys(header, pl.String)).select(COLUMNS)
    validate(rows)
    return rows


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows become a file and back: `write` and `read` raise LayoutError for what breaks it."""

    columns: tuple[str, ...]
    write: Callable[[Iterable[Mapping[str, str]]], bytes]
    read: Callable[[bytes], list[dict[str, str]]]


def _write_rows(rows: Iterable[Mapping[str, str]]) -> bytes:
    filled = [{column: row.get(column, "") for column in COLUMNS} for row in rows]
    return write_csv(pl.DataFrame(filled, schema=dict.fromkeys(COLUMNS, pl.String)))


def _read_rows(content: bytes) -> list[dict[str, str]]:
    return read_csv(content).to_dicts()


CUSTOM_CSV = Layout(COLUMNS, _write_rows, _read_rows)


def _quote(field: str) -> str:
    if NEEDS_QUOTES.search(field):
        return '"' + field.replace('"', '""') + '"'
    return field


def _decode(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        row, column = _place_after(content[: error.start].decode())
        found = f"byte 0x{content[error.start]:02x}"
        raise LayoutError(row, column, found, "text in UTF-8") from None


def _place_after(beginning: str) -> tuple[int, str]:
    rows = QUOTED.sub("", beginning).split("\n")
    header, place = rows[0].split(SEPARATOR), rows[-1].count(SEPARATOR)
    return len(rows), header[place] if place < len(header) else WHOLE_ROW


def _read_records(text: str) -> tuple[list[str], list[list[str]]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATOR, strict=True):
            if records and len(record) != len(records[0]):
                raise _wrong_width(len(records) + 1, record, records[0])
            records.append(record)
    except csv.Error as error:
        expected = "fields in closed quotation marks, those inside doubled"
        raise LayoutError(len(records) + 1, WHOLE_ROW, str(error), expected) from None
    return (records[0], records[1:]) if records else ([], [])


def _wrong_width(row: int, record: list[str], header: list[str]) -> LayoutError:
    last = min(len(record), len(header)) - 1
    column = header[last] if last >= 0 else WHOLE_ROW
    return LayoutError(row, column, f"{len(record)} fields", f"{len(header)} fields, as in row 1")


def _expect_names(names: list[str]) -> None:
    for name in COLUMNS:
        if names.count(name) != 1:
            raise LayoutError(1, name, f"{names.count(name)} columns of this name", "exactly one")
    for name in names:
        if name not in COLUMNS:
            raise LayoutError(1, name, name, "only columns of the layout")


def _name_first_problem(rows: pl.DataFrame) -> None:
    try:
        ImportLayout.validate(rows, lazy=True)
    except SchemaErrors as error:
        first = error.failure_cases.sort("index", maintain_order=True).row(0, named=True)
        column = first["column"]
        expected = NO_TEXT if first["check"] == "not_nullable" else first["check"]
        value = rows[first["index"], column] or ""
        raise LayoutError(first["index"] + FIRST_ROW, column, value, expected) from None


if __name__ == "__main__":
    sys.exit(main())
