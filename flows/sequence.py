"""The month's work, held by one run at a time."""

from collections.abc import Collection

from flows.invoice_month import Asked, invoice_month, month_run
from tasks.billing.month import BillingMonth
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.steps import WITH_PREFECT


def invoice(
    connections: Connections,
    month: BillingMonth,
    customers: Collection[str] | None,
    *,
    preview: bool = False,
    recreate_deleted: bool = False,
    let_through: Collection[str] | None = None,
) -> RunReport:
    """Invoice a month, of some customers or of all; nobody else works on it meanwhile."""
    chosen = None if customers is None else frozenset(customers)
    asked = Asked(
        month,
        chosen,
        preview=preview,
        recreate_deleted=recreate_deleted,
        let_through=frozenset(let_through or ()),
    )
    with month_run(connections, asked, WITH_PREFECT) as run:
        return invoice_month(run)
