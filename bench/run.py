"""What a month costs beside the least that any script must do: `make bench`.

In one run, side by side: the floor script, the same work without Prefect, and the run with a
Prefect server of its own. OMS, ledger and Prefect lie in PostgreSQL databases that are made and
dropped (BENCH_POSTGRES_URL names the server); easybill is the sandbox, without a request limit but
where the limit is what is measured. Every cent is held against SQL. Writes docs/benchmarks.md.
"""

import argparse
import os
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.control import KEY, sums_of_the_drafts, sums_of_the_oms
from bench.measured import measured
from bench.real_month import ROOT, OrderBook, fill, generated, order_book, write_easybill_customers
from bench.tables import Way, written
from demo.sandbox import sandbox
from tasks.billing.month import BillingMonth
from tests.prefect_server import started_server

MONTH = BillingMonth.parse(os.environ.get("BENCH_MONTH", "2026-10"))
WORK = ROOT / ".cache" / "bench"
POSTGRES = os.environ.get(
    "BENCH_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
FLOOR = "floor script"
PLAIN = "run without Prefect"
PREFECT = "run with Prefect"
COMMANDS = {
    FLOOR: ["-m", "bench.floor", str(MONTH)],
    PLAIN: ["-m", "bench.plain", str(MONTH)],
    PREFECT: ["-m", "flows.monthly_invoicing", "--month", str(MONTH)],
}
NO_LIMIT = 1_000_000
LIMIT, CUSTOMERS_AT_LIMIT = 60, 60
LINES_EACH = 36


def main() -> int:
    """Measure, check every cent, and write it down."""
    parser = argparse.ArgumentParser(prog="python -m bench.run")
    parser.add_argument("--growth", nargs="*", type=int, default=[100, 1_000, 10_000])
    options = parser.parse_args()
    book = order_book(str(MONTH)).of_month(str(MONTH))
    _say(f"{MONTH} of the {book.origin}: {book.served} customers, {book.services.height} lines")
    loads = [os.getloadavg()[0]]
    ways = []
    for name in COMMANDS:
        ways.append(bench(name, book))
        loads.append(os.getloadavg()[0])
    limited = bench(PLAIN, _small_book(), limit=LIMIT)
    growth = {}
    for customers in options.growth:
        growth[customers] = bench(
            PLAIN, generated(str(MONTH), customers, customers * LINES_EACH)
        ).first
    file = ROOT / "docs" / "benchmarks.md"
    text = written(book, ways, (LIMIT, limited), growth, loads)
    file.write_text(text, encoding="utf-8")
    _say(f"written to {file}")
    return 0


def bench(name: str, book: OrderBook, limit: int = NO_LIMIT) -> Way:
    """Run the month twice (the floor script once), against an easybill and a ledger of its own."""
    work = WORK / name.replace(" ", "-")
    with ExitStack() as stack:
        settings, address = stack.enter_context(stage(book, work, limit))
        if name == PREFECT:
            prefect_url = stack.enter_context(_database("prefect"))
            home = work / "prefect"
            home.mkdir()
            server = stack.enter_context(started_server(home, prefect_url, {}))
            settings |= {"PREFECT_API_URL": server.api_url, "PREFECT_HOME": str(home)}
            _preview(settings, work, address)
        before = _requests(address)
        first = measured(COMMANDS[name], settings, work / "first.log")
        if name == PREFECT:
            _compare_with_preview(work / "exports")
        sent, again, second = _requests(address) - before, Counter[str](), None
        _say(f"{name}, {book.served} customers: {first}")
        if name != FLOOR:
            _check(settings["OMS_DATABASE_URL"], address)
            second = measured(COMMANDS[name], settings, work / "second.log")
            again = _requests(address) - before - sent
            _say(f"{name}, again: {second}; requests {dict(again)}")
    return Way(name, first, second, sent, again)


@contextmanager
def stage(
    book: OrderBook, work: Path, limit: int = NO_LIMIT
) -> Iterator[tuple[dict[str, str], str]]:
    """A run's settings, and the address of the easybill in them, while the block runs."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    write_easybill_customers(book, work / "customers.json")
    with ExitStack() as stack:
        oms_url, ledger_url = (stack.enter_context(_database(n)) for n in ("oms", "ledger"))
        fill(oms_url, book)
        address = stack.enter_context(sandbox(work, 8901))
        settings = {
            "OMS_DATABASE_URL": oms_url,
            "EASYBILL_API_KEY": KEY,
            "EASYBILL_BASE_URL": f"{address}/rest/v1",
            "EASYBILL_REQUESTS_PER_MINUTE": str(limit),
            "LEDGER_DATABASE_URL": ledger_url,
            "EXPORT_DIR": str(work / "exports"),
            # Ten thousand customers are more than any month is believed to have.
            "SENSE_MONTH_NET_EUR": "1000000000",
        }
        yield settings, address


def _small_book() -> OrderBook:
    return generated(str(MONTH), CUSTOMERS_AT_LIMIT, CUSTOMERS_AT_LIMIT * LINES_EACH)


def _preview(settings: Mapping[str, str], work: Path, address: str) -> None:
    measured([*COMMANDS[PREFECT], "--preview"], settings, work / "preview.log")
    if writes := [route for route in _requests(address) if not route.startswith("GET ")]:
        raise SystemExit(f"the preview wrote to easybill: {writes}")


def _compare_with_preview(exports: Path) -> None:
    previewed, real = _contents(exports / "preview" / str(MONTH)), _contents(exports / str(MONTH))
    if previewed != real:
        wrong = sorted(n for n in previewed | real if previewed.get(n) != real.get(n))
        raise SystemExit(f"{len(wrong)} files differ from the preview's: {wrong[:5]}")
    _say(f"{len(real)} CSVs, byte for byte what the preview built")


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.csv")}


def _check(oms_url: str, address: str) -> None:
    expected = sums_of_the_oms(oms_url, MONTH.first_day, MONTH.following().first_day)
    found = sums_of_the_drafts(f"{address}/rest/v1", str(MONTH))
    if expected != found:
        wrong = sorted(n for n in expected | found if expected.get(n) != found.get(n))
        raise SystemExit(f"{len(wrong)} customers differ from the OMS's own sums: {wrong[:5]}")
    _say(f"{len(found)} drafts, each with one file and, to the cent, what SQL says of the OMS")


def _requests(address: str) -> Counter[str]:
    return Counter(httpx.get(f"{address}/_sandbox/counts", timeout=60).json()["by_route"])


@contextmanager
def _database(purpose: str) -> Iterator[str]:
    """The URL of an empty database that is there while the block runs."""
    name = f"bench_{purpose}_{secrets.token_hex(4)}"
    engine = create_engine(POSTGRES, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
