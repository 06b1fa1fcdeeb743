"""The steps of a run one after another, without Prefect: what it costs is the difference."""

from collections.abc import Collection, Sequence
from pathlib import Path

from tasks.billing.invoice import Invoice
from tasks.billing.month import BillingMonth
from tasks.easybill.build_csv import build_csv
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.look_again import look_again
from tasks.easybill.match_customers import match_in_account
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import settle
from tasks.easybill.upload import Delivered, MonthDelivery, upload
from tasks.load.load_services import load_services
from tasks.load.month_of_services import MonthOfServices
from tasks.report.files import keep_report
from tasks.report.read_back import read_back
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.steps import Steps

ATTEMPTS = 5


def _load(
    connections: Connections, month: BillingMonth, _: Collection[str] | None
) -> MonthOfServices:
    return load_services(connections.oms, month, connections.account.cancellation_fee_label)


def _build(
    connections: Connections, invoices: Sequence[Invoice], folder: Path
) -> list[CsvFile | Exception]:
    return [build_csv(i, connections.account.csv_price_basis, folder) for i in invoices]


def _upload(delivery: MonthDelivery, parcels: Sequence[Parcel]) -> list[Delivered | Exception]:
    return [_delivered(delivery, parcel) for parcel in parcels]


def _delivered(delivery: MonthDelivery, parcel: Parcel) -> Delivered | Exception:
    """Deliver at once or not; the wait between attempts is the scheduler's to choose."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return upload(delivery, parcel)
        except CustomerFailure as failure:
            if not failure.repeatable or attempt == ATTEMPTS:
                return failure
    raise AssertionError("the last attempt answers")


WITHOUT_PREFECT = Steps(
    load=_load,
    settle=settle,
    match=match_in_account,
    build=_build,
    upload=_upload,
    look_again=look_again,
    read_back=read_back,
    keep_report=keep_report,
)
