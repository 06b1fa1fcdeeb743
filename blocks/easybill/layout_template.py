"""Compares the import layout with the header of the customer's own import template."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from blocks.easybill.layout_columns import COLUMNS
from blocks.easybill.layout_errors import TemplateError

USAGE = "Usage: python -m blocks.easybill.layout TEMPLATE.csv"
FITS, DIFFERS, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs. 0: the layout fits, 1: something differs, 2: the file can't be read."""
    paths = sys.argv[1:] if arguments is None else list(arguments)
    if len(paths) != 1 or paths[0].startswith("-"):
        sys.stderr.write(f"{USAGE}\n")
        return UNREADABLE
    try:
        differences = compare_header(read_header(Path(paths[0])))
    except TemplateError as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    if not differences:
        sys.stdout.write(f"{paths[0]} has the {len(COLUMNS)} columns that are written.\n")
        return FITS
    sys.stdout.write("".join(f"{difference}\n" for difference in differences))
    return DIFFERS


def read_header(template: Path) -> list[str]:
    """Read the names in a template's first row, from UTF-8 (with or without a mark) or ISO-8859-1.

    Raises TemplateError.
    """
    try:
        content = template.read_bytes()
    except OSError as error:
        raise TemplateError(f"{template} can't be read: {error.strerror}.") from None
    try:
        names = next(csv.reader(io.StringIO(_decode(content), newline=""), delimiter=";"), [])
    except csv.Error as error:
        raise TemplateError(f"{template} is no CSV file: {error}.") from None
    if len(names) < 2 or "\0" in "".join(names):
        raise TemplateError(
            f"{template} has no header row: its first row holds no names with ';' between them. "
            "Save it as CSV in UTF-8 with ';' as the separator."
        )
    return [name for name in names if name]


def compare_header(names: Sequence[str]) -> list[str]:
    """Say each difference in a line; order does not count, as columns are found by name."""
    known, found = set(COLUMNS), Counter(names)
    return [
        *(f"missing in the template: {name}" for name in COLUMNS if name not in found),
        *(f"only in the template, not written: {name}" for name in found if name not in known),
        *(f"more than once in the template: {name}" for name in found if found[name] > 1),
    ]


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-1")
