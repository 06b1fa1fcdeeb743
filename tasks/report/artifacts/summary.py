"""The summary of a month in markdown: what a person reads first in Prefect's UI."""

from collections import Counter
from collections.abc import Iterator

from tasks.billing.issue import Issue, Kind
from tasks.billing.money import amount_text
from tasks.billing.wording import text_of
from tasks.billing.words import counted
from tasks.report.artifacts.markdown import in_markdown, signed_amount_text
from tasks.report.artifacts.tables import failures_by_size, findings_by_severity
from tasks.report.month_report import MonthReport, NotInvoicedRow

DIFFERENCES_NAMED = 5
NAMED_AT_MOST = 10


def headline(report: MonthReport) -> str:
    """The month in one line."""
    totals = report.totals
    what = (
        f"preview of {counted(totals.draft_count, 'draft')}, nothing sent"
        if report.preview
        else counted(totals.draft_count, "draft")
    )
    open_customers = (
        f", {counted(len(report.failures), 'customer')} not invoiced" if report.failures else ""
    )
    return f"{report.month}: {what}, net {amount_text(totals.net_cents)}{open_customers}"


def summary(report: MonthReport) -> str:
    """The whole summary."""
    parts = [
        f"# {headline(report)}",
        _figures(report),
        _listed("Not invoiced", "failures", [*map(_failure, failures_by_size(report))]),
        *_remarks(report),
        _places(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figures(report: MonthReport) -> str:
    totals = report.totals
    kinds = Counter(failure.kind for failure in report.failures)
    rows = [
        ("Customers invoiced", f"{totals.customer_count:,}"),
        ("without services", f"{len(report.skipped):,}"),
        ("failed", f"{kinds[Kind.FAILED]:,}"),
        ("stopped by a check", f"{kinds[Kind.STOPPED]:,}"),
        ("conflicts", f"{kinds[Kind.CONFLICT]:,}"),
        ("not run yet", f"{kinds[Kind.NOT_RUN]:,}"),
        ("Net", amount_text(totals.net_cents)),
        ("VAT", amount_text(totals.gross_cents - totals.net_cents)),
        ("Gross", amount_text(totals.gross_cents)),
        *_against_last_month(report),
    ]
    obligatory = {"failed", "conflicts", "without services"}
    shown = [(name, value) for name, value in rows if value != "0" or name in obligatory]
    return "\n".join(
        ["| | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in shown)]
    )


def _against_last_month(report: MonthReport) -> Iterator[tuple[str, str]]:
    before = report.month_before
    if before is None:
        return
    change_cents = report.totals.net_cents - before.net_cents
    share = f" ({change_cents / before.net_cents:+.1%})" if before.net_cents else ""
    yield (
        f"Net against {before.month} ({amount_text(before.net_cents)})",
        f"{signed_amount_text(change_cents)}{share}",
    )


def _remarks(report: MonthReport) -> Iterator[str]:
    yield _reconciliation(report)
    yield _listed("To be looked at", "findings", [*map(_finding, findings_by_severity(report))])
    if report.late:
        owed = "; ".join(in_markdown(str(late)) for late in report.late)
        yield f"**Late**: {owed}. A run with `bill_late` bills them as drafts of their month."
    if report.missed:
        yield (f"**Never run**: {', '.join(report.missed)}. A run with that `month` catches up.")


def _listed(heading: str, table: str, entries: list[str]) -> str:
    """The first entries; tables in the UI break no lines, so the reasons are here too."""
    if not entries:
        return ""
    more = len(entries) - NAMED_AT_MOST
    rest = [f"- and {more:,} more in the table of {table}"] if more > 0 else []
    lines = [f"- {entry}" for entry in entries[:NAMED_AT_MOST]]
    return "\n".join([f"## {heading}", "", *lines, *rest])


def _failure(failure: NotInvoicedRow) -> str:
    who = f"**{in_markdown(failure.customer_number)}** {in_markdown(failure.name)}"
    return f"{who}: {in_markdown(failure.reason)}. {in_markdown(failure.next_step)}"


def _finding(issue: Issue) -> str:
    weight = "stops" if issue.stops else "warning"
    return f"**{in_markdown(issue.name)}** ({weight}): {in_markdown(text_of(issue))}"


def _reconciliation(report: MonthReport) -> str:
    sides = report.reconciliation
    if sides.agrees:
        names = "OMS and CSVs" if report.preview else "OMS, CSVs and easybill"
        explained = sum(row.difference is not None for row in sides.rows)
        but = (
            f"; {counted(explained, 'draft differs', 'drafts differ')} for a known reason, see the"
            " report"
            if explained
            else ""
        )
        return (
            f"**Reconciliation**: {names} agree to the cent: net"
            f" {amount_text(sides.oms.net_cents)}, gross {amount_text(sides.oms.gross_cents)}{but}."
        )
    if sides.unread is not None:
        return f"**Not reconciled**: {in_markdown(sides.unread)}"
    wrong = sides.differences
    named = "; ".join(
        f"{in_markdown(row.customer_number)}: {in_markdown(row.difference or '')}"
        for row in wrong[:DIFFERENCES_NAMED]
    )
    more = len(wrong) - DIFFERENCES_NAMED
    rest = f"; and {more:,} more" if more > 0 else ""
    return (
        f"**The amounts do not agree**: {counted(len(wrong), 'draft')} of"
        f" {len(sides.rows):,}: {named}{rest}."
    )


def _places(report: MonthReport) -> str:
    return (
        f"Files: `{report.folder}`. The same for the accountant:"
        f" `{report.folder}/report.html`. easybill account: {in_markdown(report.account)}."
    )
