"""The files of a layout: written from lines, and read back, many at once and each by itself."""

import csv
import io
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import TypeVar

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors
from pandera.polars import PolarsData

from blocks.easybill.layout_errors import LayoutError
from blocks.easybill.layout_rules import DATES, rule_of
from blocks.easybill.layout_text import ANY_OTHER, FILE, Column, FileForm
from blocks.easybill.layout_vocabulary import FIELDS, NUMBERS, Form, Lines

Result = TypeVar("Result")

WHOLE_ROW = "(whole row)"
PASSES = "(passes)"
NO_TEXT = "a text, an empty one where there is nothing (the frame has null)"
SAME_ON_EACH_ROW = "the same on all rows of the file"
QUOTED = re.compile('"[^"]*("|$)')
MARK = "\ufeff"
# By itself the module reads no field of more than 131,072 characters, and the limit is its own.
csv.field_size_limit(sys.maxsize)


@dataclass(frozen=True)
class Layout:
    """How lines become a file and back; schema, writer and reader follow from its columns."""

    text: str
    form: FileForm
    columns: tuple[Column, ...]

    @cached_property
    def sha256(self) -> str:
        """The hash of its text: which layout it is."""
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its columns' names in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that are read back from its files."""
        return tuple(self._read_from)

    @property
    def names_lines(self) -> bool:
        """Whether its files say which services they bill, and as what."""
        return {"service_id", "kind"} <= set(self.fields)

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The schema of frames of its rows as they are written, with the file that each is of."""
        checked = {column.name: _checked(column, self.form) for column in self.columns}
        return pa.DataFrameSchema(
            {FILE: pa.Column(pl.UInt32), **checked}, strict=True, ordered=True
        )

    def write(self, lines: Lines) -> bytes:
        """One file; raises LayoutError where the lines break the layout."""
        return _only(self.write_all([lines]))

    def read(self, content: bytes) -> Lines:
        """The lines of one file; raises LayoutError where it breaks the layout."""
        return _only(self.read_all([content]))

    def write_all(self, files: Sequence[Lines]) -> list[bytes | LayoutError]:
        """Write each of the files, or say what is wrong with it; validates all as one frame.

        Raises ValueError for lines that lack a field of the vocabulary, or have another.
        """
        for lines in files:
            if lines.keys() != FIELDS.keys():
                wrong = sorted(lines.keys() ^ FIELDS.keys())
                raise ValueError(f"lines without a field, or with an unknown one: {wrong}")
        counts = [len(lines["quantity"]) for lines in files]
        held = dict.fromkeys(column.holds for column in self.columns if column.holds)
        plain = pl.DataFrame(
            {FILE: [place for place, count in enumerate(counts) for _ in range(count)]}
            | {name: [text for lines in files for text in lines[name]] for name in held},
            schema={FILE: pl.UInt32, **dict.fromkeys(held, pl.String)},
        )
        rows = plain.select(FILE, *(_written(column, self.form) for column in self.columns))
        refusals = self.validate(rows)
        records = self._records(rows)
        return [
            refusals[place] if place in refusals else self._encoded(records[start:end], rows, start)
            for place, (start, end) in enumerate(pairwise([0, *accumulate(counts)]))
        ]

    def read_all(self, contents: Sequence[bytes]) -> list[Lines | LayoutError]:
        """Read each of the files, or say what is wrong with it; validates all as one frame."""
        parsed = [self._parsed(content) for content in contents]
        sound = {place: texts for place, texts in enumerate(parsed) if isinstance(texts, list)}
        rows = pl.DataFrame(
            {FILE: [place for place, texts in sound.items() for _ in texts[0]]}
            | {
                name: [text for texts in sound.values() for text in texts[column]]
                for column, name in enumerate(self.names)
            },
            schema={FILE: pl.UInt32, **dict.fromkeys(self.names, pl.String)},
        )
        refusals = self.validate(rows)
        return [
            refusals.get(place) or (self._lines(texts) if isinstance(texts, list) else texts)
            for place, texts in enumerate(parsed)
        ]

    def parse(self, content: bytes) -> Lines:
        """The lines of one file, only to be compared: its fields are not validated.

        Raises LayoutError for what is no file of these columns.
        """
        parsed = self._parsed(content)
        if isinstance(parsed, LayoutError):
            raise parsed
        return self._lines(parsed)

    def validate(self, rows: pl.DataFrame) -> dict[int, LayoutError]:
        """What is wrong with each file of the frame, by its place; the others are as they should.

        The schema is asked what is wrong with a file that does not pass: it takes 100 ms for what
        is under 1 ms in one expression for all.
        """
        refused = rows.group_by(FILE).agg(self._passes).remove(pl.col(PASSES))[FILE].sort()
        files = ((place, rows.filter(pl.col(FILE) == place)) for place in refused)
        return {place: why for place, file in files if (why := self._problem_of(file))}

    @cached_property
    def _passes(self) -> pl.Expr:
        """Whether a file passes the checks of the schema; null where one of them cannot say."""
        hold = pl.all_horizontal(rule_of(column, self.form).holds for column in self.columns)
        same = [pl.col(c.name).n_unique() == 1 for c in self.columns if c.repeats]
        return pl.all_horizontal(hold.all(ignore_nulls=False), *same).alias(PASSES)

    def _problem_of(self, file: pl.DataFrame) -> LayoutError | None:
        try:
            self.schema.validate(file, lazy=True)
        except SchemaErrors as error:
            first = error.failure_cases.sort("index", maintain_order=True).row(0, named=True)
        else:
            return None
        expected = NO_TEXT if first["check"] == "not_nullable" else first["check"]
        row, column = first["index"], first["column"]
        return LayoutError(
            row + self.form.first_row, column, file[row, column] or "", str(expected)
        )

    def _records(self, rows: pl.DataFrame) -> list[str]:
        needs = rf'[{re.escape(self.form.separator)}"\r\n]'
        fields = (_quoted(pl.col(name), needs, self.form) for name in self.names)
        separated = pl.concat_str(*fields, separator=self.form.separator)
        return rows.select(separated.alias(WHOLE_ROW)).to_series().to_list()

    def _encoded(
        self, records: Sequence[str], rows: pl.DataFrame, start: int
    ) -> bytes | LayoutError:
        written = [*self._head, *records] if self.form.header else records
        text = "".join(f"{record}{self.form.ends_rows}" for record in written)
        try:
            return f"{MARK if self.form.byte_order_mark else ''}{text}".encode(self.form.encoding)
        except UnicodeEncodeError:
            return _not_encodable(rows[start : start + len(records)], self.form)

    @cached_property
    def _head(self) -> list[str]:
        return self._records(pl.DataFrame({name: [name] for name in self.names}))

    def _parsed(self, content: bytes) -> list[Sequence[str]] | LayoutError:
        """The texts of each column of the layout, in its order."""
        try:
            header, lines = self._read_records(self._decoded(content))
            _expect_names(self.names, header)
        except LayoutError as error:
            return error
        columns = zip(*lines, strict=True) if lines else [()] * len(header)
        texts = dict(zip(header, columns, strict=True))
        return [texts[name] for name in self.names]

    def _lines(self, texts: Sequence[Sequence[str]]) -> Lines:
        return {
            field: texts[place] if plain is None else list(map(plain, texts[place]))
            for field, (place, plain) in self._read_from.items()
        }

    @cached_property
    def _read_from(self) -> dict[str, tuple[int, Callable[[str], str] | None]]:
        """The place of the first column of each field that is read back, and its way to plain."""
        places: dict[str, tuple[int, Callable[[str], str] | None]] = {}
        for place, column in enumerate(self.columns):
            if column.reads_back and column.holds is not None:
                places.setdefault(column.holds, (place, _plain(column, self.form)))
        return places

    def _decoded(self, content: bytes) -> str:
        encoding = self.form.encoding
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            row, column = self._place_after(content[: error.start].decode(encoding))
            found = f"byte 0x{content[error.start]:02x}"
            raise LayoutError(row, column, found, f"text in {encoding.upper()}") from None
        return text.removeprefix(MARK) if self.form.byte_order_mark else text

    def _place_after(self, beginning: str) -> tuple[int, str]:
        rows = QUOTED.sub("", beginning).split("\n")
        header = rows[0].split(self.form.separator) if self.form.header else self.names
        place = rows[-1].count(self.form.separator)
        return len(rows), header[place] if place < len(header) else WHOLE_ROW

    def _read_records(self, text: str) -> tuple[list[str], list[list[str]]]:
        records: list[list[str]] = [] if self.form.header else [list(self.names)]
        # Where no row names the columns, the first record is row 1.
        unwritten = len(records)
        source = io.StringIO(text, newline="")
        try:
            for record in csv.reader(source, delimiter=self.form.separator, strict=True):
                if records and len(record) != len(records[0]):
                    raise _wrong_width(len(records) + 1 - unwritten, record, records[0])
                records.append(record)
        except csv.Error as error:
            expected = "fields in closed quotation marks, each one inside written twice"
            row = len(records) + 1 - unwritten
            raise LayoutError(row, WHOLE_ROW, str(error), expected) from None
        return (records[0], records[1:]) if records else ([], [])


def _expect_names(expected: Sequence[str], names: Sequence[str]) -> None:
    """Raise LayoutError unless the names are those expected, in any order."""
    if sorted(expected) == sorted(names):
        return
    for name in expected:
        if names.count(name) != 1:
            raise LayoutError(1, name, f"{names.count(name)} columns of this name", "exactly one")
    name = next(name for name in names if name not in expected)
    raise LayoutError(1, name, name, "only columns of the layout")


def _checked(column: Column, form: FileForm) -> pa.Column:
    rule, field = rule_of(column, form), pl.col(column.name)
    checks = [_check(rule.holds, rule.expected)]
    if column.repeats:
        checks.append(_check(field == field.first().over(FILE), SAME_ON_EACH_ROW))
    return pa.Column(pl.String, checks)


def _check(holds: pl.Expr, expected: str) -> pa.Check:
    def lines_that_hold(lines: PolarsData) -> pl.LazyFrame:
        return lines.lazyframe.select(holds)

    return pa.Check(lines_that_hold, error=expected)


def _written(column: Column, form: FileForm) -> pl.Expr:
    """The column's texts in a file, from the plain ones of the field that it holds."""
    if column.holds is None:
        return pl.lit(column.text).alias(column.name)
    field = pl.col(column.holds)
    if column.values:
        known = {key: text for key, text in column.values.items() if key != ANY_OTHER}
        if ANY_OTHER in column.values:
            field = field.replace_strict(known, default=column.values[ANY_OTHER])
        else:
            field = field.replace(known)
    elif column.form is Form.DATE:
        day = field.str.to_date("%Y-%m-%d", strict=False)
        field = day.dt.strftime(DATES[form.dates][0])
    elif column.form in NUMBERS and form.decimal != ".":
        field = field.str.replace_all(".", form.decimal, literal=True)
    return field.alias(column.name)


