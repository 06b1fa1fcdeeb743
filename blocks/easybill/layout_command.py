"""The command about layouts: adopt a template, check one or a layout, show a layout."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.easybill.layout import CUSTOM, Layout, layout_of, text_of_layout
from blocks.easybill.layout_adopt import adopt
from blocks.easybill.layout_check import differences, lacking, warnings
from blocks.easybill.layout_errors import LayoutRefused, TemplateError
from blocks.easybill.layout_template import read_template
from blocks.easybill.layout_text import OPEN

FITS, DIFFERS, UNREADABLE = 0, 1, 2


class LayoutSetting(BaseSettings):
    """`EASYBILL_CSV_LAYOUT` alone: the command needs no key."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", env_prefix="EASYBILL_"
    )

    csv_layout: str = CUSTOM


def main(arguments: Sequence[str] | None = None) -> int:
    """0: it fits; 1: something differs, or is to be filled in; 2: a file can't be read or used."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.work(asked))
    except (TemplateError, LayoutRefused) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m blocks.easybill.layout", description=__doc__)
    works = parser.add_subparsers(required=True)
    adopting = works.add_parser("adopt", help="print a layout for a template")
    adopting.add_argument("template", type=Path, metavar="TEMPLATE.csv")
    adopting.add_argument("--decimal", choices=[",", "."], help="where no example row tells")
    adopting.set_defaults(work=_adopt)
    checking = works.add_parser("check", help="say what a layout lacks, or a template has else")
    checking.add_argument("file", metavar="LAYOUT|TEMPLATE", help="a layout, or a template (.csv)")
    checking.set_defaults(work=_check)
    showing = works.add_parser("show", help="print a layout")
    showing.add_argument("layout", nargs="?", help="a name or a file; left out, the one in use")
    showing.set_defaults(work=_show)
    return parser


def _adopt(asked: Namespace) -> int:
    text = adopt(read_template(asked.template), asked.decimal)
    sys.stdout.write(text)
    open_count = text.count(f'"{OPEN}"')
    if not open_count:
        return FITS
    sys.stderr.write(
        f"Places that say {OPEN!r}: {open_count}. Fill in each, then check the file.\n"
    )
    return DIFFERS


def _check(asked: Namespace) -> int:
    if not asked.file.lower().endswith(".csv"):
        layout = _layout(asked.file)
        fits = f"{asked.file} has all that a bill needs."
        return _say(lacking(layout), fits, warnings(layout))
    layout = _layout(LayoutSetting().csv_layout)
    lines = differences(read_template(Path(asked.file)), layout)
    return _say(lines, f"{asked.file} has the {len(layout.columns)} columns that are written.")


def _show(asked: Namespace) -> int:
    sys.stdout.write(_layout(asked.layout or LayoutSetting().csv_layout).text)
    return FITS


def _layout(given: str) -> Layout:
    return layout_of(text_of_layout(given))


def _say(lines: Sequence[str], fits: str, warnings: Sequence[str] = ()) -> int:
    said = [*lines, *warnings] if lines else [*warnings, fits]
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return DIFFERS if lines else FITS
