"""Taking drafts back: deletes those of a month that are ours and untouched, with their files.

`python -m flows.withdraw_month --month 2026-10 [--customer K1 …] [--confirm 3]`
"""

import argparse
import sys
from dataclasses import replace
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from blocks.account_name import add_account
from flows.arguments import add_customers
from flows.command_line import run_and_say
from flows.conclude import concluded
from flows.invoice_month import redrawn
from flows.parameters import Account, Customers, DraftCount, Month
from tasks.billing.month import BillingMonth
from tasks.easybill.upload import MonthDelivery
from tasks.easybill.withdraw import ToWithdraw, Withdrawal, to_withdraw, withdraw
from tasks.report.artifacts.publish import publish
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.resolve_month import run_name
from tasks.run.run_failure import log_surprise
from tasks.run.steps import WITHDRAW


def _name() -> str:
    asked = flow_run.parameters
    return run_name("withdraw-month", asked.get("month"), preview=asked.get("confirm") is None)


@flow(name="withdraw-month", flow_run_name=_name)
def withdraw_month(
    month: Month,
    customers: Customers | None = None,
    confirm: DraftCount | None = None,
    account: Account | None = None,
) -> State[Any]:
    """Withdraw a month's drafts, so that its services can be billed again.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customers: Customer numbers; left out: all.
        confirm: How many drafts are to be withdrawn. Left out, the run only says whose drafts they
            are and how many, and does nothing.
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """

    def work() -> Withdrawal | ToWithdraw:
        tag_run(month)
        request = RunRequest(
            BillingMonth.parse(month), None if customers is None else frozenset(customers)
        )
        with hold_month(open_account(request.month, account), request, PrefectExecutor()) as run:
            return withdraw_confirmed(run, confirm)

    return concluded(work)


def withdraw_confirmed(run: MonthRun, confirm: int | None) -> Withdrawal | ToWithdraw:
    """Withdraw if that many drafts are to be withdrawn, and draw the month's report up anew."""
    customers, month = run.request.customers, run.request.month
    delivery = MonthDelivery(run.connections, month)
    planned = to_withdraw(delivery, customers, confirm)
    if not planned.is_confirmed:
        return planned
    done = run.executor.run(WITHDRAW, lambda: withdraw(delivery, customers))
    try:
        publish(redrawn(run))
    except Exception as error:
        # The drafts are taken back whatever the report says.
        log_surprise(error)
        return replace(done, not_redrawn=error)
    return done


def main(arguments: list[str] | None = None) -> int:
    """Run the flow from a terminal; 0: done or would be done, 1: not, 2: bad arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.withdraw_month", description=main.__doc__
    )
    parser.add_argument("--month", required=True, metavar="YYYY-MM")
    add_customers(parser)
    parser.add_argument(
        "--confirm", type=int, metavar="COUNT", help="how many drafts; without, it only says so"
    )
    add_account(parser)
    return run_and_say(withdraw_month, **vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
