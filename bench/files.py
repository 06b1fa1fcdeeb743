"""A month's files, built and read back, beside the least that polars needs for the same rows.

`python -m bench.files`; BENCH_MONTH names the month.
"""

import io
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from pydantic import SecretStr

from bench.real_month import ROOT, fill, order_book
from blocks.easybill.layout import CUSTOM_CSV
from blocks.oms.block import OmsDatabase
from tasks.billing.invoice import Invoice
from tasks.billing.month import BillingMonth
from tasks.easybill.build_csv import Wanted, draft_files
from tasks.easybill.csv_file import CsvFile
from tasks.load.load_services import load_services

MONTH = BillingMonth.parse(os.environ.get("BENCH_MONTH", "2026-11"))
WORK = ROOT / ".cache" / "bench" / "files"


def main() -> int:
    """Measure and say so."""
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "bare").mkdir(parents=True)
    invoices = month_of_invoices()
    lines = sum(len(invoice.lines) for invoice in invoices)
    sys.stdout.write(f"{MONTH}: {len(invoices)} files, {lines} lines\n")
    with _measured("build, each compared with its lines"):
        drafted = draft_files([Wanted(invoice) for invoice in invoices], CUSTOM_CSV, "gross")
        files = [each.build(WORK / "built") for each in drafted]
    with _measured("read back and validate"):
        CUSTOM_CSV.read_all([Path(file.path).read_bytes() for file in files])
    with _measured("bare polars: read, split, write"):
        _bare(files)
    return 0


def month_of_invoices() -> list[Invoice]:
    """The month as the OMS's rows bill it, by customer number."""
    url = f"sqlite:///{WORK / 'oms.db'}"
    fill(url, order_book(str(MONTH)).of_month(str(MONTH)))
    loaded = load_services(OmsDatabase(url=SecretStr(url)), MONTH, "Stornogebühr: ")
    return [
        Invoice.of(MONTH, loaded.customers[number], its)
        for number, its in sorted(loaded.lines.items())
    ]


def _bare(files: list[CsvFile]) -> None:
    contents = [Path(file.path).read_bytes() for file in files]
    head = contents[0].index(b"\n") + 1
    joined = contents[0][:head] + b"".join(content[head:] for content in contents)
    frame = pl.read_csv(io.BytesIO(joined), separator=";", infer_schema=False)
    parts = frame.partition_by("customer_number", maintain_order=True, as_dict=True)
    for (number,), part in parts.items():
        part.write_csv(WORK / "bare" / f"{number}.csv", separator=";")


@contextmanager
def _measured(what: str) -> Iterator[None]:
    started, worked = time.perf_counter(), time.process_time()
    yield
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - worked
    sys.stdout.write(f"{what}: {seconds:.1f} s, {cpu_s:.1f} s of them CPU\n")


if __name__ == "__main__":
    sys.exit(main())
