import pickle

import pytest

from blocks.easybill.errors import (
    Forbidden,
    KeyRefused,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    Unreadable,
)
from blocks.ledger.errors import AlreadyBilled, LeaseLost, LedgerUnavailable, NotPermitted
from tasks.billing.issue import Issue, IssueCode
from tasks.easybill.upload import Outage
from tasks.run.failures import CustomerFailure, failures_of, may_be_repeated
from tasks.run.lease import LeaseTooShort


@pytest.mark.parametrize(
    ("cause", "code", "repeatable", "shared"),
    [
        (KeyRefused("401"), "key_refused", False, True),
        (Forbidden("403"), "easybill_forbidden", False, False),
        (Rejected("400"), "easybill_refused", False, False),
        (Unavailable("429"), "easybill_unavailable", True, True),
        (Unreadable("easybill's document 8"), "easybill_unreadable", False, False),
        (OutcomeUnknown("502"), "outcome_unknown", True, False),
        (LedgerUnavailable("gone"), "ledger_unavailable", False, True),
        (LeaseLost("2026-10", "run 2"), "month_lost", False, True),
        (LeaseTooShort("3 s left"), "month_lost", False, True),
        (NotPermitted("'link' is not permitted"), "not_permitted", False, False),
        (AlreadyBilled("S1", "service", "2026-10", "K2", 1), "already_billed", False, False),
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


@pytest.mark.parametrize(
    ("code", "customers"),
    [("key_refused", 1), ("easybill_forbidden", 3), ("easybill_unavailable", 10)],
)
def test_what_befalls_so_many_in_a_row_is_an_outage(code: str, customers: int) -> None:
    failure = CustomerFailure(Issue(IssueCode(code), "K1", "2026-10", facts={"said": "no"}))
    outage = Outage()
    for _ in range(customers - 1):
        outage.saw(failure)
    assert not outage.is_on
    outage.saw(None)
    for _ in range(customers - 1):
        outage.saw(failure)
    assert not outage.is_on
    outage.saw(failure)
    assert outage.is_on
    outage.saw(None)
    assert outage.is_on


def test_a_refusal_of_a_customers_own_is_no_outage() -> None:
    outage = Outage()
    for _ in range(50):
        outage.saw(CustomerFailure(Issue(IssueCode.EASYBILL_REFUSED, "K1", "2026-10")))
    assert not outage.is_on
