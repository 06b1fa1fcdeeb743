"""What was sent, line by line: the CSV on the disk, and the OMS's rows behind it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, Inexact
from pathlib import Path
from typing import Literal, Self, get_args

import polars as pl

from blocks.easybill.layout import Layout, Lines
from blocks.ledger.ledger import BilledLine, Export
from tasks.billing.line_item import LineItem, Service, line_items
from tasks.billing.money import line_net_cents
from tasks.easybill.csv_file import read_intact
from tasks.easybill.csv_rows import PriceBasis, money_of, title_of
from tasks.load.billed_line import billed_line

FileState = Literal["intact", "missing", "changed"]


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line as it was billed; prices in currency units."""

    line: BilledLine
    title: str
    quantity: Decimal
    unit_price_net: Decimal
    vat_percent: Decimal

    @classmethod
    def of(cls, item: LineItem) -> Self:
        """The line as it is billed today."""
        price = item.unit_price_net
        return cls(billed_line(item), item.title, item.quantity, price, item.vat_percent)

    @property
    def net_cents(self) -> int:
        """The line's net in cents, rounded."""
        return line_net_cents(self.quantity, self.unit_price_net)


@dataclass(frozen=True, slots=True)
class OmsLine:
    """A line that a service of the OMS comes to today."""

    item: LineItem
    order_number: str | None


def file_state(export: Export) -> FileState:
    """Whether the disk still holds the CSV that was sent."""
    if not Path(export.csv_path or "").is_file():
        return "missing"
    is_intact = read_intact(export.csv_path or "", export.csv_sha256 or "") is not None
    return "intact" if is_intact else "changed"


def sent_lines(export: Export, layout: Layout) -> tuple[SentLine, ...]:
    """The rows of the CSV that was sent, in their order; none where the disk has it no more.

    `layout` is that of its file; none where that does not name services. The draft's positions
    are in the same order.
    """
    content = read_intact(export.csv_path or "", export.csv_sha256 or "")
    if content is None or not layout.names_lines:
        return ()
    read = layout.read(content)
    # The basis that the file was written in is the one that yields the ledger's net.
    for basis in get_args(PriceBasis):
        with suppress(Inexact):
            lines = tuple(_sent_lines(read, basis))
            if sum(line.net_cents for line in lines) == export.net_cents:
                return lines
    return ()


def oms_lines(services: pl.DataFrame, cancellation_fee_label: str) -> dict[BilledLine, OmsLine]:
    """The lines that rows of `invoicing_services` come to."""
    return {
        billed_line(item): OmsLine(item, row["order_number"])
        for row in services.to_dicts()
        for item in line_items(Service(**row), cancellation_fee_label)
    }


def _sent_lines(lines: Lines, basis: PriceBasis) -> Iterator[SentLine]:
    for place, money in enumerate(money_of(lines, basis)):
        line = BilledLine(lines["service_id"][place], lines["kind"][place])
        yield SentLine(line, title_of(lines, place), *money)
