"""The summary of a month in markdown: what a person reads first in Prefect's UI."""

from collections import Counter
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from tasks.billing.money import amount_text
from tasks.billing.wording import text_of
from tasks.billing.words import counted
from tasks.report.artifacts.markdown import in_markdown, signed_amount_text
from tasks.report.artifacts.tables import failures_by_size, findings_by_severity
from tasks.report.month_report import MonthReport

TEMPLATE = "summary.md.j2"
DIFFERENCES_NAMED = 5
# Tables in the UI break no lines, so the first reasons are in the summary too.
NAMED_AT_MOST = 10


def headline(report: MonthReport) -> str:
    """The month in one line."""
    drafts = counted(report.totals.draft_count, "draft")
    what = f"preview of {drafts}, nothing sent" if report.preview else drafts
    failed = len(report.failures)
    open_customers = f", {counted(failed, 'customer')} not invoiced" if failed else ""
    return f"{report.month}: {what}, net {amount_text(report.totals.net_cents)}{open_customers}"


def summary(report: MonthReport) -> str:
    """The whole summary."""
    return _template().render(
        report=report,
        headline=headline(report),
        kinds=Counter(failure.kind for failure in report.failures),
        failures=failures_by_size(report),
        findings=findings_by_severity(report),
    )


@cache
def _template() -> Template:
    texts = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - markdown, escaped as such
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    texts.globals.update(DIFFERENCES_NAMED=DIFFERENCES_NAMED, NAMED_AT_MOST=NAMED_AT_MOST)
    texts.filters.update(
        amount=amount_text,
        counted=counted,
        plain=in_markdown,
        signed_amount=signed_amount_text,
        text=text_of,
    )
    return texts.get_template(TEMPLATE)
