"""docs/benchmarks.md, written from what was measured."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measured import Measured
from bench.real_month import OrderBook

WINDOW_S = 60
# Written by hand from profiles: where the time goes, and what was tried.
COSTS = Path(__file__).with_name("costs.md")


@dataclass(frozen=True, slots=True)
class Way:
    """How one way fared: its first run, the second where there is one, and the requests of both."""

    name: str
    first: Measured
    second: Measured | None
    requests: Mapping[str, int]
    requests_again: Mapping[str, int]


def written(
    book: OrderBook,
    ways: Sequence[Way],
    limited: tuple[int, Way],
    growth: Mapping[int, Measured],
    loads: Sequence[float],
) -> str:
    """The page; `loads` are the machine's load averages, from before the first run on."""
    lines = [*_head(book, loads), *_ways(ways), *_requests(book, ways), *_limit(*limited)]
    return "\n".join([*lines, *_growth(growth)]) + f"\n\n{COSTS.read_text(encoding='utf-8')}"


def _head(book: OrderBook, loads: Sequence[float]) -> Iterator[str]:
    yield "# What a month costs"
    yield ""
    yield (
        f"Written by `make bench`: {book.served} customers and {book.services.height} lines of the"
        f" {book.origin}, on {os.cpu_count()} cores, Python {platform.python_version()}."
        " easybill's sandbox, the databases and Prefect's server run on the same machine, each as"
        " processes of their own; the times are those of the run's own process. Look at the"
        " ratios: seconds are those of one machine."
        f" Its load average was {loads[0]:.1f} when it began, and {min(loads[1:]):.1f} to"
        f" {max(loads[1:]):.1f} after the single runs; what is far above 3 was others' work."
    )
    yield ""


def _ways(ways: Sequence[Way]) -> Iterator[str]:
    floor = ways[0].first
    yield "## Beside the least that any script must do"
    yield ""
    yield (
        "`bench/floor.py` reads with polars, writes a CSV per customer and sends three requests"
        " each: no check, no ledger, no look before a write. No request limit."
    )
    yield ""
    yield "| | wall, s | × floor | CPU, s | × floor | memory, MiB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for way in ways:
        for name, one in ((way.name, way.first), (f"{way.name}, again", way.second)):
            if one is not None:
                yield (
                    f"| {name} | {one.wall_s:.1f} | {one.wall_s / floor.wall_s:.1f}"
                    f" | {one.cpu_s:.1f} | {one.cpu_s / floor.cpu_s:.1f} | {one.peak_mib:.0f} |"
                )
    yield ""
    plain, with_prefect = ways[1].first, ways[2].first
    share = with_prefect.wall_s / plain.wall_s
    yield f"With Prefect a first run takes {share:.2f} times as long as without."
    yield ""


def _requests(book: OrderBook, ways: Sequence[Way]) -> Iterator[str]:
    way = ways[-1]
    writes = sum(n for route, n in way.requests.items() if not route.startswith("GET "))
    reads = sum(way.requests.values()) - writes
    yield "## Requests"
    yield ""
    yield (
        f"{writes / book.served:.2f} writes per customer and {reads} reads for the whole month;"
        f" a second run sends {sum(way.requests_again.values())} reads and nothing else."
    )
    yield ""


def _limit(limit: int, way: Way) -> Iterator[str]:
    requests = sum(way.requests.values())
    floor_s = (requests - 1) // limit * WINDOW_S
    yield "## Under a request limit"
    yield ""
    yield (
        f"{requests} requests at {limit} a minute cannot end before {floor_s} s. The run, its start"
        f" included, took {way.first.wall_s:.0f} s: {way.first.wall_s / floor_s:.2f} times that."
    )
    yield ""


def _growth(growth: Mapping[int, Measured]) -> Iterator[str]:
    yield "## Growth"
    yield ""
    yield "Generated months of 36 lines a customer, without Prefect, first run."
    yield ""
    yield "| customers | wall, s | ms a customer | CPU, s | memory, MiB |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for customers, one in growth.items():
        each_ms = one.wall_s / customers * 1000
        yield (
            f"| {customers} | {one.wall_s:.1f} | {each_ms:.0f} | {one.cpu_s:.1f}"
            f" | {one.peak_mib:.0f} |"
        )
