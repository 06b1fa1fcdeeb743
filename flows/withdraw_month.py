"""Taking drafts back: deletes those of a month that are ours and untouched, with their files."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.conclude import concluded
from flows.parameters import Customers, Month
from tasks.billing.month import BillingMonth
from tasks.easybill.upload import MonthDelivery
from tasks.easybill.withdraw import Withdrawal, withdraw
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.month_run import hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.steps import WITHDRAW


@flow(name="withdraw-month", flow_run_name="withdraw-month {month}")
def withdraw_month(month: Month, customers: Customers | None = None) -> State[Any]:
    """Withdraw a month's drafts, so that its services can be billed again.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customers: Customer numbers; left out: all.

    """

    def work() -> Withdrawal:
        tag_run(month)
        request = RunRequest(
            BillingMonth.parse(month), None if customers is None else frozenset(customers)
        )
        with hold_month(open_account(request.month), request, PrefectExecutor()) as run:
            delivery = MonthDelivery(run.connections, request.month)
            return run.executor.run(WITHDRAW, lambda: withdraw(delivery, request.customers))

    return concluded(work)
