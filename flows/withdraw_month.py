"""Taking drafts back: deletes those of a month that are ours and untouched, with their files."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.conclude import concluded
from flows.invoice_month import Asked, month_run, open_account
from flows.parameters import Customers, Month
from tasks.billing.month import BillingMonth
from tasks.easybill.withdraw import Withdrawal, withdraw_task
from tasks.run.display import tag_run
from tasks.run.steps import WITH_PREFECT


@flow(name="withdraw-month", flow_run_name="withdraw-month {month}")
def withdraw_month(month: Month, customers: Customers | None = None) -> State[Any]:
    """Withdraw a month's drafts, so that its services can be billed again.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customers: Customer numbers; left out: all.

    """

    def work() -> Withdrawal:
        tag_run(month)
        asked = Asked(
            BillingMonth.parse(month), None if customers is None else frozenset(customers)
        )
        with month_run(open_account(asked.month), asked, WITH_PREFECT) as run:
            return withdraw_task(run.delivery, asked.customers)

    return concluded(work)
