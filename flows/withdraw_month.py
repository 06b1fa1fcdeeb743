"""Taking drafts back: deletes those of a month that are ours and untouched, with their files."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from tasks.billing.month import BillingMonth
from tasks.lease import MonthHeld
from tasks.month_run import Asked, month_run, open_account
from tasks.steps import WITH_PREFECT
from tasks.withdraw import withdraw_task


@flow(name="withdraw-month", flow_run_name="withdraw-month {month}")
def withdraw_month(month: str, customers: list[str] | None = None) -> State[Any]:
    """Withdraw a month's drafts, so that its services can be billed again.

    Args:
        month: the billing month as YYYY-MM.
        customers: customer numbers; left out: all.

    """
    asked = Asked(BillingMonth.parse(month), None if customers is None else frozenset(customers))
    try:
        with month_run(open_account(asked.month), asked, WITH_PREFECT) as run:
            withdrawal = withdraw_task(run.delivery, asked.customers)
    except MonthHeld as held:
        return Cancelled(message=str(held), data=held)
    ending = Failed if withdrawal.left else Completed
    return ending(message=withdrawal.headline(), data=withdrawal)
