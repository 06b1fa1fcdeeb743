import pickle

import pytest

from blocks.easybill.errors import (
    EasybillError,
    KeyRefused,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)

ERRORS: list[EasybillError] = [
    EasybillError("broken", method="GET", path="/logins", status=200),
    Rejected(
        "refused",
        method="POST",
        path="/documents",
        status=400,
        code=20000,
        message="Bitte füllen Sie alle Felder aus.",
        arguments=("last_name",),
    ),
    KeyRefused("no", method="GET", path="/logins", status=401),
    NotFound("gone", method="DELETE", path="/documents/1", status=404),
    Unavailable("later", method="GET", path="/logins", status=429, retry_after_seconds=7.5),
    OutcomeUnknown("?", method="POST", path="/documents"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_with_all_it_knows(error: EasybillError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_refused_key_and_a_missing_thing_are_refusals() -> None:
    assert issubclass(KeyRefused, Rejected)
    assert issubclass(NotFound, Rejected)
    assert not issubclass(Unavailable, Rejected)
    assert not issubclass(OutcomeUnknown, Unavailable)
