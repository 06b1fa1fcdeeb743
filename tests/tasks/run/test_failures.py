import pickle

import pytest

from blocks.easybill.errors import KeyRefused, OutcomeUnknown, Rejected, Unavailable
from blocks.ledger.errors import AlreadyBilled, LeaseLost, LedgerUnavailable, NotPermitted
from tasks.easybill.upload import FAILURES_THAT_ARE_AN_OUTAGE, Outage
from tasks.run.failures import (
    CustomerFailure,
    Disputed,
    EasybillUnavailable,
    KeyRefusedByEasybill,
    LedgerGone,
    MonthLost,
    NotPermittedByProtocol,
    OutcomeInDoubt,
    RefusedByEasybill,
    failures_of,
)
from tasks.run.lease import LeaseTooShort


@pytest.mark.parametrize(
    ("cause", "kind", "repeatable", "shared"),
    [
        (KeyRefused("401"), KeyRefusedByEasybill, False, True),
        (Rejected("400"), RefusedByEasybill, False, False),
        (Unavailable("429"), EasybillUnavailable, True, True),
        (OutcomeUnknown("502"), OutcomeInDoubt, True, False),
        (LedgerUnavailable("gone"), LedgerGone, False, True),
        (LeaseLost("2026-10", "run 2"), MonthLost, False, True),
        (LeaseTooShort("3 s left"), MonthLost, False, True),
        (NotPermitted("'link' is not permitted"), NotPermittedByProtocol, False, False),
        (AlreadyBilled("S1", "service", "2026-10", "K2", 1), Disputed, False, False),
    ],
)
def test_a_cause_becomes_a_failure_by_what_can_be_done(
    cause: Exception, kind: type[CustomerFailure], repeatable: bool, shared: bool
) -> None:
    with pytest.raises(CustomerFailure) as raised, failures_of("K1", "2026-10"):
        raise cause
    failure = raised.value
    assert type(failure) is kind
    assert (failure.repeatable, failure.shared) == (repeatable, shared)
    assert str(failure).startswith("customer K1, 2026-10: ")
    assert failure.next_step
    copy = pickle.loads(pickle.dumps(failure))
    assert (type(copy), str(copy)) == (kind, str(failure))


def test_an_outage_is_many_failures_in_a_row_or_one_refused_key() -> None:
    down = EasybillUnavailable("K1", "2026-10", "no answer", "wait")
    outage = Outage()
    for _ in range(FAILURES_THAT_ARE_AN_OUTAGE - 1):
        outage.saw(down)
    assert not outage.is_on
    outage.saw(None)
    outage.saw(down)
    assert not outage.is_on
    for _ in range(FAILURES_THAT_ARE_AN_OUTAGE):
        outage.saw(down)
    assert outage.is_on
    refused = Outage()
    refused.saw(KeyRefusedByEasybill("K1", "2026-10", "401", "save a key"))
    assert refused.is_on
