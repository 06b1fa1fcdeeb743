"""Writes under a lease: refused once it is lost, whatever they were about to write."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import Export, Lease, Ledger, Planned
from blocks.ledger.states import Event
from tests.blocks.ledger.conftest import Plan, as_if, billed, open_account, service_lines, why
from tests.blocks.ledger.test_calls import record
from tests.blocks.ledger.test_leases import take, take_over

Write = Callable[[Ledger, Export], object]


def plan_another(ledger: Ledger, export: Export) -> object:
    return ledger.plan(
        export.month,
        "K2",
        1,
        Planned(
            csv_sha256="c" * 64,
            csv_path="K2.csv",
            line_count=1,
            net_cents=100,
            gross_cents=119,
            lines=billed("S2"),
        ),
        flow_run_id=None,
    )


def replan(ledger: Ledger, export: Export) -> object:
    return ledger.replan(
        export,
        Planned(
            csv_sha256="b" * 64,
            csv_path="K1.csv",
            line_count=1,
            net_cents=100,
            gross_cents=119,
            lines=billed("S2"),
        ),
        flow_run_id=None,
    )


WRITES: dict[str, Write] = {
    "plan": plan_another,
    "replan": replan,
    "advance": lambda ledger, export: ledger.advance(export, Event.SEND_LINK),
    "fail": lambda ledger, export: ledger.fail(
        export.month, "K2", reason=why("bad row"), flow_run_id=None
    ),
    "skip": lambda ledger, export: ledger.skip(export.month, ["K2"], flow_run_id=None),
    "withdraw": lambda ledger, export: ledger.advance(export, Event.BILL_AGAIN),
}


@pytest.fixture
def drafted(ledger: Ledger, plan: Plan) -> Export:
    return as_if(ledger, plan("K1", "S1"), "drafted", document_id=5)


@pytest.fixture(params=WRITES)
def write(request: pytest.FixtureRequest) -> Write:
    return WRITES[str(request.param)]


def state_of(ledger: Ledger) -> object:
    return ledger.exports("2026-10"), ledger.claims_of("2026-10")


def assert_refused(ledger: Ledger, lease: Lease, write: Write, export: Export) -> LeaseLost:
    before = state_of(ledger)
    with pytest.raises(LeaseLost) as lost:
        write(ledger.under(lease), export)
    assert state_of(ledger) == before
    return lost.value


def test_the_holder_of_the_lease_can_write(ledger: Ledger, drafted: Export, write: Write) -> None:
    before = state_of(ledger)
    lease = take(ledger)
    ledger.renew_lease(lease)
    write(ledger.under(lease), drafted)

    assert state_of(ledger) != before


def test_a_write_under_a_lease_that_was_taken_over_is_refused(
    ledger: Ledger, drafted: Export, write: Write
) -> None:
    lease = take(ledger)
    take_over(ledger, lease)

    lost = assert_refused(ledger, lease, write, drafted)
    assert (lost.month, lost.holder) == ("2026-10", "run 2 on host")


def test_a_write_under_a_lease_that_was_given_back_is_refused(
    ledger: Ledger, drafted: Export, write: Write
) -> None:
    lease = take(ledger)
    ledger.release_lease(lease)

    assert assert_refused(ledger, lease, write, drafted).holder is None


def test_a_write_under_a_lease_that_is_not_in_the_ledger_is_refused(
    ledger_url: str, ledger: Ledger, drafted: Export, write: Write
) -> None:
    stranger = open_account(ledger_url)

    with pytest.raises(LeaseLost):
        write(stranger.under(_gone(stranger)), drafted)


def _gone(ledger: Ledger) -> Lease:
    return Lease(ledger.account, "2026-10", 1, "run 1 on host", 0, 60, True, datetime.now(UTC))


def test_what_was_sent_is_recorded_even_after_the_lease_was_lost(ledger: Ledger) -> None:
    lease = take(ledger)
    take_over(ledger, lease)
    record(ledger.under(lease))

    assert len(ledger.calls("2026-10")) == 1


def test_logins_and_questions_need_no_lease(ledger: Ledger, drafted: Export) -> None:
    lease = take(ledger)
    ledger.release_lease(lease)
    lost = ledger.under(lease)
    lost.recognise_logins([1])

    assert lost.exports("2026-10") == [drafted]
    assert lost.lines_of(drafted) == service_lines("S1")


def test_binding_to_a_lease_leaves_the_ledger_itself_unbound(ledger: Ledger, plan: Plan) -> None:
    lease = take(ledger)
    bound = ledger.under(lease)
    take_over(ledger, lease)

    assert bound is not ledger
    assert bound.account == ledger.account
    assert plan("K1", "S1").state == "planned"
