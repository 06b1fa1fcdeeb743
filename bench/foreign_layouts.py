"""A month of real size in the layouts of other programs: `python -m bench.foreign_layouts`.

For each template of tests/golden/templates the month is invoiced wholly, without Prefect, against
an easybill sandbox over HTTP. Every file is read back by Python's csv module alone, and held
against SQL and easybill, customer by customer, to the cent. Needs PostgreSQL, as bench/run.py does.
"""

import csv
import io
import json
import sys
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from bench.control import sums_of_the_drafts, sums_of_the_oms
from bench.measured import measured
from bench.real_month import ROOT, order_book
from bench.run import COMMANDS, MONTH, PLAIN, stage
from blocks.easybill.layout import Layout, layout_of
from tests.foreign_layouts import FILLED_IN, adopted

WORK = ROOT / ".cache" / "bench" / "foreign-layouts"
CENT = Decimal("0.01")


def main() -> int:
    """Prove each layout, or end with what differs."""
    for template in FILLED_IN:
        sys.stdout.write(f"{template}: {proved(template)}\n")
        sys.stdout.flush()
    return 0


def proved(template: str) -> str:
    """What the month came to in this layout; SystemExit where a cent differs."""
    work = WORK / template
    book = order_book(str(MONTH)).of_month(str(MONTH))
    with stage(book, work) as (settings, address):
        layout_file = work / "layout.toml"
        layout_file.write_text(adopted(template), encoding="utf-8")
        settings["EASYBILL_CSV_LAYOUT"] = str(layout_file)
        # Customers whose texts the layout cannot hold make it end with 1.
        run = measured(COMMANDS[PLAIN], settings, work / "run.log", codes=(0, 1))
        oms_url = settings["OMS_DATABASE_URL"]
        ours = sums_of_the_oms(oms_url, MONTH.first_day, MONTH.following().first_day)
        theirs = sums_of_the_drafts(f"{address}/rest/v1", str(MONTH))
    folder = work / "exports" / str(MONTH)
    layout = layout_of(layout_file.read_text(encoding="utf-8"))
    read = {file.stem: sums_of_the_file(file, layout) for file in sorted(folder.glob("*.csv"))}
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    stopped = {row["customer_number"] for row in report["failures"]}
    if not read == theirs == {number: ours[number] for number in ours.keys() - stopped}:
        wrong = sorted(n for n in ours | read if len({s.get(n) for s in (ours, read, theirs)}) > 1)
        raise SystemExit(f"{template}: {len(wrong)} customers differ: {wrong[:5]}")
    if not report["reconciliation"]["agrees"]:
        raise SystemExit(f"{template}: the report does not agree: see {folder / 'report.html'}")
    why = Counter(issue["code"] for row in report["failures"] for issue in row["issues"])
    who = ", ".join(f"{count} customers stopped by {code}" for code, count in why.items())
    return (
        f"{len(read)} files of {report['totals']['line_count']} lines,"
        f" net {report['totals']['net_cents'] / 100:,.2f}: files, SQL, easybill and the report"
        f" agree to the cent; {who or 'nobody is stopped'}; {run.wall_s:.0f} s"
    )


def sums_of_the_file(file: Path, layout: Layout) -> tuple[int, int]:
    """Net and gross cents of a file, by nothing but its columns' places and its decimal sign."""
    form = layout.form
    text = file.read_bytes().decode(form.encoding).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=form.separator, strict=True))
    held = [column.holds for column in layout.columns]
    price = next(field for field in held if field and field.startswith("unit_price"))
    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
    for row in rows[1:] if form.header else rows:
        quantity, amount, rate = (
            Decimal(row[held.index(field)].replace(form.decimal, "."))
            for field in ("quantity", price, "vat_percent")
        )
        net = amount if price == "unit_price_net" else amount * 100 / (100 + rate)
        by_rate[rate] += _rounded(quantity * net)
    net_sum = sum(by_rate.values(), Decimal())
    vat = sum((_rounded(net * rate / 100) for rate, net in by_rate.items()), Decimal())
    return int(net_sum * 100), int((net_sum + vat) * 100)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


if __name__ == "__main__":
    sys.exit(main())
