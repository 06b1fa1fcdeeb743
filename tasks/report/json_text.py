"""The report as `report.json`: documented keys, amounts in integer cents."""

import json
from dataclasses import asdict
from typing import Any

from tasks.checks.findings import Finding
from tasks.report.month_report import MonthReport, MonthTotals
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
        "failures": [asdict(failure) for failure in report.failures],
        "skipped": list(report.skipped),
        "findings": [_finding(finding) for finding in report.findings],
        "reconciliation": _reconciliation(report.reconciliation),
        "late": [{**asdict(late), "customers": list(late.customers)} for late in report.late],
        "missed": list(report.missed),
        "history": [_totals(totals) for totals in report.history],
    }


def text_of(content: Json) -> bytes:
    """The file's content."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _totals(totals: MonthTotals) -> Json:
    return {**asdict(totals), "vat_cents": totals.gross_cents - totals.net_cents}


def _finding(finding: Finding) -> Json:
    return {"name": finding.name, **asdict(finding)}


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
