"""How the steps of a run are taken: as Prefect tasks, or plainly one after another."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from prefect import unmapped
from prefect.futures import PrefectFutureList

from tasks.billing.invoice import Customer, Invoice
from tasks.billing.month import BillingMonth
from tasks.easybill.build_csv import build_csv_task
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.look_again import look_again_task
from tasks.easybill.match_customers import Matches, match_customers_task
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import Settled, settle_task
from tasks.easybill.upload import Delivered, MonthDelivery, upload_task
from tasks.load.load_services import load_services_task
from tasks.load.month_of_services import MonthOfServices
from tasks.report.files import keep_report
from tasks.report.month_report import MonthReport
from tasks.report.read_back import read_back
from tasks.report.reconcile import Amounts
from tasks.run.connections import Connections
from tasks.run.upload_progress import show_progress

Result = TypeVar("Result")
Load = Callable[[Connections, BillingMonth, Collection[str] | None], MonthOfServices]
Build = Callable[[Connections, Sequence[Invoice], Path], Sequence[CsvFile | Exception]]
Upload = Callable[[MonthDelivery, Sequence[Parcel]], Sequence[Delivered | Exception]]
LookAgain = Callable[[MonthDelivery], None]
ReadBackOf = Callable[[Connections, str, Amounts], Amounts]
KeepReport = Callable[[MonthReport], None]


class Settle(Protocol):
    """Finish or look up what earlier runs left open."""

    def __call__(  # noqa: D102
        self,
        delivery: MonthDelivery,
        customers: Collection[str] | None,
        *,
        recreate_deleted: bool,
    ) -> Settled: ...


class Match(Protocol):
    """Look customers up in easybill."""

    def __call__(  # noqa: D102
        self,
        connections: Connections,
        month: BillingMonth,
        customers: Collection[Customer],
        *,
        preview: bool,
    ) -> Matches: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a run; `build` and `upload` answer in the order of what they were given."""

    load: Load
    settle: Settle
    match: Match
    build: Build
    upload: Upload
    look_again: LookAgain
    read_back: ReadBackOf
    keep_report: KeepReport


def _build(
    connections: Connections, invoices: Sequence[Invoice], folder: Path
) -> list[CsvFile | Exception]:
    """A mapped task per file; one that the cache knows but the disk does not is built again."""
    files = _map_build(connections, invoices, folder, refresh=False)
    spoilt = [
        invoice
        for invoice, file in zip(invoices, files, strict=True)
        if isinstance(file, CsvFile) and not file.is_intact()
    ]
    if not spoilt:
        return files
    again = dict(zip(spoilt, _map_build(connections, spoilt, folder, refresh=True), strict=True))
    return [again.get(invoice, file) for invoice, file in zip(invoices, files, strict=True)]


def _map_build(
    connections: Connections, invoices: Sequence[Invoice], folder: Path, *, refresh: bool
) -> list[CsvFile | Exception]:
    step = build_csv_task.with_options(refresh_cache=refresh)
    files: list[CsvFile | Exception] = _outcomes(
        step.map(unmapped(connections), invoices, unmapped(folder))
    )
    return files


def _upload(delivery: MonthDelivery, parcels: Sequence[Parcel]) -> list[Delivered | Exception]:
    futures = upload_task.map(unmapped(delivery), parcels)
    account = delivery.connections.account
    show_progress(futures, str(delivery.month), account.requests_per_minute)
    uploads: list[Delivered | Exception] = _outcomes(futures)
    return uploads


def _outcomes(futures: PrefectFutureList[Result]) -> list[Result | Exception]:
    """What each future came to: its result, or the exception it ended with."""
    return [future.result(raise_on_failure=False) for future in futures]


WITH_PREFECT = Steps(
    load=load_services_task,
    settle=settle_task,
    match=match_customers_task,
    build=_build,
    upload=_upload,
    look_again=look_again_task,
    read_back=read_back,
    keep_report=keep_report,
)
