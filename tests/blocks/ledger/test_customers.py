"""The ledger says who creates a customer in easybill, before anybody does."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blocks.ledger.errors import LeaseLost
from blocks.ledger.ledger import CustomerCreation, Ledger
from tests.blocks.ledger.conftest import open_account
from tests.blocks.ledger.contests import AT_ONCE, Run, meet

ROUNDS = 5


def announced(ledger: Ledger, number: str = "K1", run: str | None = "run 1") -> CustomerCreation:
    creation = ledger.announce_customer(number, flow_run_id=run)
    assert creation is not None
    return creation


def kept(ledger: Ledger, number: str = "K1") -> CustomerCreation:
    return ledger.customer_creations([number])[number]


def test_a_customer_that_is_being_created_is_nobody_elses(ledger: Ledger) -> None:
    first = announced(ledger)
    assert ledger.announce_customer("K1", flow_run_id="run 2") is None
    assert kept(ledger) == first
    assert (first.state, first.attempts, first.easybill_id) == ("sending", 1, None)
    assert abs((datetime.now(UTC) - first.at).total_seconds()) < 60
    assert announced(ledger, "K2", None).flow_run_id is None


def test_a_created_customer_is_kept_with_its_id_and_its_run(ledger: Ledger) -> None:
    ledger.settle_customer(announced(ledger), 2**40)
    creation = kept(ledger)
    assert (creation.state, creation.easybill_id) == ("created", 2**40)
    assert creation.flow_run_id == "run 1"
    assert ledger.announce_customer("K1", flow_run_id="run 2") is None


def test_a_customer_that_was_certainly_not_created_is_free(ledger: Ledger) -> None:
    first = announced(ledger)
    ledger.settle_customer(first, None)
    assert kept(ledger).state == "not_created"
    second = announced(ledger, run="run 2")
    assert (second.state, second.attempts, second.flow_run_id) == ("sending", 2, "run 2")


def test_a_lost_creation_is_taken_over_by_one_only(ledger: Ledger) -> None:
    lost = announced(ledger)
    heir = ledger.announce_customer("K1", instead_of=lost, flow_run_id="run 2")
    assert heir is not None
    assert (heir.state, heir.attempts, heir.flow_run_id) == ("sending", 2, "run 2")
    assert ledger.announce_customer("K1", instead_of=lost, flow_run_id="run 3") is None


def test_a_creation_that_has_ended_since_is_not_taken_over(ledger: Ledger) -> None:
    lost = announced(ledger)
    ledger.settle_customer(lost, 7)
    assert ledger.announce_customer("K1", instead_of=lost, flow_run_id="run 2") is None
    assert ledger.announce_customer("K1", instead_of=kept(ledger), flow_run_id="run 2") is not None


def test_who_was_taken_over_has_no_word_any_more(ledger: Ledger) -> None:
    lost = announced(ledger)
    heir = ledger.announce_customer("K1", instead_of=lost, flow_run_id="run 2")
    ledger.settle_customer(lost, None)
    assert kept(ledger) == heir
    ledger.settle_customer(lost, 7)
    assert kept(ledger) == heir


def test_what_became_of_a_creation_is_said_once(ledger: Ledger) -> None:
    creation = announced(ledger)
    ledger.settle_customer(creation, 7)
    ledger.settle_customer(creation, None)
    ledger.settle_customer(creation, 8)
    assert (kept(ledger).state, kept(ledger).easybill_id) == ("created", 7)


def test_each_account_creates_its_own_customers(ledger: Ledger, ledger_url: str) -> None:
    other = open_account(ledger_url)
    first = announced(ledger)
    assert other.customer_creations(["K1"]) == {}
    second = announced(other)
    other.settle_customer(second, 7)
    assert kept(ledger) == first
    assert replace(first, account=other.account).customer_number == kept(other).customer_number


def test_a_run_that_lost_its_month_announces_nothing_but_says_what_it_did(ledger: Ledger) -> None:
    lease = ledger.take_lease("2026-10", "run 1", 60)
    assert lease is not None
    bound = ledger.under(lease)
    creation = announced(bound)
    ledger.release_lease(lease)
    with pytest.raises(LeaseLost):
        bound.announce_customer("K2", flow_run_id="run 1")
    bound.settle_customer(creation, 7)
    assert kept(ledger).state == "created"


def take_over(ledger: Ledger, who: int) -> str:
    """In each round all eight take over the same lost creation."""
    won = 0
    for turn in range(ROUNDS):
        number = f"K{turn}"
        ledger.announce_customer(number, flow_run_id="lost")
        meet()
        lost = kept(ledger, number)
        meet()
        won += ledger.announce_customer(number, instead_of=lost, flow_run_id=str(who)) is not None
    return str(won)


def announce(ledger: Ledger, who: int) -> str:
    """In each round all eight announce the same customer."""
    won = 0
    meet()
    for turn in range(ROUNDS):
        won += ledger.announce_customer(f"K{turn}", flow_run_id=str(who)) is not None
    return str(won)


def test_of_eight_that_announce_a_customer_one_may_create_it(
    ledger: Ledger, ledger_url: str, all_at_once: Run
) -> None:
    won = all_at_once(announce, ledger_url, ledger.account)
    assert sum(map(int, won)) == ROUNDS


def test_of_eight_that_take_a_lost_creation_over_one_may_create_the_customer(
    ledger: Ledger, ledger_url: str, all_at_once: Run
) -> None:
    won = all_at_once(take_over, ledger_url, ledger.account)
    assert len(won) == AT_ONCE
    assert sum(map(int, won)) == ROUNDS
    assert {kept(ledger, f"K{turn}").attempts for turn in range(ROUNDS)} == {2}
