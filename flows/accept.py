"""Accepting a document of easybill as it is: a person's word, kept in the ledger.

`python -m flows.accept --month 2026-10 --customer K1 --document 123 --reason … --by … [--confirm]`
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
from flows.parameters import Account, CustomerNumber, Month, Words
from tasks.billing.month import BillingMonth
from tasks.easybill.accept import Accepted, ToAccept, accept
from tasks.easybill.upload import MonthDelivery
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.month_run import hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.resolve_month import run_name
from tasks.run.steps import ACCEPT


def _name() -> str:
    asked = flow_run.parameters
    return run_name("accept", asked["month"], asked["customer_number"], asked["document_id"])


@flow(name="accept", flow_run_name=_name)
def accept_document(
    month: Month,
    customer_number: CustomerNumber,
    document_id: int,
    reason: Words,
    accepted_by: Words,
    confirm: bool = False,  # noqa: FBT001, FBT002 - Prefect gives parameters by name
    account: Account | None = None,
) -> State[Any]:
    """Say that a document in easybill is the right one for a customer's month, as it is.

    Args:
        month: The billing month as YYYY-MM, such as 2026-10.
        customer_number: Whose document it is.
        document_id: easybill's id of it.
        reason: Why it is right; kept in the ledger.
        accepted_by: Who says so; kept in the ledger.
        confirm: Do it. Without, the run only says what it would do.
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """

    def work() -> Accepted:
        tag_run(month)
        asked = ToAccept(customer_number, document_id, reason, accepted_by)
        request = RunRequest(BillingMonth.parse(month), frozenset({customer_number}))
        with hold_month(open_account(request.month, account), request, PrefectExecutor()) as run:
            delivery = MonthDelivery(run.connections, request.month)
            return run.executor.run(ACCEPT, lambda: accept(delivery, asked, confirm=confirm))

    return concluded(work)


def main(arguments: list[str] | None = None) -> int:
    """Run the flow from a terminal; 0: done or would be done, 1: not, 2: bad arguments."""
    parser = argparse.ArgumentParser(prog="python -m flows.accept", description=main.__doc__)
    parser.add_argument("--month", required=True, metavar="YYYY-MM")
    parser.add_argument("--customer", required=True, metavar="NUMBER", dest="customer_number")
    parser.add_argument("--document", required=True, metavar="ID", type=int, dest="document_id")
    parser.add_argument("--reason", required=True, help="why it is right as it is")
    parser.add_argument("--by", required=True, metavar="NAME", dest="accepted_by")
    parser.add_argument("--confirm", action="store_true", help="do it, and do not only say it")
    add_account(parser)
    return run_and_say(accept_document, **vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