def _plain(column: Column, form: FileForm) -> Callable[[str], str] | None:
    """The way back, text by text; None where a file has them as they are."""
    if column.values:
        keys = {text: key for key, text in column.values.items()}
        return lambda text: keys.get(text, text)
    if column.form is Form.DATE and form.dates != "YYYY-MM-DD":
        return lambda text: _iso_day(text, form.dates)
    if column.form in NUMBERS and form.decimal != ".":
        return lambda text: text.replace(form.decimal, ".")
    return None


def _iso_day(text: str, dates: str) -> str:
    """The day as YYYY-MM-DD, each part taken from its place."""
    places = [(dates.index(part), len(part)) for part in ("YYYY", "MM", "DD")]
    return "-".join(text[place : place + length] for place, length in places) if text else ""


def _quoted(field: pl.Expr, needs: str, form: FileForm) -> pl.Expr:
    in_quotes = pl.format('"{}"', field.str.replace_all('"', '""', literal=True))
    if form.quotes == "always":
        return in_quotes
    return pl.when(field.str.contains(needs)).then(in_quotes).otherwise(field)


def _not_encodable(rows: pl.DataFrame, form: FileForm) -> LayoutError:
    for place, row in enumerate(rows.drop(FILE).iter_rows(named=True)):
        for column, text in row.items():
            if text.encode(form.encoding, "ignore").decode(form.encoding) != text:
                expected = f"a text that {form.encoding.upper()} can hold"
                return LayoutError(place + form.first_row, column, text, expected)
    raise ValueError("every field of the rows can be encoded")


def _wrong_width(row: int, record: list[str], header: list[str]) -> LayoutError:
    last = min(len(record), len(header)) - 1
    column = header[last] if last >= 0 else WHOLE_ROW
    return LayoutError(row, column, f"{len(record)} fields", f"{len(header)} fields, as in row 1")


def _only(results: Sequence[Result | LayoutError]) -> Result:
    (result,) = results
    if isinstance(result, LayoutError):
        raise result
    return result
