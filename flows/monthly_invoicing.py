"""The monthly run: every service of a billing month becomes drafts in easybill.

`python -m flows.monthly_invoicing [--month 2026-10] [--customer K1 …] [--preview]`
"""

import sys
from typing import Any, cast

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.command_line import run_from_command_line
from flows.conclude import concluded
from flows.sequence import invoice
from tasks.billing.month import BillingMonth
from tasks.month_run import open_account
from tasks.own_runs import start_own_runs
from tasks.report import RunReport
from tasks.resolve_month import resolve_month, run_name

CUSTOMERS_AT_ONCE = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=4))


def _name() -> str:
    return run_name("monthly-invoicing", flow_run.parameters.get("month"))


@flow(
    name="monthly-invoicing",
    flow_run_name=_name,
    task_runner=CUSTOMERS_AT_ONCE,
    # A busy server may answer the final state without the report; then it is read from storage.
    persist_result=True,
)
def monthly_invoicing(
    month: str | None = None,
    customers: list[str] | None = None,
    preview: bool = False,  # noqa: FBT001, FBT002
    bill_late: bool = False,  # noqa: FBT001, FBT002
    recreate_deleted: bool = False,  # noqa: FBT001, FBT002
    own_runs: int = 20,
) -> State[Any]:
    """Invoice a billing month: one CSV and one draft per customer.

    Args:
        month: the billing month as YYYY-MM; left out: the month before the scheduled start.
        customers: customer numbers; left out: all.
        preview: build the files and the report, and send nothing.
        bill_late: bill what earlier months still owe, as drafts of their month.
        recreate_deleted: bill again what stood in a draft that was deleted in easybill.
        own_runs: how many failed customers get a run of their own.

    """

    def work() -> RunReport:
        billing_month = resolve_month(month, preview=preview)
        connections = open_account(billing_month)
        report = invoice(
            connections,
            billing_month,
            customers,
            preview=preview,
            recreate_deleted=recreate_deleted,
        )
        if bill_late and not preview:
            for late in report.late:
                owed = invoice(connections, BillingMonth.parse(late.month), late.customers)
                report = report.with_late(owed)
        start_own_runs(report, own_runs)
        return report

    return concluded(work)


if __name__ == "__main__":
    sys.exit(run_from_command_line(monthly_invoicing))
