"""The tables of a month that Prefect's UI shows: drafts, failures, findings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.billing.issue import Issue
from tasks.billing.wording import text_of
from tasks.billing.wording.speech import Speech
from tasks.report.artifacts.markdown import in_cell, shortened
from tasks.report.by_weight import failures_by_size, findings_by_severity
from tasks.report.month_report import DraftRow, MonthReport, NotInvoicedRow

Row = Mapping[str, str | int]
# The UI fetches every table whole wherever it lists artifacts, and the older one draws all rows at
# once: 6 s for 500 rows, 15 s for 1,711. The full list is report.html.
ROWS_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for the UI, under a name; `about` says in one line what they are."""

    name: str
    about: str
    rows: tuple[Row, ...]

    @property
    def data(self) -> str:
        """The rows as Prefect keeps a table."""
        return json.dumps(self.rows, ensure_ascii=False, separators=(",", ":"))


def tables(report: MonthReport) -> tuple[Table, ...]:
    """All tables of a month, also those without rows."""
    return drafts_table(report), failures_table(report), findings_table(report)


def drafts_table(report: MonthReport) -> Table:
    """The month's drafts: first those that are no longer as we left them, then by net."""
    drafts = sorted(
        report.drafts, key=lambda d: (d.state in {"draft", "previewed"}, -d.net_cents, d.name)
    )
    speech = report.speech
    said = (
        speech.counted(len(drafts), "draft as it would be", "drafts as they would be")
        if report.preview
        else speech.counted(len(drafts), "draft")
    )
    return _table("drafts", report, said, [_draft_row(draft, speech) for draft in drafts])


def failures_table(report: MonthReport) -> Table:
    """Who is not invoiced, and why."""
    speech = report.speech
    said = speech.counted(len(report.failures), "customer not invoiced", "customers not invoiced")
    rows = [_failure_row(failure, speech) for failure in failures_by_size(report)]
    return _table("failures", report, said, rows)


def findings_table(report: MonthReport) -> Table:
    """What the checks found."""
    speech = report.speech
    rows = [_finding_row(finding, speech) for finding in findings_by_severity(report)]
    return _table("findings", report, speech.counted(len(rows), "finding"), rows)


def _table(name: str, report: MonthReport, said: str, rows: Sequence[Row]) -> Table:
    speech = report.speech
    about = f"{speech.month(report.month)}: {said}"
    if len(rows) > ROWS_AT_MOST:
        about += speech.say(
            "; here the first {count}, all of them in {folder}/report.html",
            count=speech.number(ROWS_AT_MOST),
            folder=report.folder,
        )
    return Table(name, about, tuple(rows[:ROWS_AT_MOST]))


def _draft_row(draft: DraftRow, speech: Speech) -> Row:
    say = speech.say
    return {
        say("customer"): in_cell(draft.customer_number),
        say("name"): in_cell(shortened(draft.name)),
        say("lines"): draft.line_count,
        say("net"): speech.amount(draft.net_cents),
        say("gross"): speech.amount(draft.gross_cents),
        say("easybill id"): "" if draft.document_id is None else draft.document_id,
        say("state"): say(draft.state),
        say("no."): draft.sequence,
        say("link"): draft.url or "",
    }


def _failure_row(failure: NotInvoicedRow, speech: Speech) -> Row:
    say, language, net_cents = speech.say, speech.language, failure.net_cents
    return {
        say("customer"): in_cell(failure.customer_number),
        say("kind"): say(failure.kind),
        say("code"): ", ".join(dict.fromkeys(issue.code for issue in failure.issues)),
        say("reason"): in_cell(failure.reason(language)),
        say("next step"): in_cell(failure.next_step(language)),
        say("name"): in_cell(shortened(failure.name)),
        say("lines"): "" if failure.line_count is None else failure.line_count,
        say("net"): "" if net_cents is None else speech.amount(net_cents),
    }


def _finding_row(finding: Issue, speech: Speech) -> Row:
    say = speech.say
    return {
        say("weight"): say("stops") if finding.stops else say("warning"),
        say("check"): in_cell(finding.name),
        say("customer"): in_cell(finding.customer_number or ""),
        say("finding"): in_cell(text_of(finding, speech.language)),
    }
