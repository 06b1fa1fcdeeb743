"""Why a customer failed stays in the ledger, whole, until a run gets further, killed or not."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from blocks.ledger.ledger import Export
from tasks.billing.issue import IssueCode
from tasks.plan.kept_issue import kept_issue
from tests.crash.driver import Place, Ran, again, invoice, kept_export, open_ledger
from tests.crash.place import FIRST, Original, a_database, fill
from tests.crash.points import Point
from tests.crash.processes import Started
from tests.easybill_sandbox import RunningSandbox


@pytest.fixture(params=["sqlite", "postgres"])
def opened(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Place, RunningSandbox]]:
    """Three customers whose month was not run yet."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    with a_database(server) as database:
        original = Original(tmp_path, server, database)
        with original.opened() as (place, easybill):
            fill(original.world(easybill))
            assert Started(open_ledger, place).ended().answered()
            yield place, easybill


def refused(place: Place, easybill: RunningSandbox) -> Ran:
    """A run whose first draft is refused."""
    easybill.plant_fault("status", method="POST", path="/documents", times=1, status=400)
    ran = Started(again, invoice, place).ended().answered()
    assert not ran.is_complete
    return ran


def kill_at(place: Place, points: list[Point], index: int) -> Export:
    """Kill a run at this of its points; what the ledger says then of the first customer."""
    killed = Started(invoice, place, (index, points[index])).ended()
    assert killed.exit_code == -SIGKILL, killed.traceback
    return kept(place)


def kept(place: Place) -> Export:
    export = Started(kept_export, place, FIRST).ended().answered()
    assert export is not None
    return export


def reason_in(export: Export) -> tuple[str | None, ...]:
    return export.error, export.reason_code, export.reason_facts


def test_a_killed_run_leaves_the_reason_whole_or_takes_it_away_whole(
    opened: tuple[Place, RunningSandbox],
) -> None:
    place, easybill = opened
    refused(place, easybill)
    reason, issue = reason_in(kept(place)), kept_issue(kept(place))
    assert issue is not None
    assert (issue.code, issue.customer_number) == (IssueCode.EASYBILL_REFUSED, FIRST)
    assert "POST /documents was answered with 400" in str(issue.facts["said"])

    points = refused(place, easybill).points
    assert reason_in(kept(place)) == reason
    before = [point.before for point in points]
    planned = before.index(f"ledger plan ({FIRST})")
    sent = before.index(f"easybill create_draft ({FIRST})")
    assert reason_in(kill_at(place, points, planned)) == reason

    refused(place, easybill)
    assert reason_in(kept(place)) == reason
    dead = kill_at(place, points, sent)
    assert (dead.state, reason_in(dead)) == ("sending", (None, None, None))

    assert Started(again, invoice, place).ended().answered().is_complete
    done = kept(place)
    assert (done.state, reason_in(done)) == ("delivered", (None, None, None))
