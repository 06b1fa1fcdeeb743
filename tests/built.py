"""One invoice's CSV, built as a month's run builds it."""

from pathlib import Path

from blocks.easybill.layout import CUSTOM_CSV, Layout
from tasks.billing.invoice import Invoice
from tasks.easybill.build_csv import Wanted, draft_files
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.csv_rows import PriceBasis


def build_csv(
    invoice: Invoice, folder: Path, layout: Layout = CUSTOM_CSV, price_basis: PriceBasis = "gross"
) -> CsvFile:
    """Write the invoice's file into the folder; raises what `Drafted.build` does."""
    (drafted,) = draft_files([Wanted(invoice)], layout, price_basis)
    return drafted.build(folder)
