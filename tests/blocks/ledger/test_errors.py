"""Errors cross process borders, so they are pickled."""

import pickle

import pytest

from blocks.ledger.errors import (
    AccountMismatch,
    AlreadyBilled,
    LeaseLost,
    LedgerConflict,
    LedgerError,
    LedgerUnavailable,
)


@pytest.mark.parametrize(
    "error",
    [
        LedgerError("refused"),
        LedgerUnavailable("no answer"),
        LedgerConflict("changed"),
        AccountMismatch("another login"),
        AlreadyBilled("S1", "service", "2026-10", "K1", 2),
        LeaseLost("2026-10", "run r on h"),
        LeaseLost("2026-10", None),
    ],
)
def test_an_error_survives_pickling(error: LedgerError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
