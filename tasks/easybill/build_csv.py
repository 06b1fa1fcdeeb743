"""Build: one customer's CSV, written from the line items, read back and compared."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from blocks.easybill.layout import Layout
from tasks.billing.invoice import Invoice
from tasks.billing.money import Totals, line_net_cents
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.csv_rows import PriceBasis, csv_rows, line_money
from tasks.run.executor import Keyed
from tasks.run.month_run import MonthRun
from tasks.run.steps import BUILD
from tasks.run.whole_file import write_whole


class CsvDiffers(Exception):
    """The file does not read back as the line items it was written from; it is not sent."""


def build_csv(invoice: Invoice, layout: Layout, price_basis: PriceBasis, folder: Path) -> CsvFile:
    """Write `folder/<customer_number>.csv` whole or not at all.

    Raises CsvDiffers where the file, read back, does not hold the very same money.
    """
    content = layout.write(csv_rows(invoice, price_basis))
    _compare(invoice, layout.read(content), price_basis)
    path = folder / f"{invoice.file_stem}.csv"
    write_whole(path, content)
    return CsvFile.of(invoice, path, content)


def _compare(invoice: Invoice, rows: Iterable[Mapping[str, str]], price_basis: PriceBasis) -> None:
    """The way back: from the file's text alone to the same lines and the same totals."""
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


def build_files(run: MonthRun, invoices: Sequence[Invoice]) -> list[CsvFile | Exception]:
    """Build each invoice's CSV, or take the one that was built of the same content.

    One that the cache knows but the disk has no more, or not as it was built, is built again.
    """
    account = run.connections.account

    def build(invoice: Invoice) -> CsvFile:
        return build_csv(invoice, account.layout, account.csv_price_basis, run.folder)

    keyed = [Keyed(i.file_stem, _build_digest(run, i), i) for i in invoices]
    files = run.executor.map(BUILD, build, keyed)
    spoilt = [
        place
        for place, file in enumerate(files)
        if isinstance(file, CsvFile) and not file.is_intact()
    ]
    again = run.executor.map(BUILD, build, [keyed[place] for place in spoilt], refresh=True)
    for place, file in zip(spoilt, again, strict=True):
        files[place] = file
    return files


def _build_digest(run: MonthRun, invoice: Invoice) -> str:
    """The digest of what the file follows from: account, month, content, layout and folder."""
    account = run.connections.account
    follows_from = [
        account.account,
        str(invoice.month),
        account.layout.columns,
        str(run.folder),
        csv_rows(invoice, account.csv_price_basis),
    ]
    return sha256(json.dumps(follows_from).encode()).hexdigest()
