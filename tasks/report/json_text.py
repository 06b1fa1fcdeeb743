"""The report as `report.json`: documented keys, amounts in integer cents."""

from dataclasses import asdict
from typing import Any

import msgspec

from tasks.billing.issue import Issue
from tasks.billing.wording import text_of
from tasks.billing.wording.speech import Speech
from tasks.report.month_report import MonthReport, MonthTotals, NotInvoicedRow
from tasks.report.reconcile import ReconciledRow

Json = dict[str, Any]


def report_as_json(report: MonthReport) -> Json:
    """Everything that the report says, but for the changes since the one before."""
    sides = report.reconciliation
    content: Json = msgspec.to_builtins(report)
    rows = content["reconciliation"]["rows"]
    if not report.in_other_layouts:
        del content["in_other_layouts"]
    return {
        **content,
        "totals": _totals(report.totals),
        "history": [_totals(totals) for totals in report.history],
        "failures": [_not_invoiced(row, report.language) for row in report.failures],
        "findings": [_finding(finding, report.language) for finding in report.findings],
        "reconciliation": {
            **content["reconciliation"],
            "agrees": sides.agrees,
            "rows": [
                _row(row, said, report.speech) for row, said in zip(sides.rows, rows, strict=True)
            ],
            **{name: asdict(getattr(sides, name)) for name in ("oms", "csv", "easybill")},
        },
    }


def json_bytes(content: Json) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _totals(totals: MonthTotals) -> Json:
    return {**asdict(totals), "vat_cents": totals.gross_cents - totals.net_cents}


def _row(row: ReconciledRow, content: Json, speech: Speech) -> Json:
    if row.difference is None:
        return content
    explained = None if row.explained is None else speech.say(row.explained)
    return {**content, "difference": row.difference_in(speech), "explained": explained}


def _not_invoiced(row: NotInvoicedRow, language: str) -> Json:
    issues = [
        {name: getattr(issue, name) for name in ("code", "service_id", "document_id", "facts")}
        for issue in row.issues
    ]
    said = {"kind": row.kind, "reason": row.reason(language), "next_step": row.next_step(language)}
    return {**asdict(row), **said, "issues": issues}


def _finding(issue: Issue, language: str) -> Json:
    return {
        "name": issue.name,
        "check": issue.code,
        "customer_number": issue.customer_number,
        "message": text_of(issue, language),
        "stops": issue.stops,
        "facts": issue.facts,
    }
