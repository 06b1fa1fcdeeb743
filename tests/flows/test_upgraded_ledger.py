"""A month goes on after an upgrade as the release before would have gone on."""

from collections import defaultdict
from dataclasses import replace

import pytest

from tasks.billing.wording import text_of
from tasks.plan.kept_issue import kept_issue
from tasks.run.request import RunRequest
from tests.flows.old_ledger import write_old_ledger
from tests.flows.old_rows import CASES, Case
from tests.flows.old_scenes import fill
from tests.plain_run import connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

CALLS = {
    "POST /attachments": "upload",
    "POST /documents": "draft",
    "PUT /documents": "update",
    "PUT /attachments": "link",
    "GET /documents": "read",
    "DELETE /attachments": "remove",
}
DELIVERED = Case("delivered", "fds", "", "linked", "planned", "delivered", "")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose ledger is in each kind of database."""
    url = str(request.getfixturevalue(f"{request.param}_url"))
    upgraded = replace(world, ledger_url=url)
    for name, value in upgraded.environment.items():
        monkeypatch.setenv(name, value)
    return upgraded


def run_the_month() -> None:
    run_plainly(connect_by_settings(), RunRequest(OCTOBER))


def calls_of(world: World) -> dict[str, str]:
    """What was sent about each customer, in order."""
    calls: dict[str, list[str]] = defaultdict(list)
    for call in world.ledger.calls(MONTH):
        if call.customer_number is not None:
            route = f"{call.method} /{call.path.split('/')[1]}"
            calls[call.customer_number].append(CALLS[route])
    return {number: " ".join(made) for number, made in calls.items()}


def test_each_row_of_the_release_before_is_taken_up_as_that_release_would(place: World) -> None:
    write_old_ledger(place.ledger_url, fill(place, CASES))
    run_the_month()

    calls, exports = calls_of(place), place.exports()
    for number, case in zip(exports, CASES, strict=True):
        export = exports[number]
        found = (calls.get(number, ""), export.state)
        assert found == (case.calls, case.then), f"{number}: {case}"
        issue = kept_issue(export)
        said = (None, None) if issue is None else (text_of(issue), issue.code)
        assert (export.error, export.reason_code) == said, f"{number}: {case}"


def test_an_upgrade_says_what_the_patterns_of_rows_meant_and_loses_nothing(place: World) -> None:
    rows = fill(place, CASES)
    write_old_ledger(place.ledger_url, rows)

    for export, case, row in zip(place.exports().values(), CASES, rows, strict=True):
        old = dict(row.columns)
        digest = old.pop("content_sha256", None)
        assert {name: getattr(export, name) for name in old} == old
        assert (export.reason_code, export.reason_facts) == (None, None), case
        assert place.ledger.lines_of(export) == row.lines.keys()
        assert (export.pending or "", export.planned_sha256) == (case.pending, digest), case
        if export.document_id is None:
            assert export.content_sha256 is None
        else:
            assert (export.content_sha256, export.update_planned) == (digest, digest is None), case


def test_a_month_that_the_release_before_delivered_stays_as_it_is(place: World) -> None:
    rows = fill(place, 3 * [DELIVERED])
    write_old_ledger(place.ledger_url, rows)
    before, claims = place.ledger.exports(MONTH), place.ledger.claims_of(MONTH)
    writes = place.easybill.writes()
    run_the_month()

    assert place.easybill.writes() == writes
    assert (place.ledger.exports(MONTH), place.ledger.claims_of(MONTH)) == (before, claims)
    assert [e.content_sha256 for e in before] == [r.columns["content_sha256"] for r in rows]
