"""The monthly run: every service of a billing month becomes drafts in easybill.

`python -m flows.monthly_invoicing [--month 2026-10] [--customer K1 …] [--preview | --compare]`
"""

import sys
from typing import Any, cast

from flows.arguments import parser

if __name__ == "__main__":
    # Prefect takes seconds to import: who asks for help, or mistypes, need not wait for it.
    parser().parse_args()

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.command_line import run_from_command_line
from flows.conclude import concluded
from flows.invoice_month import run_month
from flows.own_runs import create_own_runs
from flows.parameters import Account, Customers, LetThrough, Month, OwnRuns, require_customers
from tasks.billing.month import BillingMonth
from tasks.report.artifacts.publish import publish
from tasks.report.files import keep_report
from tasks.report.run_report import RunReport
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.lease import MonthHeld
from tasks.run.request import RunRequest
from tasks.run.resolve_month import resolve_month, run_name

CUSTOMERS_AT_ONCE = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=4))


def _name() -> str:
    asked = flow_run.parameters
    return run_name("monthly-invoicing", asked.get("month"), preview=asked.get("preview", False))


@flow(
    name="monthly-invoicing",
    flow_run_name=_name,
    task_runner=CUSTOMERS_AT_ONCE,
    # A busy server may answer the final state without the report; then it is read from storage.
    persist_result=True,
)
def monthly_invoicing(
    month: Month | None = None,
    customers: Customers | None = None,
    preview: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    compare: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    bill_late: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    recreate_deleted: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    bill_again: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    own_runs: OwnRuns = 20,
    let_through: LetThrough | None = None,
    account: Account | None = None,
) -> State[Any]:
    """Invoice a billing month: one CSV and one draft per customer.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10; left out: the month before the
            scheduled start.
        customers: Customer numbers; left out: all.
        preview: Build the files and the report, and send nothing.
        compare: Preview the month, and hold it against what easybill has of it by hand.
        bill_late: Bill what earlier months still owe, as drafts of their month.
        recreate_deleted: Bill again the services of a draft that was deleted in easybill.
        bill_again: Bill once more the services of invoices that were cancelled; needs customers.
        own_runs: How many failed customers get a run of their own.
        let_through: Bounds that are not to stop anything, such as invoice_net:K1001 or month_net.
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """
    is_preview = preview or compare

    def work() -> RunReport:
        require_customers(customers, bill_again=bill_again)
        billing_month = resolve_month(month, preview=is_preview)
        tag_run(str(billing_month), *(["preview"] if is_preview else []))
        connections = open_account(billing_month, account, reads_only=compare)
        request = RunRequest(
            billing_month,
            None if customers is None else frozenset(customers),
            preview=is_preview,
            compare=compare,
            recreate_deleted=recreate_deleted,
            bill_again=bill_again,
            let_through=frozenset(let_through or ()),
        )
        report = run_month(connections, request)
        if bill_late and not is_preview:
            for late in filter(lambda late: late.customers, report.late):
                try:
                    owed = run_month(
                        connections,
                        RunRequest(
                            BillingMonth.parse(late.month),
                            frozenset(late.customers),
                            let_through=request.let_through,
                        ),
                    )
                except MonthHeld as held:
                    report = report.with_held(late, held.holder)
                    continue
                publish(owed.month_report)
                report = report.with_late(owed)
            keep_report(report.month_report)
        publish(report.month_report)
        create_own_runs(report, own_runs, let_through)
        return report

    return concluded(work)


if __name__ == "__main__":
    sys.exit(run_from_command_line(monthly_invoicing))
