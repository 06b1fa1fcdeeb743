"""A month whose requests are hit by faults at random, run again until it is green.

`python -m tests.crash.faulted [--month 2026-10]` does so with a month of real size. The OMS and the
ledger lie in databases of their own on TEST_POSTGRES_URL; easybill is the sandbox.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import URL, make_url

from bench.control import KEY, sums_of_the_drafts, sums_of_the_oms
from bench.real_month import OrderBook, fill, order_book, write_easybill_customers
from blocks.easybill.errors import EasybillError
from tasks.billing.month import BillingMonth
from tasks.run.request import RunRequest
from tests.crash.driver import Place, connect
from tests.crash.place import a_database
from tests.crash.processes import Started
from tests.databases import POSTGRES_SERVER
from tests.easybill_sandbox import RunningSandbox, running_sandbox
from tests.plain_run import run_plainly

MOST_RUNS = 50
KINDS: tuple[Mapping[str, object], ...] = (
    {"kind": "status", "status": 500, "effect": "before"},
    {"kind": "status", "status": 502, "effect": "after"},
    {"kind": "status", "status": 409, "body": "{}"},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "close_before"},
    {"kind": "close_after"},
    {"kind": "garbage", "effect": "after"},
    {"kind": "slow_after"},
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the customers that it left, or why it broke off; the month's log after it."""

    left: tuple[str, ...]
    broke_off: str | None
    calls: Mapping[str, int]

    @property
    def is_green(self) -> bool:
        return not self.left and self.broke_off is None


@dataclass(frozen=True, slots=True)
class Tally:
    """What it took until the month was green."""

    runs: tuple[Run, ...]
    requests: int
    seconds: float

    @property
    def faults(self) -> int:
        """How many requests did not end well, as the ledger's log has it."""
        return sum(n for outcome, n in self.runs[-1].calls.items() if outcome != "success")


def run_once(place: Place, month: str) -> Run:
    """Invoice the month in this process, without the retries of a scheduler between steps."""
    logging.getLogger("invoicing").setLevel(logging.CRITICAL)
    connections = connect(place)
    billing_month = BillingMonth.parse(month)
    left: tuple[str, ...] = ()
    broke_off = None
    try:
        connections.client_for(billing_month, None).list_logins()
        report = run_plainly(connections, RunRequest(billing_month))
        left = tuple(report.not_invoiced)
    except EasybillError as error:
        broke_off = str(error)
    calls = Counter(call.outcome for call in connections.ledger.calls(month))
    return Run(left, broke_off, dict(calls))


def run_until_green(
    place: Place, month: str, easybill: RunningSandbox, share: float, seed: int
) -> Tally:
    """Plant faults that hit this share of the requests, and run in ever new processes."""
    for number, fault in enumerate(KINDS):
        more = {"seconds": place.attempt_seconds} if fault["kind"] == "slow_after" else {}
        drawn = {"share": share / len(KINDS), "seed": seed * len(KINDS) + number}
        easybill.plant_fault(**{**fault, **more, **drawn})  # type: ignore[arg-type]
    easybill.forget_requests()
    begun = time.perf_counter()
    runs: list[Run] = []
    while not runs or not runs[-1].is_green:
        assert len(runs) < MOST_RUNS, f"red after {MOST_RUNS} runs: {runs[-1]}"
        runs.append(Started(run_once, place, month).ended().answered())
    seconds = time.perf_counter() - begun
    # The sandbox counts a slow request when it has answered it, which may be after the run.
    time.sleep(place.attempt_seconds)
    easybill.remove_faults()
    return Tally(tuple(runs), sum(easybill.counts().values()), seconds)


def faulted_month(
    book: OrderBook, month: str, server: URL, folder: Path, share: float, seed: int
) -> Tally:
    """Fill a world, run until green, and assert that every cent, file and request is right."""
    with ExitStack() as stack:
        easybill = stack.enter_context(running_sandbox(api_key=KEY))
        oms, ledger = (
            server.set(database=stack.enter_context(a_database(server))).render_as_string(
                hide_password=False
            )
            for _ in ("oms", "ledger")
        )
        fill(oms, book)
        write_easybill_customers(book, folder / "customers.json")
        easybill.add_customers(json.loads((folder / "customers.json").read_bytes()))
        place = Place(folder, oms, ledger, easybill.base_url, KEY)
        # What is slow is given up soon, to save time.
        place = replace(place, attempt_seconds=4.5 if len(book.customers) > 100 else 1.8)
        tally = run_until_green(place, month, easybill, share, seed)
        billing_month = BillingMonth.parse(month)
        assert sums_of_the_drafts(easybill.base_url, month) == sums_of_the_oms(
            oms, billing_month.first_day, billing_month.following().first_day
        )
        hanging = Counter(each["document_id"] for each in easybill.attachments())
        assert None not in hanging, f"{hanging[None]} files are linked to nothing"
        assert set(hanging.values()) == {1}
        assert sum(tally.runs[-1].calls.values()) == tally.requests
        return tally


def main() -> int:
    """Say what faults cost a month of real size."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.faulted")
    parser.add_argument("--month", default="2026-10", metavar="YYYY-MM")
    parser.add_argument("--share", type=float, default=0.05, help="of the requests (0.05)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = make_url(os.environ.get("TEST_POSTGRES_URL", POSTGRES_SERVER))
    book = order_book(options.month).of_month(options.month)
    for share in (0.0, options.share):
        with tempfile.TemporaryDirectory() as folder:
            tally = faulted_month(book, options.month, server, Path(folder), share, options.seed)
        left = [run.broke_off or f"{len(run.left)} customers left" for run in tally.runs]
        sys.stdout.write(
            f"{share:.0%} of the requests faulted: {len(tally.runs)} runs, {tally.requests}"
            f" requests, {tally.faults} of them faulted, {tally.seconds:.1f} s; every cent right\n"
        )
        sys.stdout.writelines(f"  run {n}: {told}\n" for n, told in enumerate(left, start=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
