"""A layout's text in TOML: how its files are written, and its columns in order."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blocks.easybill.layout_errors import LayoutRefused
from blocks.easybill.layout_vocabulary import FIELDS, KINDS, PRICES, Form

# What `adopt` writes where a person has to say it.
OPEN = "?"
# The key of `values` for everything that has no entry of its own.
ANY_OTHER = "*"
# The column of the frames that says which file a row is of.
FILE = "(file)"


class FileForm(BaseModel):
    """How a layout's files are written; what is left out is as in easybill's Custom CSV."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: Literal["utf-8", "iso-8859-1", "windows-1252"] = "utf-8"
    separator: Literal[";", ",", "\t", "|"] = ";"
    decimal: Literal[".", ","] = "."
    dates: Literal["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "YYYYMMDD"] = "YYYY-MM-DD"
    quotes: Literal["needed", "always"] = "needed"
    line_end: Literal["lf", "crlf"] = "lf"
    byte_order_mark: bool = False
    header: bool = True

    @property
    def first_row(self) -> int:
        """The row of the first line item, as a spreadsheet counts."""
        return 2 if self.header else 1

    @property
    def ends_rows(self) -> str:
        """What stands at the end of each row."""
        return "\r\n" if self.line_end == "crlf" else "\n"


class Column(BaseModel):
    """One column: it `holds` a field, or a constant `text`; an empty one is declared so.

    `values`: what the file says for a value of the field, such as kind's `service`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    holds: str | None = None
    text: str | None = None
    obligatory: bool = False
    values: Mapping[str, str] = Field(default_factory=dict)

    @property
    def form(self) -> Form:
        """What its texts look like."""
        return FIELDS[self.holds].form if self.holds else Form.TEXT

    @property
    def repeats(self) -> bool:
        """Whether it is the same on all rows of a file."""
        return self.holds is None or FIELDS[self.holds].repeats

    @property
    def meaning(self) -> str:
        """What it holds, in words."""
        if self.holds is None:
            return f"always {self.text}" if self.text else "not used"
        return FIELDS[self.holds].meaning

    @property
    def reads_back(self) -> bool:
        """Whether the field can be read from it."""
        return self.holds is not None and ANY_OTHER not in self.values


class LayoutText(BaseModel):
    """The whole text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: FileForm = FileForm()
    column: tuple[Column, ...] = ()


def parse(text: str) -> LayoutText:
    """The text as values; raises LayoutRefused, which names all that is wrong with it."""
    try:
        parsed = LayoutText.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LayoutRefused(f"The layout is no TOML: {error}.") from None
    except ValidationError as error:
        raise LayoutRefused(*map(_sentence, error.errors())) from None
    problems = [problem for column in parsed.column for problem in _of_column(column)]
    problems += _of_file(parsed)
    if not problems:
        problems += _of_money(parsed)
    if problems:
        raise LayoutRefused(*problems)
    return parsed


def _sentence(error: Mapping[str, object]) -> str:
    place = error["loc"]
    named = ".".join(map(str, place)) if isinstance(place, tuple) else str(place)
    return f"{named}: {str(error['msg']).rstrip('.')}."


def _of_column(column: Column) -> Iterator[str]:
    name = f"Column {column.name}"
    if OPEN in (column.holds, *column.values.values()):
        yield f"{name}: somebody has to say what it holds; fill in each '{OPEN}'."
    elif column.holds is None and column.text is None:
        yield f'{name}: nothing fills it; give it a holds or a text (text = "" keeps it empty).'
    elif column.holds is not None and column.text is not None:
        yield f"{name}: it has both a holds and a text; take one of them away."
    elif column.holds is not None and column.holds not in FIELDS:
        yield f"{name}: there is no field {column.holds!r}; take one of {', '.join(FIELDS)}."
    else:
        yield from _of_values(column, name)


def _of_values(column: Column, name: str) -> Iterator[str]:
    values = column.values
    if not values and column.holds != "kind":
        return
    if column.holds is None or column.form in (Form.DATE, Form.QUANTITY, Form.PRICE):
        yield f"{name}: values are for kinds, VAT and texts."
    if column.holds not in ("kind", "vat_percent"):
        return
    if ANY_OTHER in values or max(Counter(values.values()).values(), default=1) > 1:
        yield f"{name}: two of its values are the same, so they cannot be read back."
    if column.holds == "kind" and values and values.keys() != set(KINDS):
        yield f"{name}: its values are for {' and '.join(KINDS)}, no more and no fewer."


def _of_file(layout: LayoutText) -> Iterator[str]:
    names = Counter(column.name for column in layout.column)
    for name in (name for name, count in names.items() if count > 1 or name == FILE):
        yield f"Column {name}: columns are found by name; give each one of its own."
    if layout.file.byte_order_mark and layout.file.encoding != "utf-8":
        yield "file.byte_order_mark: only utf-8 has one."
    try:
        "".join(names).encode(layout.file.encoding)
    except UnicodeEncodeError as error:
        sign, encoding = error.object[error.start], layout.file.encoding
        yield f"A column's name has {sign!r}, which {encoding} lacks."


def _of_money(layout: LayoutText) -> Iterator[str]:
    held = {column.holds for column in layout.column}
    missing = [name for name in ("quantity", "vat_percent") if name not in held]
    missing += [] if held.intersection(PRICES) else [f"a price ({', '.join(PRICES)})"]
    if missing:
        yield (
            f"No column holds {' and '.join(missing)}: what a file comes to could not be read back."
        )
