"""Pages of the documentation that are made from declarations: `python -m tests.pages`."""

from collections.abc import Callable, Mapping

from tests.pages.guarantees import german_guarantees_page, guarantees_page
from tests.pages.issues import issues_page
from tests.pages.layout import layout_page
from tests.pages.protocol import page as protocol_page
from tests.pages.settings import reference as settings_page
from tests.shared import ROOT

PAGES: Mapping[str, Callable[[], str]] = {
    "guarantees.md": guarantees_page,
    "guarantees.de.md": german_guarantees_page,
    "issues.md": issues_page,
    "layout.md": layout_page,
    "internals/protocol.md": protocol_page,
    "settings.md": settings_page,
}


def write(name: str) -> None:
    """Write the page into docs/."""
    (ROOT / "docs" / name).write_text(PAGES[name](), encoding="utf-8")


def kept(name: str) -> str:
    """The page as it is in docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")
