"""The tables of a month that Prefect's UI shows: drafts, failures, findings."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.billing.issue import Issue, Kind
from tasks.billing.money import amount_text
from tasks.billing.wording import text_of
from tasks.billing.words import counted
from tasks.report.artifacts.markdown import in_cell, shortened
from tasks.report.month_report import DraftRow, MonthReport, NotInvoicedRow

Row = Mapping[str, str | int]
# The UI fetches every table whole wherever it lists artifacts, and the older one draws all rows at
# once: 6 s for 500 rows, 15 s for 1,711. The full list is report.html.
ROWS_AT_MOST = 500
_KINDS_IN_ORDER = list(Kind)


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
    what = "draft as it would be" if report.preview else "draft"
    plural = "drafts as they would be" if report.preview else "drafts"
    return _table("drafts", report, (what, plural), map(_draft_row, drafts))


def failures_by_size(report: MonthReport) -> list[NotInvoicedRow]:
    """Who is not invoiced, or not wholly: by kind, the largest first."""
    return sorted(
        report.failures,
        key=lambda f: (_KINDS_IN_ORDER.index(f.kind), -(f.net_cents or 0), f.customer_number),
    )


def findings_by_severity(report: MonthReport) -> list[Issue]:
    """What the checks found: what stops somebody first."""
    return sorted(report.findings, key=lambda finding: (not finding.stops, finding.name))


def failures_table(report: MonthReport) -> Table:
    """Who is not invoiced, and why."""
    words = ("customer not invoiced", "customers not invoiced")
    return _table("failures", report, words, map(_failure_row, failures_by_size(report)))


def findings_table(report: MonthReport) -> Table:
    """What the checks found."""
    rows = (
        {
            "weight": "stops" if finding.stops else "warning",
            "check": in_cell(finding.name),
            "customer": in_cell(finding.customer_number or ""),
            "finding": in_cell(text_of(finding)),
        }
        for finding in findings_by_severity(report)
    )
    return _table("findings", report, ("finding", "findings"), rows)


def _table(name: str, report: MonthReport, words: tuple[str, str], rows: Iterable[Row]) -> Table:
    everything: Sequence[Row] = tuple(rows)
    about = f"{report.month}: {counted(len(everything), *words)}"
    if len(everything) > ROWS_AT_MOST:
        about += f"; here the first {ROWS_AT_MOST:,}, all of them in {report.folder}/report.html"
    return Table(name, about, tuple(everything[:ROWS_AT_MOST]))


def _draft_row(draft: DraftRow) -> Row:
    return {
        "customer": in_cell(draft.customer_number),
        "name": in_cell(shortened(draft.name)),
        "lines": draft.line_count,
        "net": amount_text(draft.net_cents),
        "gross": amount_text(draft.gross_cents),
        "easybill id": "" if draft.document_id is None else draft.document_id,
        "state": draft.state,
        "no.": draft.sequence,
        "link": draft.url or "",
    }


def _failure_row(failure: NotInvoicedRow) -> Row:
    return {
        "customer": in_cell(failure.customer_number),
        "kind": failure.kind,
        "code": ", ".join(dict.fromkeys(issue.code for issue in failure.issues)),
        "reason": in_cell(failure.reason),
        "next step": in_cell(failure.next_step),
        "name": in_cell(shortened(failure.name)),
        "lines": "" if failure.line_count is None else failure.line_count,
        "net": "" if failure.net_cents is None else amount_text(failure.net_cents),
    }
