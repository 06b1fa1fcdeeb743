"""Accounts side by side on Prefect workers: `python -m bench.accounts [--accounts 4]`.

A Prefect server on PostgreSQL, one ledger database, an easybill sandbox and a worker per account.
One account's month runs alone, then all at once. Prints how long each took, how many requests the
fullest minute had, and what a customer costs Prefect and the databases. docs/accounts.md has the
numbers.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.control import KEY
from bench.real_month import ROOT, fill, generated, write_easybill_customers
from bench.run import _database
from demo.sandbox import sandbox
from tests.crash.at_once import most_in_any
from tests.prefect_server import WORKER, PrefectServer, running, started_server

ALONE, TOGETHER = "2026-09", "2026-10"
LINES_EACH = 36
MONTHLY = "monthly-invoicing/monthly-invoicing"
KEPT_BY_PREFECT = ("task_run", "events", "log", "artifact")
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
Counts = dict[str, int]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.accounts")
    parser.add_argument("--accounts", type=int, default=4)
    parser.add_argument("--customers", type=int, default=20)
    parser.add_argument("--limit", type=int, default=60)
    options = parser.parse_args()
    names = [f"account-{place}" for place in range(options.accounts)]
    work = ROOT / ".cache" / "bench" / f"accounts-{os.getpid()}"
    with ExitStack() as stack:
        ledger, prefect = (stack.enter_context(_database(n)) for n in ("ledger", "prefect"))
        (work / "prefect").mkdir(parents=True)
        server = stack.enter_context(started_server(work / "prefect", prefect, {}))
        easybills = {}
        for name in names:
            folder = work / name
            folder.mkdir()
            easybills[name] = _register(stack, server, name, folder, ledger, options)
        server.run(["prefect", "work-pool", "create", "invoicing", "--type", "process"])
        server.run(["prefect", "--no-prompt", "deploy", "--all"])
        for name in names:
            command = [*WORKER, "--limit", "1", "--name", name]
            log = work / name / "worker.log"
            stack.enter_context(running(command, server.environment(), log))
        before = _counts(ledger, prefect)
        alone_s = _run(server, ledger, ALONE, names[:1])
        _say_costs("alone", _less(_counts(ledger, prefect), before), alone_s, options.customers)
        before = _counts(ledger, prefect)
        all_s = _run(server, ledger, TOGETHER, names)
        customers = options.customers * len(names)
        _say_costs("together", _less(_counts(ledger, prefect), before), all_s, customers)
        _say(f"{len(names)} accounts took {all_s / alone_s:.2f} of the time of one")
        for name, address in easybills.items():
            drafts = httpx.get(f"{address}/_sandbox/drafts", timeout=60).json()
            moments = _arrivals(address)
            _say(
                f"{name}: {len(drafts)} drafts, {len(moments)} requests,"
                f" at most {most_in_any(60, moments)} in 60 s"
            )
    return 0


def _register(
    stack: ExitStack,
    server: PrefectServer,
    name: str,
    folder: Path,
    ledger: str,
    options: argparse.Namespace,
) -> str:
    """An account with an OMS, an easybill and blocks of its own; its easybill's address."""
    book = generated(TOGETHER, options.customers, options.customers * LINES_EACH)
    before = generated(ALONE, options.customers, options.customers * LINES_EACH)
    oms = f"sqlite:///{folder / 'oms.db'}"
    both = before.services.with_columns(service_id="A" + before.services["service_id"])
    fill(oms, type(book)(book.origin, book.customers, book.services.vstack(both)))
    write_easybill_customers(book, folder / "customers.json")
    address = stack.enter_context(sandbox(folder, 8911))
    httpx.put(f"{address}/_sandbox/requests", json={"keep": 100_000}).raise_for_status()
    settings = {
        "OMS_DATABASE_URL": oms,
        "EASYBILL_API_KEY": KEY,
        "EASYBILL_BASE_URL": f"{address}/rest/v1",
        "EASYBILL_REQUESTS_PER_MINUTE": str(options.limit),
        "LEDGER_DATABASE_URL": ledger,
        "EXPORT_DIR": str(folder.parent / "exports"),
        "SENSE_MONTH_CHANGE_PERCENT": "1000",
    }
    server.run(["blocks.register", "--account", name], settings)
    return address


def _run(server: PrefectServer, ledger: str, month: str, names: Sequence[str]) -> float:
    """Run the accounts' months; seconds from the first start to the last end."""
    identity = server.call("GET", f"/deployments/name/{MONTHLY}")["id"]
    create = f"/deployments/{identity}/create_flow_run"
    parameters = [{"month": month, "account": name} for name in names]
    runs = [server.call("POST", create, {"parameters": asked})["id"] for asked in parameters]
    most = 0
    ended = _all(server, runs)
    while any(run["state_type"] not in FINAL for run in ended):
        most = max(most, _connections(ledger))
        time.sleep(1)
        ended = _all(server, runs)
    if wrong := [run["state"]["message"] for run in ended if run["state_type"] != "COMPLETED"]:
        raise SystemExit(f"not completed: {wrong}")
    began = min(datetime.fromisoformat(run["start_time"]) for run in ended)
    end = max(datetime.fromisoformat(run["end_time"]) for run in ended)
    _say(f"{month}: {len(names)} runs, at most {most} connections to the ledger at once")
    return (end - began).total_seconds()


def _all(server: PrefectServer, runs: Sequence[str]) -> list[dict[str, Any]]:
    return [server.call("GET", f"/flow_runs/{run}") for run in runs]


def _connections(database: str) -> int:
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    with create_engine(database, poolclass=NullPool).connect() as connection:
        name = {"name": make_url(database).database}
        # Ours is one of them.
        return int(connection.execute(query, name).scalar_one()) - 1


def _counts(ledger: str, prefect: str) -> Counts:
    """Rows that Prefect keeps, and commits and written rows of both databases."""
    # PostgreSQL's own statistics come a second late.
    time.sleep(3)
    counts: Counts = {}
    for name, url in (("ledger", ledger), ("prefect", prefect)):
        with create_engine(url, poolclass=NullPool).connect() as connection:
            row = connection.execute(
                text(
                    "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted"
                    " FROM pg_stat_database WHERE datname = :name"
                ),
                {"name": make_url(url).database},
            ).one()
            counts |= {f"{name} commits": row[0], f"{name} rows written": row[1]}
            for table in KEPT_BY_PREFECT if name == "prefect" else ():
                query = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own list
                counts[table] = connection.execute(query).scalar_one()
    return counts


def _less(after: Counts, before: Counts) -> Counts:
    return {name: after[name] - before[name] for name in after}


def _say_costs(what: str, spent: Mapping[str, int], seconds: float, customers: int) -> None:
    _say(f"{what}: {seconds:.1f} s; a customer (and a second):")
    for name, count in spent.items():
        _say(f"  {name}: {count / customers:.1f} ({count / seconds:.1f})")


def _arrivals(address: str) -> list[float]:
    requests = httpx.get(f"{address}/_sandbox/requests", timeout=60).json()
    return sorted(float(request["arrived_at"]) for request in requests)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
