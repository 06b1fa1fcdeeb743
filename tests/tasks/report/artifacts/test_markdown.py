"""Text of others must not become formatting, links or tags."""

import pytest

from tasks.billing.words import one_line
from tasks.report.artifacts.markdown import in_cell, in_markdown

MARK = "\u2060"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A | B", r"A \| B"),
        ("two\r\n lines\t here", "two lines here"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert\(1\)\>"),
        ("[here](https://evil.example)", r"\[here\]\(https://evil\.example\)"),
        ("*bold* _it_ `code` ~~no~~ # & !", r"\*bold\* \_it\_ \`code\` \~\~no\~\~ \# \& \!"),
        ("1. FC Köln", r"1\. FC Köln"),
        ("Größe & Söhne; Zoë", r"Größe \& Söhne; Zoë"),
    ],
)
def test_markdown_is_escaped(text: str, shown: str) -> None:
    assert in_markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A | B & C", "A | B & C"),
        ("two\n lines", "two lines"),
        ("<b>bold</b>", f"<{MARK}b>bold<{MARK}/b>"),
        ("3 < 4", "3 < 4"),
        ("![x](https://evil.example)", f"![x]{MARK}(https://evil.example)"),
        ("1. FC Köln", f"{MARK}1. FC Köln"),
        ("# 1", f"{MARK}# 1"),
        ("- 1", f"{MARK}- 1"),
        ("10023", "10023"),
        ("1.5 % net", "1.5 % net"),
    ],
)
def test_a_cell_stands_as_it_is_and_is_no_markdown(text: str, shown: str) -> None:
    assert in_cell(text) == shown
    assert in_cell(text).replace(MARK, "") == one_line(text)
