"""A month whose ledger is deleted after its drafts were made, and made anew from easybill.

`python -m tests.crash.rebuilt [--month 2026-10]` does so with a month of real size: every seventh
draft is finalised before services come late, so that some customers have a second draft.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from bench.control import KEY
from bench.real_month import OrderBook, fill, order_book, write_easybill_customers
from blocks.ledger.ledger import BilledLine, Ledger
from flows.rebuild_month import rebuild
from tasks.billing.month import BillingMonth
from tasks.run.month_run import hold_month
from tasks.run.request import RunRequest
from tests.crash.driver import Place, connect
from tests.easybill_sandbox import RunningSandbox, running_sandbox
from tests.plain_run import PlainExecutor, run_plainly

LATE_EACH, FINALISED_EACH = 40, 7


@dataclass(frozen=True, slots=True)
class Figures:
    """What the month had, and what it took to make its ledger anew."""

    documents: int
    second_drafts: int
    lines: int
    requests: Mapping[str, int]
    seconds: float
    writes_after: int


def holders(ledger: Ledger, month: str) -> dict[BilledLine, tuple[str, int]]:
    """Customer number and sequence of the export that holds each line."""
    return {
        line: (claim.export.customer_number, claim.export.sequence)
        for line, claim in ledger.claims_of(month).items()
    }


def bill(place: Place, month: BillingMonth) -> None:
    """Invoice the month; everybody is done."""
    report = run_plainly(connect(place), RunRequest(month))
    assert report.is_complete, report.headline()


def two_deliveries(book: OrderBook, place: Place, easybill: RunningSandbox, month: str) -> None:
    """Bill, finalise some drafts, and bill again what came late."""
    billing_month = BillingMonth.parse(month)
    numbered = book.services.with_row_index("place")
    is_late = pl.col("place") % LATE_EACH == 0
    soon = numbered.filter(~is_late).drop("place")
    fill(place.oms_url, OrderBook(book.origin, book.customers, soon))
    bill(place, billing_month)
    for draft in easybill.drafts()[::FINALISED_EACH]:
        easybill.finalise(draft["id"])
    fill(place.oms_url, book)
    bill(place, billing_month)


def rebuilt_month(book: OrderBook, month: str, folder: Path) -> Figures:
    """Bill a month, lose its ledger, make it anew; assert that each line is where it was."""
    billing_month = BillingMonth.parse(month)
    with running_sandbox(api_key=KEY) as easybill:
        write_easybill_customers(book, folder / "customers.json")
        easybill.add_customers(json.loads((folder / "customers.json").read_bytes()))
        oms, ledger = f"sqlite:///{folder / 'oms.db'}", f"sqlite:///{folder / 'ledger.db'}"
        place = Place(folder, oms, ledger, easybill.base_url, KEY)
        two_deliveries(book, place, easybill, month)
        before = holders(connect(place).ledger, month)
        anew = replace(place, ledger_url=f"sqlite:///{folder / 'anew.db'}")
        easybill.forget_requests()
        begun = time.perf_counter()
        with hold_month(connect(anew), RunRequest(billing_month), PlainExecutor()) as run:
            done = rebuild(run)
        seconds = time.perf_counter() - begun
        assert done.is_complete, done.headline()
        requests = dict(easybill.counts())
        assert holders(connect(anew).ledger, month) == before
        easybill.forget_requests()
        bill(anew, billing_month)
        return Figures(
            documents=done.taken_in_count,
            second_drafts=Counter(sequence for _, sequence in set(before.values()))[2],
            lines=len(before),
            requests=requests,
            seconds=seconds,
            writes_after=easybill.writes(),
        )


def main() -> int:
    """Say what it takes to make the ledger of a month of real size anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.rebuilt")
    parser.add_argument("--month", default="2026-10", metavar="YYYY-MM")
    month = parser.parse_args().month
    book = order_book(month).of_month(month)
    with tempfile.TemporaryDirectory() as folder:
        figures = rebuilt_month(book, month, Path(folder))
    sys.stdout.write(
        f"{figures.documents} documents, {figures.second_drafts} of them second drafts, and"
        f" {figures.lines} lines taken in with {sum(figures.requests.values())} requests in"
        f" {figures.seconds:.1f} s; {figures.writes_after} writes by the run after it\n"
    )
    for request, count in sorted(figures.requests.items()):
        sys.stdout.write(f"  {count:6} {request}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
