"""The month without Prefect's engine: `python -m bench.plain 2026-10`, settings as always."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from flows.invoice_month import Asked, invoice_month, month_run
from tasks.billing.month import BillingMonth
from tasks.easybill.parcel import Parcel
from tasks.easybill.upload import Delivered, MonthDelivery
from tasks.run.connections import connect_by_settings
from tasks.run.plain_steps import WITHOUT_PREFECT

# As many as the flow sends at once.
CUSTOMERS_AT_ONCE = 4


def _upload(delivery: MonthDelivery, parcels: Sequence[Parcel]) -> list[Delivered | Exception]:
    with ThreadPoolExecutor(CUSTOMERS_AT_ONCE) as pool:
        one_by_one = pool.map(lambda parcel: WITHOUT_PREFECT.upload(delivery, [parcel]), parcels)
        return [outcome for outcomes in one_by_one for outcome in outcomes]


AT_ONCE = replace(WITHOUT_PREFECT, upload=_upload)


def main(month: str) -> int:
    """Invoice the month; 0 where every customer is done."""
    connections = connect_by_settings()
    with month_run(connections, Asked(BillingMonth.parse(month)), AT_ONCE) as run:
        report = invoice_month(run)
    sys.stdout.write(f"{report.headline()}\n")
    return 0 if report.is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
