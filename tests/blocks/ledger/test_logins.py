"""An account name stands for one easybill account, known by its logins."""

import pytest

from blocks.ledger.errors import AccountMismatch
from blocks.ledger.ledger import Ledger
from tests.blocks.ledger.conftest import open_account


def test_a_key_of_the_same_login_is_recognised(ledger: Ledger) -> None:
    ledger.recognise_logins([2**40, 2])
    ledger.recognise_logins([2**40])


def test_a_key_that_shares_no_login_is_refused(ledger: Ledger) -> None:
    ledger.recognise_logins([1, 2])

    with pytest.raises(AccountMismatch, match=r"login 3, but account .* login 1, 2"):
        ledger.recognise_logins([3])
    with pytest.raises(AccountMismatch):
        ledger.recognise_logins([3])


def test_a_new_login_beside_a_known_one_is_kept(ledger: Ledger) -> None:
    ledger.recognise_logins([1])
    ledger.recognise_logins([1, 2])
    ledger.recognise_logins([2])
    assert ledger.known_logins() == [1, 2]


def test_each_account_has_its_own_logins(ledger_url: str, ledger: Ledger) -> None:
    ledger.recognise_logins([1])
    other = open_account(ledger_url)
    other.recognise_logins([2])
    assert (ledger.known_logins(), other.known_logins()) == ([1], [2])


def test_a_key_without_logins_is_refused(ledger: Ledger) -> None:
    with pytest.raises(AccountMismatch, match="names no login"):
        ledger.recognise_logins([])
