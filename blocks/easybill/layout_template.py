"""A company's own template: how it is written, its columns' names, and its example rows."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blocks.easybill.layout_errors import TemplateError

SEPARATORS = (";", "\t", "|", ",")
NUMBER = re.compile(r"[0-9][0-9.,]*")
MARK = "\ufeff"


@dataclass(frozen=True)
class Template:
    """The records of a template, and what its bytes tell of its form."""

    records: Sequence[Sequence[str]]
    encoding: str
    separator: str
    has_mark: bool
    line_end: str
    is_quoted: bool

    @property
    def first(self) -> Sequence[str]:
        """The first record: the names, unless `has_no_header`."""
        return self.records[0]

    @cached_property
    def has_no_header(self) -> bool:
        """Whether the first record holds a number or an empty field, as no names do."""
        filled = [field for field in self.first if field]
        is_number = any(NUMBER.fullmatch(field.strip()) for field in filled)
        return is_number or len(filled) < len(self.first)

    @property
    def examples(self) -> Sequence[Sequence[str]]:
        """The rows that are no header."""
        rows = self.records if self.has_no_header else self.records[1:]
        return [row for row in rows if len(row) == len(self.first)]

    def texts(self, place: int) -> list[str]:
        """The example texts of a column that are not empty."""
        return [row[place].strip() for row in self.examples if row[place].strip()]


def read_template(path: Path) -> Template:
    """Read a template; raises TemplateError, which says what to do."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TemplateError(f"{path} can't be read: {error.strerror}.") from None
    text, encoding = _decoded(content)
    body = text.removeprefix(MARK)
    first_line = body.partition("\n")[0]
    separator = max(SEPARATORS, key=first_line.count)
    try:
        rows = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
        records = [row for row in rows if any(row)]
    except csv.Error as error:
        raise TemplateError(f"{path} is no CSV file: {error}.") from None
    if not records or len(records[0]) < 2 or "\0" in body:
        raise TemplateError(
            f"{path} has no header row: its first row holds no names with a separator between"
            f" them. Save it as CSV with ';' as the separator."
        )
    return Template(
        records=records,
        encoding=encoding,
        separator=separator,
        has_mark=text != body,
        line_end="crlf" if "\r\n" in body else "lf",
        is_quoted=first_line.count('"') == 2 * len(records[0]),
    )


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    # Bytes that ISO-8859-1 has for control characters are letters and signs of Windows.
    is_windows = any(0x80 <= byte <= 0x9F for byte in content)
    encoding = "windows-1252" if is_windows else "iso-8859-1"
    return content.decode(encoding, "replace"), encoding
