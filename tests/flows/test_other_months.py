"""A lost or older ledger, and a service that is in another month by now: it is billed once."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flows.rebuild_month import rebuild
from tasks.billing.issue import IssueCode
from tasks.billing.month import BillingMonth
from tasks.report.rebuilt import Rebuilt
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.month_run import hold_month
from tasks.run.request import RunRequest
from tests.plain_run import WITHOUT_PAUSES, connect_by_settings, run_plainly
from tests.tasks.billing.test_invoice import OCTOBER
from tests.world import MONTH, World

SEPTEMBER = BillingMonth(2026, 9)


def run(month: BillingMonth = OCTOBER, *, preview: bool = False) -> RunReport:
    return run_plainly(connect_by_settings(), RunRequest(month, preview=preview))


def rebuild_september() -> Rebuilt:
    with hold_month(connect_by_settings(), RunRequest(SEPTEMBER), WITHOUT_PAUSES) as held:
        return rebuild(held)


def move(world: World, service_id: str) -> None:
    """The service is October's from now on."""
    world.change_service(service_id, rendered_at=datetime(2026, 10, 3, 12))


def positions(world: World) -> Counter[str]:
    """How many positions have each price in cents."""
    return Counter(
        str(position["single_price_net"])
        for draft in world.easybill.drafts()
        for position in draft["items"]
    )


@pytest.fixture
def september(world: World, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> World:
    """S1 and S2 of K1 are billed in September; the ledger is lost, and S1 moves to October."""
    for number in ("K1", "K2"):
        world.add_customer(number)
    world.add_service("S1", "K1", price="11", rendered_at="2026-09-15T12:00:00")
    world.add_service("S2", "K1", price="22", rendered_at="2026-09-16T12:00:00")
    assert run(SEPTEMBER).is_complete
    anew = replace(world, ledger_url=f"{world.ledger_url}-anew")
    monkeypatch.setenv("LEDGER_DATABASE_URL", anew.ledger_url)
    move(world, "S1")
    world.add_service("S3", "K1", price="33")
    world.add_service("S4", "K2", price="44")
    return anew


@pytest.mark.parametrize("price", ["11", "12"])
def test_what_another_months_document_bills_is_not_billed_again(
    september: World, price: str
) -> None:
    september.change_service("S1", unit_price_net=Decimal(price))
    for _ in range(2):
        report = run()
        (issue,) = report.not_invoiced["K1"]
        assert issue.code is IssueCode.BILLED_IN_OTHER_MONTH
        assert issue.facts == {"other_month": "2026-09", "services": ["S1"]}
        assert list(report.not_invoiced) == ["K1"]
    assert positions(september) == {"1100": 1, "2200": 1, "4400": 1}

    assert rebuild_september().is_complete
    assert run().not_invoiced == {}
    assert positions(september) == {"1100": 1, "2200": 1, "3300": 1, "4400": 1}


def test_without_a_file_a_position_that_may_be_the_service_counts(september: World) -> None:
    for attachment in september.easybill.attachments():
        september.easybill.http.delete(f"/attachments/{attachment['id']}").raise_for_status()
    (issue,) = run().not_invoiced["K1"]
    assert issue.facts["services"] == ["S1"]


def test_a_document_that_its_own_month_explains_costs_no_request(
    world: World, september: World
) -> None:
    september.change_service("S1", rendered_at=datetime(2026, 9, 15, 12))
    world.easybill.forget_requests()
    assert run().is_complete
    assert "GET /attachments" not in world.easybill.counts()


def test_what_a_later_run_put_into_a_draft_that_an_older_ledger_knows_counts_too(
    world: World, connections: Connections
) -> None:
    world.add_customer("K1")
    world.add_service("S1", "K1", price="11", rendered_at="2026-09-15T12:00:00")
    assert run(SEPTEMBER).is_complete
    ledger_file = Path(world.ledger_url.removeprefix("sqlite:///"))
    world.ledger._engine.dispose()
    copy = shutil.copy(ledger_file, ledger_file.with_name("copy.db"))
    world.add_service("S2", "K1", price="22", rendered_at="2026-09-16T12:00:00")
    assert run(SEPTEMBER).is_complete
    world.ledger._engine.dispose()
    shutil.copy(copy, ledger_file)
    move(world, "S2")

    (issue,) = run().not_invoiced["K1"]
    assert issue.facts["services"] == ["S2"]
    assert rebuild_september().is_complete
    assert run().not_invoiced == {}
    assert positions(world) == {"1100": 1, "2200": 1}


def test_a_customer_whose_services_have_all_moved_is_taken_in_by_its_file(
    september: World,
) -> None:
    move(september, "S2")
    (issue,) = run().not_invoiced["K1"]
    assert issue.facts["services"] == ["S1", "S2"]
    assert rebuild_september().is_complete
    assert run().not_invoiced == {}
    assert positions(september) == {"1100": 1, "2200": 1, "3300": 1, "4400": 1}


def test_a_preview_after_a_lost_ledger_tells_what_the_run_would_do_and_writes_nothing(
    world: World, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("K1", "K2"):
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    assert run().is_complete
    world.easybill.finalise(world.easybill.draft(f"oms:{MONTH}:K1")["id"])
    anew = replace(world, ledger_url=f"{world.ledger_url}-anew")
    monkeypatch.setenv("LEDGER_DATABASE_URL", anew.ledger_url)
    world.add_service("S-late", "K1", price="7")
    writes = world.easybill.writes()

    previewed = run(preview=True)
    assert previewed.is_complete
    assert [(f.customer_number, f.net_cents) for f in previewed.previewed] == [("K1", 700)]
    assert (world.easybill.writes(), anew.ledger.exports(MONTH)) == (writes, [])
    assert anew.ledger.claims_of(MONTH) == {}
    assert anew.ledger.layout_texts() == []

    sent = run()
    assert [(e.customer_number, e.sequence, e.net_cents) for e in sent.delivered] == [
        ("K1", 2, 700)
    ]


def test_a_preview_of_an_older_ledgers_month_names_whom_the_run_would_not_bill(
    september: World,
) -> None:
    previewed = run(preview=True)
    (issue,) = previewed.not_invoiced["K1"]
    assert issue.code is IssueCode.BILLED_IN_OTHER_MONTH
    assert [file.customer_number for file in previewed.previewed] == ["K2"]
