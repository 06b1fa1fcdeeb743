"""Reports of a month, made up for tests."""

from collections.abc import Mapping
from typing import Any

from tasks.billing.issue import Fact, Issue, IssueCode, Kind
from tasks.load.late import LateMonth
from tasks.report.month_report import DraftRow, MonthReport, MonthTotals, NotInvoicedRow
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


# A code of each group, with the facts of its words.
BY_KIND: Mapping[Kind, tuple[IssueCode, Mapping[str, Fact]]] = {
    Kind.FAILED: (IssueCode.DUPLICATED_IN_EASYBILL, {"ids": ["1", "2"]}),
    Kind.STOPPED: (IssueCode.INVOICE_NET, {"net_cents": 90_000_000, "bound_eur": 100_000}),
    Kind.CONFLICT: (IssueCode.DRAFT_DELETED, {}),
    Kind.NOT_RUN: (IssueCode.NOT_BILLED_YET, {}),
}


def failure(number: str = "K8", kind: Kind = Kind.FAILED, **changes: Any) -> NotInvoicedRow:
    code, facts = BY_KIND[kind]
    fields: dict[str, Any] = {
        "customer_number": number,
        "name": f"{number} GmbH",
        "line_count": 3,
        "net_cents": 5_000,
        "issues": (Issue(code, number, document_id=9, facts=facts),),
    }
    return NotInvoicedRow(**{**fields, **changes})


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
        failures=(failure("K8"), failure("K9", Kind.CONFLICT)),
        skipped=("K5", "K6"),
        findings=(
            Issue(
                IssueCode.INVOICE_NET,
                "K9",
                facts={"net_cents": 90_000_000, "bound_eur": 100_000},
            ),
            Issue(IssueCode.FIRST_TIME, "K2", facts={"net_cents": 50_000}),
        ),
        late=(LateMonth("2026-09", ("K1",), 3, 1_250),),
        missed=("2026-07",),
        in_other_layouts=("K1.csv",),
        earlier=(totals("2026-08", 1, 100_000), totals("2026-09", 2, 240_000)),
    )
