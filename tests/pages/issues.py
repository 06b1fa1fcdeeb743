"""All codes of issues, with their words: docs/issues.md."""

import re
from collections.abc import Callable, Mapping

from tasks.billing.issue import IssueCode, Kind, Severity
from tasks.billing.wording import next_step_of, text_of
from tests.tasks.billing.samples import issue_of

INTRODUCTION = """\
# Issues

Made by `python -m tests.pages` from `tasks/billing/issue.py` and the catalogue in
`tasks/billing/wording/`.

Why something is not billed, or should be looked at, is an issue. Its code is in the ledger
(`exports.reason_code`), in `report.json`, in the table of failures in Prefect's UI, and here. The
words below are an example of each; numbers and names differ.
"""
SECTIONS: Mapping[str, Callable[[IssueCode], bool]] = {
    "A customer failed": lambda code: (
        _stops(code) and code.meaning.kind is Kind.FAILED and not code.meaning.is_shared
    ),
    "A draft and the OMS differ": lambda code: code.meaning.kind is Kind.CONFLICT,
    "A bound of a check stopped somebody": lambda code: code.meaning.kind is Kind.STOPPED,
    "No run has billed it yet": lambda code: code.meaning.kind is Kind.NOT_RUN,
    "Something that all customers share": lambda code: (
        _stops(code) and code.meaning.kind is Kind.FAILED and code.meaning.is_shared
    ),
    "Worth a look; nothing is stopped": lambda code: not _stops(code),
}
STOPS = {
    Severity.WARNS: "nothing",
    Severity.STOPS_CUSTOMER: "the customer",
    Severity.STOPS_RUN: "the run",
}
HEAD = """
| code | stops | says | do |
| --- | --- | --- | --- |
"""


def issues_page() -> str:
    """Every code in a table of its group."""
    return INTRODUCTION + "".join(
        f"\n## {title}\n{HEAD}{''.join(map(_row, filter(belongs, IssueCode)))}"
        for title, belongs in SECTIONS.items()
    )


def _stops(code: IssueCode) -> bool:
    return code.meaning.severity is not Severity.WARNS


def _row(code: IssueCode) -> str:
    issue = issue_of(code)
    words = [re.sub(r"([|*_<>])", r"\\\1", said(issue)) for said in (text_of, next_step_of)]
    return f"| `{code}` | {STOPS[code.meaning.severity]} | {words[0]} | {words[1]} |\n"
