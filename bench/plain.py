"""The month without Prefect's engine: `python -m bench.plain 2026-10`, settings as always."""

import sys
from pathlib import Path

from blocks.easybill.settings import EasybillSettings
from blocks.ledger.settings import LedgerSettings
from blocks.oms.settings import OmsSettings
from tasks.billing.month import BillingMonth
from tasks.connections import Connections
from tasks.month_run import Asked, invoice_month, month_run
from tasks.plain_steps import WITHOUT_PREFECT


def main(month: str) -> int:
    """Invoice the month; 0 where every customer is done."""
    account, ledger = EasybillSettings().to_block(), LedgerSettings().to_block()
    connections = Connections(
        oms=OmsSettings().to_block(),
        account=account,
        client=account.get_client(limiter_database_url=ledger.database_url),
        ledger=ledger.open(account.account),
        export_dir=Path(ledger.export_dir),
        lease_seconds=ledger.lease_seconds,
        flow_run_id=None,
    )
    with month_run(connections, Asked(BillingMonth.parse(month)), WITHOUT_PREFECT) as run:
        report = invoice_month(run)
    sys.stdout.write(f"{report.headline()}\n")
    return 0 if report.is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
