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
from blocks.easybill.models import Document
from blocks.easybill.touched import Touched

ERRORS: list[EasybillError] = [
    EasybillError("broken", status=200),
    Rejected("refused", status=400),
    KeyRefused("no", status=401),
    NotFound("gone", status=404),
    Unavailable("later", status=429),
    OutcomeUnknown("?"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_with_all_it_knows(error: EasybillError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(("is_draft", "said"), [(True, "still a draft"), (False, "is finalised")])
def test_a_touched_document_survives_pickling_and_says_what_it_is(
    is_draft: bool, said: str
) -> None:
    error = Touched(Document(id=7, is_draft=is_draft, amount=1, amount_net=1))
    copy = pickle.loads(pickle.dumps(error))
    assert copy.document == error.document
    assert said in str(copy)


def test_a_refused_key_and_not_found_are_refusals() -> None:
    assert issubclass(KeyRefused, Rejected)
    assert issubclass(NotFound, Rejected)
    assert not issubclass(Unavailable, Rejected)
    assert not issubclass(OutcomeUnknown, Unavailable)
