"""What became of the drafts: the accountant's side, kept in the ledger for reports and the OMS.

`python -m flows.check_drafts [--account north]`
"""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from blocks.account_name import add_account
from flows.command_line import run_and_say
from flows.conclude import concluded
from flows.parameters import Account
from tasks.billing.month import BillingMonth
from tasks.easybill.look_at_drafts import DraftsChecked, look_at_drafts
from tasks.run.connections import open_account
from tasks.run.display import tag_run
from tasks.run.named_account import with_account
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.steps import LOOK_AT_DRAFTS


def _name() -> str:
    return " ".join(["check-drafts", *with_account()])


@flow(name="check-drafts", flow_run_name=_name)
def check_drafts(account: Account | None = None) -> State[Any]:
    """Find out which drafts were edited, finalised, paid, cancelled or deleted; sends nothing.

    Args:
        account: Whose blocks the run takes, such as north; left out: the default blocks.

    """

    def work() -> DraftsChecked:
        if account is not None:
            tag_run()
        now = datetime.now(UTC)
        month = BillingMonth.before(now)
        connections = open_account(month, account)
        return PrefectExecutor().run(
            LOOK_AT_DRAFTS, lambda: look_at_drafts(connections, month, now)
        )

    return concluded(work)


def main(arguments: list[str] | None = None) -> int:
    """Run the flow from a terminal; 0: looked, 1: something did not answer, 2: bad settings."""
    parser = argparse.ArgumentParser(prog="python -m flows.check_drafts", description=main.__doc__)
    add_account(parser)
    return run_and_say(check_drafts, **vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
