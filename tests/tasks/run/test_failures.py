import pickle

import pytest

from blocks.easybill.errors import KeyRefused, OutcomeUnknown, Rejected, Unavailable
from blocks.ledger.errors import AlreadyBilled, LeaseLost, LedgerUnavailable, NotPermitted
from tasks.billing.issue import Issue, IssueCode
from tasks.easybill.upload import FAILURES_THAT_ARE_AN_OUTAGE, Outage
from tasks.run.failures import CustomerFailure, failures_of, may_be_repeated
from tasks.run.lease import LeaseTooShort


@pytest.mark.parametrize(
    ("cause", "code", "repeatable", "shared"),
    [
        (KeyRefused("401"), "key_refused", False, True),
        (Rejected("400"), "easybill_refused", False, False),
        (Unavailable("429"), "easybill_unavailable", True, True),
        (OutcomeUnknown("502"), "outcome_unknown", True, False),
        (LedgerUnavailable("gone"), "ledger_unavailable", False, True),
        (LeaseLost("2026-10", "run 2"), "month_lost", False, True),
        (LeaseTooShort("3 s left"), "month_lost", False, True),
        (NotPermitted("'link' is not permitted"), "not_permitted", False, False),
        (AlreadyBilled("S1", "service", "2026-10", "K2", 1), "ledger_refused", False, False),
    ],
)
def test_a_cause_becomes_an_issue_by_what_can_be_done(
    cause: Exception, code: str, repeatable: bool, shared: bool
) -> None:
    with pytest.raises(CustomerFailure) as raised, failures_of("K1", "2026-10"):
        raise cause
    failure = raised.value
    assert failure.issue.code == code
    assert (may_be_repeated(failure), failure.issue.is_shared) == (repeatable, shared)
    assert str(failure).startswith("customer K1, 2026-10: ")
    copy = pickle.loads(pickle.dumps(failure))
    assert (copy.issue, str(copy)) == (failure.issue, str(failure))


def test_an_outage_is_many_failures_in_a_row_or_one_refused_key() -> None:
    down = CustomerFailure(
        Issue(IssueCode.EASYBILL_UNAVAILABLE, "K1", "2026-10", facts={"said": "no answer"})
    )
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
    refused.saw(CustomerFailure(Issue(IssueCode.KEY_REFUSED, "K1", "2026-10")))
    assert refused.is_on
