"""What became of drafts: what the accountant did comes back into the ledger, and nothing else."""

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from blocks.ledger.records import DraftSeen, Export
from tasks.billing.month import BERLIN, BillingMonth
from tasks.easybill.look_at_drafts import DraftsChecked, look_at_drafts
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.plain_run import run_plainly
from tests.world import MONTH, World

NUMBERS = ("K1", "K2", "K3", "K4", "K5", "K6")
LOG_MONTH = BillingMonth.parse(MONTH)
SEEN = frozenset(field.name for field in fields(DraftSeen))


@pytest.fixture
def drafts(world: World, connections: Connections) -> dict[str, int]:
    """The ids of six drafts, one service of 100.00 each, by customer number."""
    for number in NUMBERS:
        world.add_customer(number)
        world.add_service(f"S-{number}", number)
    run_plainly(connections, RunRequest(LOG_MONTH))
    world.easybill.forget_requests()
    return {number: int(str(e.document_id)) for number, e in world.exports().items()}


def look(connections: Connections, days_later: int = 0) -> DraftsChecked:
    now = datetime.now(UTC) + timedelta(days=days_later)
    return look_at_drafts(connections, LOG_MONTH, now)


def states(world: World) -> dict[str, str | None]:
    return {number: export.draft_state for number, export in world.exports().items()}


def what_a_run_decides_by(export: Export) -> Export:
    return replace(export, **dict.fromkeys(SEEN))  # type: ignore[arg-type]


def test_what_the_accountant_did_is_in_the_ledger(
    world: World, connections: Connections, drafts: dict[str, int]
) -> None:
    before, easybill = world.exports(), world.easybill
    edited = easybill.edit(drafts["K2"], title="Oktober")
    easybill.stamp(edited["id"], "2099-01-01 10:00:00")
    for number in ("K3", "K4", "K5"):
        easybill.finalise(drafts[number])
    easybill.pay(drafts["K4"], 11900, "2026-11-20")
    easybill.cancel(drafts["K5"])
    easybill.delete(drafts["K6"])

    checked = look(connections)

    assert states(world) == {
        "K1": "draft",
        "K2": "edited",
        "K3": "finalised",
        "K4": "finalised",
        "K5": "cancelled",
        "K6": "deleted",
    }
    assert checked.counts == Counter(draft=1, edited=1, finalised=2, cancelled=1, deleted=1)
    paid, unpaid = world.exports()["K4"], world.exports()["K3"]
    assert (paid.paid_at, paid.paid_cents) == (date(2026, 11, 20), 11900)
    assert (unpaid.paid_at, unpaid.paid_cents) == (None, 0)
    assert unpaid.invoice_number
    assert unpaid.due_date
    assert unpaid.finalised_at is not None
    assert abs(datetime.now(UTC) - unpaid.finalised_at) < timedelta(minutes=5)
    # Nothing that a run decides by has changed, and nothing was written to easybill.
    assert {n: what_a_run_decides_by(e) for n, e in world.exports().items()} == {
        n: what_a_run_decides_by(e) for n, e in before.items()
    }
    assert easybill.counts() == {"GET /documents": 3}


def test_a_second_look_writes_nothing_and_lists_from_the_day_of_the_first(
    world: World, connections: Connections, drafts: dict[str, int]
) -> None:
    world.easybill.finalise(drafts["K1"])
    assert look(connections).changed == 1
    exports = world.exports()
    assert look(connections, days_later=1).changed == 0
    assert world.exports() == exports
    asked = [dict(request["query"]) for request in world.easybill.requests()]
    since = [query["edited_at"][:10] for query in asked if "edited_at" in query]
    assert since == [f"{datetime.now(BERLIN):%Y-%m-%d}"] * 2


def test_a_draft_that_is_there_again_is_deleted_no_more(
    world: World, connections: Connections, drafts: dict[str, int]
) -> None:
    export = world.exports()["K1"]
    day = datetime.now(BERLIN).date()
    world.ledger.keep_look(
        [(export, DraftSeen("deleted"))], looked_at=datetime.now(UTC), edited_from=day, today=day
    )
    look(connections)
    assert states(world)["K1"] == "draft"
    assert drafts["K1"] == export.document_id


def test_a_payment_that_is_dated_before_the_last_look_is_found(
    world: World, connections: Connections, drafts: dict[str, int]
) -> None:
    world.easybill.finalise(drafts["K1"])
    look(connections)
    world.easybill.stamp(drafts["K1"], "2026-11-05 10:00:00")
    day = datetime.now(BERLIN).date() - timedelta(days=3)
    world.easybill.pay(drafts["K1"], 11900, f"{day}")
    look(connections, days_later=1)
    assert world.exports()["K1"].paid_at == day


def test_drafts_that_wait_too_long_are_named_with_their_sum(
    world: World, connections: Connections, drafts: dict[str, int]
) -> None:
    for number in NUMBERS[2:]:
        world.easybill.finalise(drafts[number])
    assert look(connections, days_later=10).waiting == ()
    checked = look(connections, days_later=11)
    assert [(w.customer_number, w.net_cents, w.days) for w in checked.waiting] == [
        ("K1", 10000, 11),
        ("K2", 10000, 11),
    ]
    assert checked.headline().startswith(
        f"2 drafts wait for review, net 200.00: K1 K1 GmbH: draft {drafts['K1']} of 2026-10,"
        " net 100.00, for 11 days; K2 K2 GmbH: draft"
    )
