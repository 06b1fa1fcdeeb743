"""A month of real size from the OMS to drafts, measured: `make bench`.

OMS and ledger lie in PostgreSQL databases that are made and dropped (BENCH_POSTGRES_URL names the
server); easybill is the sandbox without a request limit. Says the time and memory of a preview, of
the first run (whose files must be the preview's, byte for byte), of a second one that finds
everything done, and of the same work without Prefect.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.control import KEY, sums_of_the_drafts, sums_of_the_oms
from bench.real_month import ROOT, OrderBook, fill, order_book, write_easybill_customers
from demo.sandbox import sandbox
from tasks.billing.month import BillingMonth

MONTH = BillingMonth.parse(os.environ.get("BENCH_MONTH", "2026-10"))
WORK = ROOT / ".cache" / "bench"
POSTGRES = os.environ.get(
    "BENCH_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
COMMANDS = {
    "preview": ["-m", "flows.monthly_invoicing", "--month", str(MONTH), "--preview"],
    "with Prefect": ["-m", "flows.monthly_invoicing", "--month", str(MONTH)],
    "without Prefect": ["-m", "bench.plain", str(MONTH)],
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a command."""

    seconds: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, at most {self.peak_mib:.0f} MiB"


def main() -> int:
    """Measure, check every cent, and say so."""
    book = order_book(str(MONTH))
    lines = book.of_month(str(MONTH)).services.height
    _say(f"{MONTH} of the {book.origin}: {lines} lines")
    with _database("oms") as oms_url:
        fill(oms_url, book)
        first = _bench("with Prefect", oms_url, book)
        plain = _bench("without Prefect", oms_url, book)
    _say(f"Prefect's share of the first run: {1 - plain.seconds / first.seconds:.0%}")
    return 0


def _bench(way: str, oms_url: str, book: OrderBook) -> Measured:
    """Run the month twice, against an easybill and a ledger of its own."""
    work = WORK / way.replace(" ", "-")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    write_easybill_customers(book, work / "customers.json")
    with _database("ledger") as ledger_url, sandbox(work, 8901) as address:
        settings = {
            "OMS_DATABASE_URL": oms_url,
            "EASYBILL_API_KEY": KEY,
            "EASYBILL_BASE_URL": f"{address}/rest/v1",
            "EASYBILL_REQUESTS_PER_MINUTE": "1000000",
            "LEDGER_DATABASE_URL": ledger_url,
            "EXPORT_DIR": str(work / "exports"),
            "PREFECT_HOME": str(work / "prefect"),
        }
        if way == "with Prefect":
            _preview(settings, work, address)
        first = _measure(way, settings, work / "first.log")
        if way == "with Prefect":
            _compare_with_preview(work / "exports")
        sent = _requests(address)
        _say(f"{way}: {first}; {sum(sent.values())} requests {dict(sent)}")
        _check(oms_url, address)
        again = _measure(way, settings, work / "second.log")
        _say(f"{way}, again: {again}; requests {dict(_requests(address) - sent)}")
    return first


def _preview(settings: dict[str, str], work: Path, address: str) -> None:
    before = _requests(address)
    preview = _measure("preview", settings, work / "preview.log")
    sent = _requests(address) - before
    if writes := [route for route in sent if not route.startswith("GET ")]:
        raise SystemExit(f"the preview wrote to easybill: {writes}")
    _say(f"preview: {preview}; requests {dict(sent)}, not one write")


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


def _measure(way: str, settings: dict[str, str], log_file: Path) -> Measured:
    started = time.perf_counter()
    with log_file.open("w", encoding="utf-8") as log:
        command = [sys.executable, *COMMANDS[way]]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
    if (code := os.waitstatus_to_exitcode(status)) != 0:
        raise SystemExit(f"{way} ended with {code}: see {log_file}")
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024)


def _requests(address: str) -> Counter[str]:
    return Counter(httpx.get(f"{address}/_sandbox/counts", timeout=60).json()["by_route"])


@contextmanager
def _database(purpose: str) -> Iterator[str]:
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
