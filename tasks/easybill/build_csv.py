"""Build: one customer's CSV, written from the line items, read back and compared."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
from prefect import task
from prefect.context import TaskRunContext

from blocks.easybill.layout import COLUMNS, read_csv, write_csv
from tasks.billing.invoice import Invoice
from tasks.billing.money import Totals, line_net_cents
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.csv_rows import PriceBasis, csv_rows, line_money
from tasks.run.connections import Connections
from tasks.run.whole_file import write_whole


class CsvDiffers(Exception):
    """The file does not read back as the line items it was written from; it is not sent."""


def build_csv(invoice: Invoice, price_basis: PriceBasis, folder: Path) -> CsvFile:
    """Write `folder/<customer_number>.csv` whole or not at all.

    Raises CsvDiffers where the file, read back, does not hold the very same money.
    """
    rows = pl.DataFrame(
        [
            {column: row.get(column, "") for column in COLUMNS}
            for row in csv_rows(invoice, price_basis)
        ],
        schema=dict.fromkeys(COLUMNS, pl.String),
    )
    content = write_csv(rows)
    _compare(invoice, content, price_basis)
    path = folder / f"{invoice.file_stem}.csv"
    write_whole(path, content)
    return CsvFile.of(invoice, path, content)


def _compare(invoice: Invoice, content: bytes, price_basis: PriceBasis) -> None:
    """The way back: from the file's text alone to the same lines and the same totals."""
    rows = read_csv(content).to_dicts()
    found = [(row["sku"], row["title"], *line_money(row, price_basis)) for row in rows]
    expected = [
        (line.service_id, line.title, line.quantity, line.unit_price_net, line.vat_percent)
        for line in invoice.lines
    ]
    totals = Totals.of(
        (vat_percent, line_net_cents(quantity, net)) for _, _, quantity, net, vat_percent in found
    )
    if found != expected or totals != invoice.totals:
        number = invoice.customer.customer_number
        raise CsvDiffers(f"the CSV of customer {number}, {invoice.month}, reads back differently")


def _content_key(_: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Account, month, customer, content, layout and folder: what the file follows from."""
    connections: Connections = parameters["connections"]
    invoice: Invoice = parameters["invoice"]
    rows = csv_rows(invoice, connections.account.csv_price_basis)
    content = json.dumps([COLUMNS, str(parameters["folder"]), rows])
    return "-".join(
        (
            "csv",
            connections.account.account,
            str(invoice.month),
            invoice.file_stem,
            sha256(content.encode()).hexdigest(),
        )
    )


@task(
    name="build-csv",
    task_run_name="csv {invoice.customer.customer_number}",
    cache_key_fn=_content_key,
    persist_result=True,
)
def build_csv_task(connections: Connections, invoice: Invoice, folder: Path) -> CsvFile:
    """Build one customer's CSV, or take the one that was built of the same content."""
    return build_csv(invoice, connections.account.csv_price_basis, folder)
