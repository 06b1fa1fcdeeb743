"""Build: the customers' CSVs, validated together, each read back and compared by itself."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from blocks.easybill.layout import Layout, LayoutError, Lines
from blocks.ledger.ledger import Export
from tasks.billing.invoice import Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.easybill.billed_content import bills
from tasks.easybill.csv_file import CsvFile, key_of
from tasks.easybill.csv_rows import PriceBasis, csv_lines, money_of
from tasks.easybill.draft_status import issue_about
from tasks.easybill.layouts import layout_of_export
from tasks.run.executor import Keyed
from tasks.run.failures import CustomerFailure
from tasks.run.month_run import MonthRun
from tasks.run.steps import BUILD
from tasks.run.whole_file import write_whole

# Their texts are in memory several times over until they are written.
FILES_AT_A_TIME = 250


class CsvDiffers(Exception):
    """The file does not read back as the line items it was written from; it is not sent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invoice's file to build, in the layout of its export; without one in the account's.

    `as_sent`: it has to be the very file that the export sent.
    """

    invoice: Invoice
    export: Export | None = None
    as_sent: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """One invoice's file before it is on the disk: its content, or why its layout has none."""

    wanted: Wanted
    lines: Lines
    layout: Layout
    price_basis: PriceBasis
    content: bytes | LayoutError

    @property
    def invoice(self) -> Invoice:
        """What the file bills."""
        return self.wanted.invoice

    def build(self, folder: Path) -> CsvFile:
        """Write `folder/<customer_number>.csv` whole or not at all.

        Raises CustomerFailure where the layout cannot hold it, or it is not the one that was sent,
        and CsvDiffers where the file, read back, is not the very same lines and money.
        """
        if isinstance(self.content, LayoutError):
            raise CustomerFailure(self._not_in_layout(self.content)) from self.content
        self._compare(self.layout.parse(self.content))
        path = folder / f"{self.invoice.file_stem}.csv"
        file = CsvFile.of(self.invoice, path, self.content, self.layout.sha256)
        sent = self.wanted.export if self.wanted.as_sent else None
        if sent is not None and sent.csv_sha256 not in (None, file.sha256):
            raise CustomerFailure(issue_about(sent, IssueCode.FILE_NOT_AS_SENT, path=str(path)))
        write_whole(path, self.content)
        return file

    def _compare(self, found: Lines) -> None:
        """The way back: from the file's text alone to the same lines, and so to the same totals."""
        invoice = self.invoice
        texts = all(list(found[name]) == self.lines[name] for name in self.layout.fields)
        lines = [(line.quantity, line.unit_price_net, line.vat_percent) for line in invoice.lines]
        if not texts or list(money_of(found, self.price_basis)) != lines:
            whose = f"customer {invoice.customer.customer_number}, {invoice.month}"
            raise CsvDiffers(f"the CSV of {whose}, reads back differently")

    def _not_in_layout(self, error: LayoutError) -> Issue:
        facts = {"column": error.column, "value": error.found, "expected": error.expected}
        number, month = self.invoice.customer.customer_number, str(self.invoice.month)
        code = IssueCode.NOT_IN_LAYOUT
        return Issue(code, number, month, facts={"row": str(error.row), **facts})


def draft_files(wanted: Sequence[Wanted], layout: Layout, price_basis: PriceBasis) -> list[Drafted]:
    """The content of each file, validated as one frame of all rows."""
    lines = [csv_lines(each.invoice, price_basis) for each in wanted]
    contents = layout.write_all(lines)
    return [
        Drafted(each, its_lines, layout, price_basis, content)
        for each, its_lines, content in zip(wanted, lines, contents, strict=True)
    ]


def rebuild_files(
    run: MonthRun, invoices: Sequence[Invoice], exports: Iterable[Export]
) -> list[CsvFile | Exception]:
    """Build the CSVs of delivered invoices again, each only if it is the one that was sent."""
    known = {(export.customer_number, export.sequence): export for export in exports}
    return _build(
        run, [Wanted(invoice, known.get(key_of(invoice)), as_sent=True) for invoice in invoices]
    )


def build_files(
    run: MonthRun, invoices: Sequence[Invoice], exports: Iterable[Export] = ()
) -> list[CsvFile | Exception]:
    """Build each invoice's CSV, or take the one that was built of the same content.

    One that the cache knows but the disk has no more, or not as it was built, is built again. What
    a draft bills already keeps the layout that its export was written in.
    """
    drafted = {
        (export.customer_number, export.sequence): export
        for export in exports
        if export.document_id is not None
    }
    found = [(invoice, drafted.get(key_of(invoice))) for invoice in invoices]
    return _build(
        run,
        [
            Wanted(invoice, export if export is not None and bills(export, invoice) else None)
            for invoice, export in found
        ],
    )


def _build(run: MonthRun, wanted: Sequence[Wanted]) -> list[CsvFile | Exception]:
    """The files in the order in which they are wanted, some hundred at a time to save memory."""
    files: list[CsvFile | Exception] = []
    for start in range(0, len(wanted), FILES_AT_A_TIME):
        files += _build_some(run, wanted[start : start + FILES_AT_A_TIME])
    return files


def _build_some(run: MonthRun, wanted: Sequence[Wanted]) -> list[CsvFile | Exception]:
    keyed = [
        Keyed(each.invoice.file_stem, _build_digest(run, each), each)
        for each in _drafted(run, wanted)
    ]

    def build(each: Drafted) -> CsvFile:
        return each.build(run.folder)

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


def _drafted(run: MonthRun, wanted: Sequence[Wanted]) -> list[Drafted]:
    """The files in the order wanted; those of one layout are validated together."""
    connections = run.connections
    layouts = [
        connections.account.layout
        if each.export is None
        else layout_of_export(connections, each.export)
        for each in wanted
    ]
    drafted: dict[int, Drafted] = {}
    for layout in {layout.sha256: layout for layout in layouts}.values():
        places = [place for place, its in enumerate(layouts) if its.sha256 == layout.sha256]
        files = draft_files(
            [wanted[place] for place in places], layout, connections.account.csv_price_basis
        )
        drafted |= zip(places, files, strict=True)
    return [drafted[place] for place in range(len(wanted))]


def _build_digest(run: MonthRun, drafted: Drafted) -> str:
    """The digest of what the file follows from: account, month, content, layout and folder."""
    content = drafted.content
    follows_from = [
        run.connections.account.account,
        str(drafted.invoice.month),
        drafted.layout.sha256,
        str(run.folder),
        str(content) if isinstance(content, LayoutError) else sha256(content).hexdigest(),
    ]
    return sha256(json.dumps(follows_from).encode()).hexdigest()
