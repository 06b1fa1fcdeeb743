"""The page: the report as one HTML file that needs no other file and no network."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from tasks.billing.issue import Issue, Kind
from tasks.billing.wording import next_step_of, text_of
from tasks.billing.wording.html import html_pages
from tasks.billing.wording.speech import Speech
from tasks.report.by_weight import failures_by_size, findings_by_severity
from tasks.report.month_report import MonthReport
from tasks.report.on_file import Change

HERE = Path(__file__).parent
TEMPLATE = "report.html.j2"
# Longer lists are folded. Of the findings of one check, the first few stand open.
ROWS_OPEN, FINDINGS_OPEN = 25, 5


def page_of(report: MonthReport, changes: Sequence[Change], changed_at: datetime) -> str:
    """The whole page."""
    failures = failures_by_size(report)
    few, many = _findings(report)
    return _template(report.language).render(
        report=report,
        changes=changes,
        changed_at=changed_at,
        by_cause=[row for row in failures if row.kind is not Kind.NOT_RUN],
        not_run=[row for row in failures if row.kind is Kind.NOT_RUN],
        few_findings=few,
        many_findings=many,
        explained=[row for row in report.reconciliation.rows if row.difference and row.explained],
    )


def _findings(report: MonthReport) -> tuple[list[Issue], dict[str, list[Issue]]]:
    """Those of one table, and by check those that are folded."""
    by_check: dict[str, list[Issue]] = {}
    for finding in findings_by_severity(report):
        by_check.setdefault(finding.code, []).append(finding)
    few = {code for code, theirs in by_check.items() if len(theirs) <= FINDINGS_OPEN}
    return (
        [finding for code, theirs in by_check.items() if code in few for finding in theirs],
        {code: theirs for code, theirs in by_check.items() if code not in few},
    )


def _sum_of(rows: Iterable[Any], name: str) -> int:
    """The sum of an amount; rows that are not valid have none."""
    return sum(getattr(row, name) or 0 for row in rows)


def _sum_in(rows: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(row.get(name, 0) for row in rows)


@cache
def _template(language: str) -> Template:
    speech = Speech(language)
    pages = html_pages(HERE, speech)
    script = (HERE / "report.js").read_text(encoding="utf-8")
    pages.globals.update(
        ROWS_OPEN=ROWS_OPEN,
        # Both are files of ours, without anything of others in them.
        style=Markup((HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our file
        script=Markup(script),  # noqa: S704 - our file
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )
    pages.filters.update(
        sum_of=_sum_of,
        sum_in=_sum_in,
        text=lambda issue: text_of(issue, language),
        what_to_do=lambda issue: next_step_of(issue, language),
        reason=lambda row: row.reason(language),
        next_step=lambda row: row.next_step(language),
        late=lambda late: late.said_in(speech),
        difference=lambda row: row.difference_in(speech),
        rate=lambda row: row.rate_in(speech),
    )
    return pages.get_template(TEMPLATE)
