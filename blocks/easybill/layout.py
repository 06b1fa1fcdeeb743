"""The import layouts: those built in, and any that a company writes as a file in TOML.

`python -m blocks.easybill.layout adopt|check|show` works with a company's own template.
"""

import sys
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from blocks.easybill.layout_errors import LayoutError, LayoutRefused
from blocks.easybill.layout_file import Layout
from blocks.easybill.layout_text import parse
from blocks.easybill.layout_vocabulary import Lines

__all__ = [
    "BUILT_IN",
    "CUSTOM",
    "CUSTOM_CSV",
    "POSITIONS",
    "Layout",
    "LayoutError",
    "LayoutRefused",
    "Lines",
    "layout_of",
    "text_of_layout",
]


def _built_in(name: str) -> str:
    return files(__package__).joinpath("layouts", f"{name}.toml").read_text(encoding="utf-8")


CUSTOM: Final = "custom-csv"
POSITION_IMPORT: Final = "positions"
BUILT_IN = {name: _built_in(name) for name in (CUSTOM, POSITION_IMPORT)}


@lru_cache(maxsize=64)
def layout_of(text: str) -> Layout:
    """The layout of a text in TOML, or of a built-in's name; raises LayoutRefused."""
    if text in BUILT_IN:
        text = BUILT_IN[text]
    parsed = parse(text)
    return Layout(text, parsed.file, parsed.column)


def text_of_layout(given: str) -> str:
    """A built-in's name or a text in TOML as it is, else a file's text; raises LayoutRefused."""
    if given in BUILT_IN or "\n" in given:
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        names = " or ".join(BUILT_IN)
        raise LayoutRefused(
            f"{given!r} is neither {names} nor a file that can be read: {error}."
        ) from None


CUSTOM_CSV = layout_of(CUSTOM)
POSITIONS = layout_of(POSITION_IMPORT)


if __name__ == "__main__":
    from blocks.easybill.layout_command import main

    sys.exit(main())
