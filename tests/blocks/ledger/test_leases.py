"""The lease of a month: taken, renewed, taken over, given back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blocks.ledger.errors import LeaseLost, LedgerError
from blocks.ledger.ledger import Lease, Ledger
from tests.blocks.ledger.conftest import open_account


def take(ledger: Ledger, holder: str = "run 1 on host", *, month: str = "2026-10") -> Lease:
    lease = ledger.take_lease(month, holder, 60)
    assert lease is not None
    return lease


def take_over(ledger: Ledger, read: Lease | None, holder: str = "run 2 on host") -> Lease | None:
    return ledger.take_lease("2026-10", holder, 60, instead_of=read)


def test_a_month_that_nobody_works_on_is_free(ledger: Ledger) -> None:
    assert ledger.read_lease("2026-10") is None
    lease = take(ledger)

    assert ledger.read_lease("2026-10") == lease
    assert lease == Lease(
        account=ledger.account,
        month="2026-10",
        token=1,
        holder="run 1 on host",
        renewals=0,
        seconds=60,
        held=True,
        renewed_at=lease.renewed_at,
    )
    assert lease.renewed_at.tzinfo is UTC
    assert abs(datetime.now(UTC) - lease.renewed_at) < timedelta(seconds=30)


def test_a_held_lease_is_not_free(ledger: Ledger) -> None:
    lease = take(ledger)

    assert take_over(ledger, None) is None
    assert ledger.read_lease("2026-10") == lease


def test_months_and_accounts_have_leases_of_their_own(ledger_url: str, ledger: Ledger) -> None:
    october, november = take(ledger), take(ledger, month="2026-11")
    rehearsal = open_account(ledger_url)
    rehearsed = take(rehearsal)
    ledger.release_lease(october)
    ledger.renew_lease(november)

    assert rehearsal.read_lease("2026-10") == rehearsed
    assert (october.token, november.token, rehearsed.token) == (1, 1, 1)
    assert take(ledger).token == 2


def test_renewing_shows_only_that_the_holder_is_alive(ledger: Ledger) -> None:
    taken = take(ledger)
    renewed = ledger.renew_lease(ledger.renew_lease(taken))

    assert ledger.read_lease("2026-10") == renewed
    assert renewed == replace(taken, renewals=2, renewed_at=renewed.renewed_at)
    assert renewed.renewed_at > taken.renewed_at


def test_an_older_copy_of_the_lease_renews_as_well(ledger: Ledger) -> None:
    taken = take(ledger)
    ledger.renew_lease(taken)

    assert ledger.renew_lease(taken).renewals == 2


def test_a_lease_that_was_not_renewed_since_it_was_read_is_taken_over(ledger: Ledger) -> None:
    ledger.renew_lease(take(ledger))
    taken = ledger.take_lease(
        "2026-10", "run 2 on host", 90, instead_of=ledger.read_lease("2026-10")
    )

    assert taken is not None
    assert (taken.token, taken.holder, taken.renewals, taken.seconds, taken.held) == (
        2,
        "run 2 on host",
        0,
        90,
        True,
    )


def test_a_lease_that_was_renewed_since_it_was_read_stays_its_holders(ledger: Ledger) -> None:
    read = take(ledger)
    renewed = ledger.renew_lease(read)

    assert take_over(ledger, read) is None
    assert ledger.read_lease("2026-10") == renewed


def test_a_lease_that_changed_hands_since_it_was_read_is_not_taken_over(ledger: Ledger) -> None:
    read = take(ledger)
    second = take_over(ledger, read)

    assert take_over(ledger, read, "run 3 on host") is None
    assert ledger.read_lease("2026-10") == second


def test_another_months_lease_is_no_reason_to_take_this_one_over(
    ledger_url: str, ledger: Ledger
) -> None:
    held = take(ledger)

    assert take_over(ledger, take(ledger, month="2026-11")) is None
    assert take_over(ledger, take(open_account(ledger_url))) is None
    assert ledger.read_lease("2026-10") == held


def test_a_lease_given_back_is_free_at_once_under_a_new_token(ledger: Ledger) -> None:
    first = take(ledger)
    ledger.release_lease(first)

    released = ledger.read_lease("2026-10")
    assert released == replace(first, held=False)
    second = take(ledger, "run 2 on host")
    assert (second.token, second.holder) == (2, "run 2 on host")


def test_a_watcher_may_take_a_lease_that_was_given_back_meanwhile(ledger: Ledger) -> None:
    read = take(ledger)
    ledger.release_lease(ledger.renew_lease(read))

    taken = take_over(ledger, read)
    assert taken is not None
    assert taken.token == 2


def test_giving_back_twice_or_too_late_does_nothing(ledger: Ledger) -> None:
    first = take(ledger)
    ledger.release_lease(first)
    ledger.release_lease(first)
    second = take(ledger)
    ledger.release_lease(first)

    assert ledger.read_lease("2026-10") == second


def test_a_lease_that_was_taken_over_can_not_be_renewed(ledger: Ledger) -> None:
    first = take(ledger)
    second = take_over(ledger, first)

    with pytest.raises(
        LeaseLost, match=r"lease of 2026-10: it is now held by run 2 on host"
    ) as lost:
        ledger.renew_lease(first)
    assert (lost.value.month, lost.value.holder) == ("2026-10", "run 2 on host")
    assert ledger.read_lease("2026-10") == second


def test_a_lease_that_was_given_back_can_not_be_renewed(ledger: Ledger) -> None:
    lease = take(ledger)
    ledger.release_lease(lease)

    with pytest.raises(LeaseLost, match="was given back") as lost:
        ledger.renew_lease(lease)
    assert lost.value.holder is None


def test_a_lease_that_nobody_has_taken_can_neither_be_renewed_nor_given_back(
    ledger_url: str, ledger: Ledger
) -> None:
    foreign = replace(take(open_account(ledger_url)), account=ledger.account)

    with pytest.raises(LeaseLost):
        ledger.renew_lease(foreign)
    ledger.release_lease(foreign)
    assert ledger.read_lease("2026-10") is None


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_lease_that_lasts_no_time_is_refused(ledger: Ledger, seconds: int) -> None:
    with pytest.raises(LedgerError, match="leases_seconds"):
        ledger.take_lease("2026-10", "run 1 on host", seconds)
