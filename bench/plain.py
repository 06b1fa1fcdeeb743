"""The month without Prefect's engine: `python -m bench.plain 2026-10`, settings as always."""

import sys

from flows.invoice_month import invoice_month
from tasks.billing.month import BillingMonth
from tasks.easybill.upload import MonthDelivery
from tasks.run.month_run import hold_month
from tasks.run.request import RunRequest
from tests.plain_run import PlainExecutor, connect_by_settings

# As many as the flow sends at once.
CUSTOMERS_AT_ONCE = 4


def main(month: str) -> int:
    """Invoice the month; 0 where every customer is done."""
    connections = connect_by_settings()
    request = RunRequest(BillingMonth.parse(month))
    executor = PlainExecutor(customers_at_once=CUSTOMERS_AT_ONCE)
    with hold_month(connections, request, executor) as run:
        report = invoice_month(run, MonthDelivery(run.connections, request.month))
    sys.stdout.write(f"{report.headline()}\n")
    return 0 if report.is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
