"""A month's plan, for some of its customers only."""

from tasks.billing.invoice import Customer, Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.plan.decide import MonthPlan, decide
from tests.tasks.billing.test_invoice import LINE, OCTOBER
from tests.tasks.plan.test_decide import NOTHING, month_of, planned


def test_a_plan_for_some_customers_is_theirs_and_refuses_whom_the_oms_does_not_know() -> None:
    plan = decide(month_of({"K1": (LINE,), "K2": (LINE,)}), NOTHING)
    chosen = plan.only({"K2", "K7"}, ("K1", "K2", "K3"))
    assert planned(chosen) == [("K2", 1, [("S1", "service")])]
    assert chosen.refused == {"K7": (Issue(IssueCode.CUSTOMER_UNKNOWN, "K7", "2026-10"),)}
    assert chosen.skipped == ()
    others = plan.without({"K2", "K7"})
    assert (planned(others), others.skipped) == ([("K1", 1, [("S1", "service")])], ("K3",))


def test_a_plan_for_some_customers_has_all_of_theirs_and_nothing_of_others() -> None:
    def of(*numbers: str) -> MonthPlan:
        invoices = tuple(Invoice.of(OCTOBER, Customer(number), [LINE]) for number in numbers)
        issues = {n: Issue(IssueCode.ROW_INVALID, n, "2026-10") for n in numbers}
        refused = {number: (issue,) for number, issue in issues.items()}
        found = (*(invoices, numbers, numbers, refused), tuple(issues.values()), invoices)
        return MonthPlan(OCTOBER, *found)

    assert of("K1", "K2").only({"K1"}, ("K1", "K2")) == of("K1")
    assert of("K1", "K2").without({"K1"}) == of("K2")


def test_whom_the_oms_does_not_know_is_named_in_order_and_others_keep_their_reason() -> None:
    bad_row = Issue(IssueCode.ROW_INVALID, "K9", "2026-10")
    plan = decide(month_of({"K2": (LINE,)}, {"K9": (bad_row,)}), NOTHING)
    unknown = ["K4", "K5", "K6", "K7", "K8"]
    chosen = plan.only({"K9", *unknown}, ("K1", "K2", "K3"))
    assert list(chosen.refused) == ["K9", *unknown]
    assert chosen.refused["K9"] == (bad_row,)
