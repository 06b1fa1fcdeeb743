"""By weight: what a person has to see first comes first."""

from tasks.billing.issue import Issue, Kind
from tasks.report.month_report import MonthReport, NotInvoicedRow

_KINDS_IN_ORDER = list(Kind)


def failures_by_size(report: MonthReport) -> list[NotInvoicedRow]:
    """Who is not invoiced, or not wholly: by kind, the largest first."""
    return sorted(
        report.failures,
        key=lambda f: (_KINDS_IN_ORDER.index(f.kind), -(f.net_cents or 0), f.customer_number),
    )


def findings_by_severity(report: MonthReport) -> list[Issue]:
    """What the checks found: what stops somebody first."""
    return sorted(report.findings, key=lambda finding: (not finding.stops, finding.name))
