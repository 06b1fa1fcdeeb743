"""How a process of a story takes the steps of a run: as Prefect would, in virtual time."""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from blocks.easybill.errors import Unavailable
from tasks.billing.invoice import Customer, Invoice
from tasks.billing.money import Totals, line_net_cents
from tasks.billing.month import BillingMonth
from tasks.easybill.csv_file import CsvFile, CsvUnreadable
from tasks.easybill.csv_rows import csv_rows, line_money
from tasks.easybill.look_again import look_again
from tasks.easybill.match_customers import Matches
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import Settled
from tasks.easybill.upload import Delivered, MonthDelivery, upload
from tasks.load.month_of_services import MonthOfServices
from tasks.report.reconcile import Amounts
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.plain_steps import WITHOUT_PREFECT
from tasks.run.steps import Steps
from tests.simulation.process import Process
from tests.simulation.stage import Stage

Answer = TypeVar("Answer")

_MONEY = ("quantity", "item_price", "vat_percent")
# Titles have lines of their own.
END = "\n\n"


class SimSteps:
    """The plain steps, repeated with Prefect's pauses; files are written without polars."""

    def __init__(self, stage: Stage, process: Process) -> None:
        self._stage = stage
        self._process = process
        self.steps = Steps(
            load=self._load,
            settle=self._settle,
            match=self._match,
            build=self._build,
            upload=self._upload,
            look_again=self._look_again,
            read_back=_read_back,
            keep_report=lambda _: None,
        )

    def _load(
        self, connections: Connections, month: BillingMonth, customers: Collection[str] | None
    ) -> MonthOfServices:
        return WITHOUT_PREFECT.load(connections, month, customers)

    def _settle(
        self,
        delivery: MonthDelivery,
        customers: Collection[str] | None,
        *,
        recreate_deleted: bool,
    ) -> Settled:
        return self._repeated(
            lambda: WITHOUT_PREFECT.settle(delivery, customers, recreate_deleted=recreate_deleted),
            times=3,
        )

    def _match(
        self,
        connections: Connections,
        month: BillingMonth,
        customers: Collection[Customer],
        *,
        preview: bool,
    ) -> Matches:
        return self._repeated(
            lambda: WITHOUT_PREFECT.match(connections, month, customers, preview=preview), times=3
        )

    def _build(
        self, _: Connections, invoices: Sequence[Invoice], folder: Path
    ) -> list[CsvFile | Exception]:
        return [self._file(invoice, folder) for invoice in invoices]

    def _upload(
        self, delivery: MonthDelivery, parcels: Sequence[Parcel]
    ) -> list[Delivered | Exception]:
        return [self._delivered(delivery, parcel) for parcel in parcels]

    def _look_again(self, delivery: MonthDelivery) -> None:
        self._repeated(lambda: look_again(delivery), times=3)

    def _delivered(self, delivery: MonthDelivery, parcel: Parcel) -> Delivered | Exception:
        try:
            return self._repeated(lambda: upload(delivery, parcel), times=4)
        except CustomerFailure as failure:
            return failure

    def _repeated(self, act: Callable[[], Answer], times: int) -> Answer:
        for attempt in range(1, times + 1):
            try:
                return act()
            except Unavailable:
                pass
            except CustomerFailure as failure:
                if not failure.repeatable:
                    raise
            self._process.sleep(2.0**attempt)
        return act()

    def _file(self, invoice: Invoice, folder: Path) -> CsvFile:
        rows = csv_rows(invoice, "gross")
        content = END.join(";".join(row.values()) for row in rows).encode()
        path = folder / f"{invoice.file_stem}.csv"
        self._process.step(0.001, lambda: _write(path, content))
        return CsvFile.of(invoice, path, content)


def _read_back(_: Connections, path: str, __: Amounts) -> Amounts:
    """What the file says, of whose columns the last three are the money."""
    try:
        content = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CsvUnreadable(f"the file {path} is missing") from None
    rows = [dict(zip(_MONEY, row.rsplit(";", 3)[1:], strict=True)) for row in content.split(END)]
    money = [line_money(row, "gross") for row in rows]
    totals = Totals.of((vat, line_net_cents(quantity, net)) for quantity, net, vat in money)
    return Amounts(totals.net_cents, totals.gross_cents)


def _write(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(file, content)
    os.close(file)
