"""The report as `report.json`: documented keys, amounts in integer cents."""

import json
from dataclasses import asdict
from typing import Any

from tasks.billing.issue import Issue
from tasks.billing.wording import text_of
from tasks.report.month_report import MonthReport, MonthTotals, NotInvoicedRow
from tasks.report.reconcile import Reconciliation

Json = dict[str, Any]


def report_as_json(report: MonthReport) -> Json:
    """Everything that the report says, but for the changes since the one before."""
    return {
        "month": report.month,
        "account": report.account,
        "preview": report.preview,
        "folder": report.folder,
        "totals": _totals(report.totals),
        "drafts": [asdict(draft) for draft in report.drafts],
        "failures": [_not_invoiced(row) for row in report.failures],
        "skipped": list(report.skipped),
        "findings": [_finding(finding) for finding in report.findings],
        "reconciliation": _reconciliation(report.reconciliation),
        "late": [{**asdict(late), "customers": list(late.customers)} for late in report.late],
        "missed": list(report.missed),
        "history": [_totals(totals) for totals in report.history],
    }


def json_bytes(content: Json) -> bytes:
    """The file's content."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _totals(totals: MonthTotals) -> Json:
    return {**asdict(totals), "vat_cents": totals.gross_cents - totals.net_cents}


def _not_invoiced(row: NotInvoicedRow) -> Json:
    return {
        "customer_number": row.customer_number,
        "name": row.name,
        "line_count": row.line_count,
        "net_cents": row.net_cents,
        "kind": row.kind,
        "reason": row.reason,
        "next_step": row.next_step,
        "issues": [_issue(issue) for issue in row.issues],
    }


def _issue(issue: Issue) -> Json:
    return {
        "code": issue.code,
        "service_id": issue.service_id,
        "document_id": issue.document_id,
        "facts": issue.facts,
    }


def _finding(issue: Issue) -> Json:
    return {
        "name": issue.name,
        "check": issue.code,
        "customer_number": issue.customer_number,
        "message": text_of(issue),
        "stops": issue.stops,
        "facts": issue.facts,
    }


def _reconciliation(reconciliation: Reconciliation) -> Json:
    return {
        "agrees": reconciliation.agrees,
        "unread": reconciliation.unread,
        "oms": asdict(reconciliation.oms),
        "csv": asdict(reconciliation.csv),
        "easybill": asdict(reconciliation.easybill),
        "not_invoiced_net_cents": reconciliation.not_invoiced_net_cents,
        "in_other_months_net_cents": reconciliation.in_other_months_net_cents,
        "rows": [asdict(row) for row in reconciliation.rows],
    }
