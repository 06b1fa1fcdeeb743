"""Reports of a month, made up for tests."""

from typing import Any

from tasks.checks.findings import Finding
from tasks.load.late import LateMonth
from tasks.report.month_report import DraftRow, MonthReport, MonthTotals, OpenRow
from tasks.report.reconcile import Amounts, ReconciledRow, Reconciliation


def draft(number: str = "K1", net_cents: int = 10_000, **changes: Any) -> DraftRow:
    fields: dict[str, Any] = {
        "customer_number": number,
        "name": f"{number} GmbH",
        "sequence": 1,
        "line_count": 2,
        "net_cents": net_cents,
        "vat_cents": net_cents * 19 // 100,
        "gross_cents": net_cents * 119 // 100,
        "document_id": 4711,
        "url": None,
        "state": "draft",
    }
    return DraftRow(**{**fields, **changes})


def failure(number: str = "K8", **changes: Any) -> OpenRow:
    fields: dict[str, Any] = {
        "customer_number": number,
        "name": f"{number} GmbH",
        "line_count": 3,
        "net_cents": 5_000,
        "reason": "easybill has no customer with that number",
        "next_step": "Create it, then retry",
        "kind": "failed",
    }
    return OpenRow(**{**fields, **changes})


def totals(month: str, drafts: int, net_cents: int) -> MonthTotals:
    return MonthTotals(month, drafts, drafts, 2 * drafts, net_cents, net_cents * 119 // 100)


def agreeing(*drafts: DraftRow) -> Reconciliation:
    rows = []
    for row in drafts:
        amounts = Amounts(row.net_cents, row.gross_cents)
        rows.append(ReconciledRow(row.customer_number, row.sequence, amounts, amounts, amounts))
    return Reconciliation(tuple(rows))


def month_report(
    *drafts: DraftRow, earlier: tuple[MonthTotals, ...] = (), **changes: Any
) -> MonthReport:
    """October 2026; `earlier` are the months before it."""
    net_cents = sum(row.net_cents for row in drafts)
    fields: dict[str, Any] = {
        "month": "2026-10",
        "preview": False,
        "folder": "exports/2026-10",
        "account": "main",
        "drafts": drafts,
        "failures": (),
        "skipped": (),
        "findings": (),
        "reconciliation": agreeing(*drafts),
        "late": (),
        "missed": (),
        "history": (*earlier, totals("2026-10", len(drafts), net_cents)),
    }
    return MonthReport(**{**fields, **changes})


def full_month() -> MonthReport:
    """A month with something of everything."""
    drafts = (draft("K1", 250_000), draft("K2", 50_000, sequence=2, document_id=4712))
    return month_report(
        *drafts,
        failures=(failure("K8"), failure("K9", kind="conflict")),
        skipped=("K5", "K6"),
        findings=(
            Finding("invoice_net", "K9", "net 900,000.00 is above the bound", stops=True),
            Finding("first_time", "K2", "was never billed before", stops=False),
        ),
        late=(LateMonth("2026-09", ("K1",), 3, 1_250),),
        missed=("2026-07",),
        earlier=(totals("2026-08", 1, 100_000), totals("2026-09", 2, 240_000)),
    )
