"""The summary of a month in markdown: what a person reads first in Prefect's UI."""

from collections import Counter
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from tasks.billing.wording import text_of
from tasks.billing.wording.speech import Speech
from tasks.report.artifacts.markdown import in_markdown
from tasks.report.by_weight import failures_by_size, findings_by_severity
from tasks.report.month_report import MonthReport

TEMPLATE = "summary.md.j2"
DIFFERENCES_NAMED = 5
# Tables in the UI break no lines, so the first reasons are in the summary too.
NAMED_AT_MOST = 10


def headline(report: MonthReport) -> str:
    """The month in one line."""
    speech, totals = report.speech, report.totals
    drafts = speech.counted(totals.draft_count, "draft")
    if report.preview:
        drafts = speech.say("preview of {drafts}, nothing sent", drafts=drafts)
    said = [drafts, speech.say("net {net}", net=speech.amount(totals.net_cents))]
    if report.failures:
        customers = speech.counted(len(report.failures), "customer")
        said.append(speech.say("{customers} not invoiced", customers=customers))
    return f"{speech.month(report.month)}: {', '.join(said)}"


def summary(report: MonthReport) -> str:
    """The whole summary."""
    return _template(report.language).render(
        report=report,
        headline=headline(report),
        kinds=Counter(failure.kind for failure in report.failures),
        failures=failures_by_size(report),
        findings=findings_by_severity(report),
    )


@cache
def _template(language: str) -> Template:
    speech = Speech(language)
    texts = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - markdown, escaped as such
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    texts.globals.update(
        DIFFERENCES_NAMED=DIFFERENCES_NAMED, NAMED_AT_MOST=NAMED_AT_MOST, say=speech.say
    )
    texts.filters.update(speech.filters)
    texts.filters.update(
        plain=in_markdown,
        text=lambda issue: text_of(issue, language),
        reason=lambda row: row.reason(language),
        next_step=lambda row: row.next_step(language),
        late=lambda late: late.said_in(speech),
        difference=lambda row: row.difference_in(speech),
    )
    return texts.get_template(TEMPLATE)
