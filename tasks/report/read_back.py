"""Read back: what the CSVs on the disk come to, from their text alone."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import get_args

from blocks.easybill.layout import Layout, LayoutError, Lines
from blocks.easybill.layout_vocabulary import PRICES
from blocks.ledger.ledger import Export
from tasks.billing.money import Totals, line_net_cents, nearest_net_unit_price
from tasks.easybill.csv_file import CsvUnreadable
from tasks.easybill.csv_rows import PriceBasis, money_of
from tasks.easybill.layouts import layout_kept, layout_named_by
from tasks.report.place_lines import PlacedDraft
from tasks.report.reconcile import Amounts, ReadBack
from tasks.run.connections import Connections

FILES_AT_A_TIME = 100


def read_back(connections: Connections, drafts: Collection[PlacedDraft]) -> ReadBack:
    """Read the files of all drafts, some hundred of one layout as one frame; the amounts of each.

    Prices are read at the account's basis. A file that was written before that setting was changed
    is known by its coming to what is expected at the other basis. What is answered raises
    CsvUnreadable.
    """
    found: dict[str, Lines | CsvUnreadable] = {}
    layouts = {draft.csv_path: _layout_of(connections, draft) for draft in drafts}
    for sha256 in dict.fromkeys(layouts.values()):
        paths = [path for path, its in layouts.items() if its == sha256]
        for start in range(0, len(paths), FILES_AT_A_TIME):
            some = paths[start : start + FILES_AT_A_TIME]
            found |= _read_all(layout_kept(connections, sha256), some)
    basis = connections.account.csv_price_basis

    def amounts_of(path: str, expected: Amounts) -> Amounts:
        lines = found[path]
        if isinstance(lines, CsvUnreadable):
            raise lines
        return _nearest(lines, basis, expected)

    return amounts_of


def _read_all(layout: Layout, paths: Iterable[str]) -> dict[str, Lines | CsvUnreadable]:
    found: dict[str, Lines | CsvUnreadable] = {}
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            contents[path] = Path(path).read_bytes()
        except FileNotFoundError:
            found[path] = CsvUnreadable(f"the file {path} is missing")
        except OSError as error:
            found[path] = _unreadable(path, error)
    for path, lines in zip(contents, layout.read_all(list(contents.values())), strict=True):
        found[path] = _unreadable(path, lines) if isinstance(lines, LayoutError) else _money(lines)
    return found


def _money(lines: Lines) -> Lines:
    """The fields that amounts follow from; a month's texts would take a lot of memory."""
    return {name: lines[name] for name in ("quantity", *PRICES, "vat_percent") if name in lines}


def in_other_layouts(
    connections: Connections, drafts: Iterable[PlacedDraft]
) -> Iterator[PlacedDraft]:
    """Those whose files were written in another layout than the one that is set."""
    current = connections.account.layout.sha256
    return (draft for draft in drafts if _layout_of(connections, draft) != current)


def _layout_of(connections: Connections, draft: PlacedDraft) -> str:
    if isinstance(draft.sent, Export):
        return layout_named_by(connections, draft.sent)
    return draft.sent.layout_sha256


def _unreadable(path: str, error: Exception) -> CsvUnreadable:
    return CsvUnreadable(f"the file {path} cannot be read: {error}")


def _nearest(lines: Lines, price_basis: PriceBasis, expected: Amounts) -> Amounts:
    found = _amounts(lines, price_basis)
    others = (basis for basis in get_args(PriceBasis) if basis != price_basis)
    if found != expected and any(_amounts(lines, basis) == expected for basis in others):
        return expected
    return found


def _amounts(lines: Lines, price_basis: PriceBasis) -> Amounts:
    money = money_of(lines, price_basis, net_of=nearest_net_unit_price)
    totals = Totals.of((vat, line_net_cents(quantity, net)) for quantity, net, vat in money)
    return Amounts(totals.net_cents, totals.gross_cents)
