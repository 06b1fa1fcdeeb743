"""The comparison as files: `comparison.html` for people, `comparison.json` for programs."""

from dataclasses import asdict
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Template

from tasks.billing.wording.html import html_pages
from tasks.billing.wording.speech import ENGLISH, Speech
from tasks.compare.comparison import Comparison
from tasks.run.whole_file import write_whole

HTML_NAME = "comparison.html"
JSON_NAME = "comparison.json"
TEMPLATE = "comparison.html.j2"


def keep_comparison(comparison: Comparison, folder: Path, language: str = ENGLISH) -> None:
    """Write both files, each whole or not at all. Raises FileNotWritten."""
    content = {
        "language": language,
        "month": comparison.month,
        "is_equal": comparison.is_equal,
        "counts": comparison.counts,
        "unread": comparison.unread,
        "rows": [asdict(row) for row in comparison.rows],
    }
    page = _template(language).render(comparison=comparison, language=language)
    write_whole(folder / HTML_NAME, page.encode())
    encoded = msgspec.json.format(msgspec.json.encode(content), indent=1)
    write_whole(folder / JSON_NAME, encoded + b"\n")


@cache
def _template(language: str) -> Template:
    """The page, which needs no other file, no script and no network."""
    speech = Speech(language)
    pages = html_pages(Path(__file__).parent, speech)
    pages.filters.update(unlike=lambda line: line.said_in(speech))
    return pages.get_template(TEMPLATE)
