"""A lost ledger's month, made anew from easybill's documents and their attached CSVs.

`python -m flows.rebuild_month --month 2026-10`
"""

import argparse
import sys
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from blocks.account_name import add_account
from flows.command_line import run_and_say
from flows.conclude import concluded
from flows.parameters import Account, Month
from tasks.billing.month import BillingMonth
from tasks.easybill.settle import settle
from tasks.easybill.take_in import take_in
from tasks.easybill.upload import MonthDelivery
from tasks.load.load_services import load_month
from tasks.report.rebuilt import Rebuilt, rebuilt
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.resolve_month import run_name
from tasks.run.steps import LOAD, TAKE_IN


def _name() -> str:
    return run_name("rebuild-month", flow_run.parameters["month"])


@flow(name="rebuild-month", flow_run_name=_name)
def rebuild_month(month: Month, account: Account | None = None) -> State[Any]:
    """Write into the ledger what easybill has of a month; nothing is sent to easybill.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """

    def work() -> Rebuilt:
        tag_run(month)
        request = RunRequest(BillingMonth.parse(month))
        with hold_month(open_account(request.month, account), request, PrefectExecutor()) as run:
            return rebuild(run)

    return concluded(work)


def rebuild(run: MonthRun) -> Rebuilt:
    """Settle what is in doubt, then take in what the ledger does not know."""
    connections, month = run.connections, run.request.month
    delivery = MonthDelivery(connections, month)
    loaded = run.executor.run(LOAD, lambda: load_month(connections, month, None))
    settled = settle(run, delivery)
    wanted = loaded.customers.keys() - settled.open.keys()
    taken = run.executor.run(TAKE_IN, lambda: take_in(delivery, loaded, wanted))
    return rebuilt(delivery, settled.with_taken_in(taken), len(taken.exports))


def main(arguments: list[str] | None = None) -> int:
    """Run the flow from a terminal; 0: all is clear, 1: not, 2: bad arguments or settings."""
    parser = argparse.ArgumentParser(prog="python -m flows.rebuild_month", description=main.__doc__)
    parser.add_argument("--month", required=True, metavar="YYYY-MM")
    add_account(parser)
    return run_and_say(rebuild_month, **vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
