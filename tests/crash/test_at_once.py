"""Several processes on one month, and the month of a process that died."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import URL

from blocks.easybill.sandbox import request_limit
from tasks.run.lease import MonthHeld
from tests.crash.at_once import most_in_any, run_among_others
from tests.crash.driver import invoice
from tests.crash.place import FIRST, LAST, MIDDLE, Original, a_database, fill
from tests.crash.points import THE_RUN, Point
from tests.crash.processes import Started

PROCESSES = 8
# Of the two dozen requests, a minute admits half; that minute lasts six seconds here.
REQUESTS_PER_MINUTE, SECONDS_OF_A_MINUTE = 12, 6.0
SECONDS_TO_START = 1.0


@pytest.fixture(params=["sqlite", "postgres"])
def original(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Original]:
    server: URL | None = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
    with a_database(server) as database:
        yield Original(tmp_path, server, database)


def test_of_eight_processes_one_invoices_and_none_goes_over_the_limit(
    original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limit, "_WINDOW_SECONDS", SECONDS_OF_A_MINUTE)
    with original.opened(requests_per_minute=REQUESTS_PER_MINUTE) as (place, easybill):
        fill(original.world(easybill))
        # The holder is seen alive while it waits for its turns.
        place = replace(place, lease_seconds=24)
        starts_at = time.time() + SECONDS_TO_START
        started = [
            Started(run_among_others, place, starts_at, REQUESTS_PER_MINUTE, SECONDS_OF_A_MINUTE)
            for _ in range(PROCESSES)
        ]
        outcomes = [each.ended().answered() for each in started]
        drafts, attachments = easybill.drafts(), easybill.attachments()
        requests, counts = easybill.requests(), easybill.counts()
    reports = [each for each in outcomes if not isinstance(each, MonthHeld)]
    assert all(report.is_complete for report in reports)
    (worked,) = [report for report in reports if report.delivered]
    assert [each.customer_number for each in worked.delivered] == [FIRST, MIDDLE, LAST]
    assert len(reports) < PROCESSES, "nobody was told that the month is held"
    assert [request["status"] for request in requests if request["status"] == 429] == []
    arrivals = [float(request["arrived_at"]) for request in requests]
    assert len(arrivals) > REQUESTS_PER_MINUTE
    assert most_in_any(SECONDS_OF_A_MINUTE, arrivals) <= REQUESTS_PER_MINUTE
    assert len(drafts) == len(attachments) == 3
    assert {draft["external_id"] for draft in drafts} == {
        f"oms:2026-10:{number}" for number in (FIRST, MIDDLE, LAST)
    }
    writes = {route: n for route, n in counts.items() if not route.startswith("GET ")}
    assert set(writes.values()) == {3}, writes


def test_the_month_of_a_dead_run_is_taken_over_after_one_lease(original: Original) -> None:
    with original.opened() as (place, easybill):
        fill(original.world(easybill))
        place = replace(place, lease_seconds=3)
        point = Point(FIRST, f"ledger take_lease ({THE_RUN})", f"disk build ({FIRST})")
        assert Started(invoice, place, (1, point)).ended().exit_code == -SIGKILL
        begun = time.monotonic()
        ran = Started(invoice, replace(place, lease_seconds=60)).ended().answered()
        assert time.monotonic() - begun >= place.lease_seconds
    assert ran.is_complete
    assert not ran.ledger["held"]
