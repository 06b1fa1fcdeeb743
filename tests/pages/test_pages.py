"""The pages that are made from declarations are current."""

import re

import pytest

from tasks.billing.issue import IssueCode
from tasks.billing.wording import next_step_of
from tests.pages import PAGES, kept
from tests.pages.issues import SECTIONS
from tests.tasks.billing.samples import issue_of


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_command_writes_it(name: str) -> None:
    assert kept(name) == PAGES[name](), "run python -m tests.pages"


def test_every_code_is_in_one_section_of_the_page() -> None:
    for code in IssueCode:
        assert [title for title, belongs in SECTIONS.items() if belongs(code)], code
        assert kept("issues.md").count(f"| `{code}` |") == 1


def test_the_runbooks_table_says_what_the_catalogue_says() -> None:
    table = kept("runbook.md").split("## A customer failed")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", table, flags=re.MULTILINE)
    assert len(rows) >= 8
    for code, step in rows:
        said = next_step_of(issue_of(IssueCode(code)))
        assert step.replace("\\", "") == said, code
