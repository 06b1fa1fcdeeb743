"""Read back: what a CSV on the disk comes to, from its text alone."""

from pathlib import Path
from typing import get_args

from blocks.easybill.layout import LayoutError
from tasks.billing.money import Totals, line_net_cents, nearest_net_unit_price
from tasks.easybill.csv_file import CsvUnreadable
from tasks.easybill.csv_rows import PriceBasis, line_money
from tasks.report.reconcile import Amounts
from tasks.run.connections import Connections


def read_back(connections: Connections, path: str, expected: Amounts) -> Amounts:
    """Net and gross of the file, its prices read at the account's basis.

    A file that was written before that setting was changed is known by its coming to what is
    expected at the other basis. Raises CsvUnreadable.
    """
    price_basis = connections.account.csv_price_basis
    try:
        rows = connections.account.layout.read(Path(path).read_bytes())
    except FileNotFoundError:
        raise CsvUnreadable(f"the file {path} is missing") from None
    except (OSError, LayoutError) as error:
        raise CsvUnreadable(f"the file {path} cannot be read: {error}") from error
    found = _amounts(rows, price_basis)
    others = (basis for basis in get_args(PriceBasis) if basis != price_basis)
    if found != expected and any(_amounts(rows, basis) == expected for basis in others):
        return expected
    return found


def _amounts(rows: list[dict[str, str]], price_basis: PriceBasis) -> Amounts:
    money = [line_money(row, price_basis, net_of=nearest_net_unit_price) for row in rows]
    totals = Totals.of((vat, line_net_cents(quantity, net)) for quantity, net, vat in money)
    return Amounts(totals.net_cents, totals.gross_cents)
