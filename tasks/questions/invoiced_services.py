"""Which services are in which invoice, and whether it is paid: a file for the OMS."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from blocks.ledger.ledger import Ledger
from tasks.run.whole_file import write_whole


def write_services(ledger: Ledger, month: str, path: Path) -> int:
    """Write the month's rows of the view `invoiced_services` as CSV; how many there are.

    UTF-8, comma, a first row of names; amounts in cents, moments in UTC. Raises FileNotWritten.
    """
    names, rows = ledger.invoiced_services(month)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(map(_texts, rows))
    write_whole(path, text.getvalue().encode())
    return len(rows)


def _texts(row: Sequence[object]) -> list[str]:
    return ["" if value is None else str(value) for value in row]
