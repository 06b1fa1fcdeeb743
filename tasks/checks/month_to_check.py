"""What the checks look at: a whole month, the months before it, and the bounds."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from blocks.bounds.bounds import Bounds
from blocks.ledger.records import CustomerTotals
from tasks.billing.invoice import Customer
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.billing.matches import MatchedCustomer
from tasks.billing.month import BillingMonth
from tasks.load.month_of_services import MonthOfServices

# A customer that was billed in none of these months is billed for the first time.
MONTHS_LOOKED_BACK = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its net in cents, which is computed once."""

    item: LineItem
    net_cents: int


@dataclass(frozen=True, slots=True)
class MonthToCheck:
    """A month of all customers; `in_easybill` knows only those that easybill has.

    `refused` are the customers whose lines are not known for certain, `stopped` those to whom
    nothing is sent because of a bound of their own. `before` has the net cents of drafts by month,
    the oldest first, and customer number.
    """

    month: BillingMonth
    is_over: bool
    customers: Mapping[str, Customer]
    lines: Mapping[str, tuple[Line, ...]]
    refused: Collection[str]
    before: Mapping[str, Mapping[str, int]]
    in_easybill: Mapping[str, MatchedCustomer]
    bounds: Bounds
    stopped: Collection[str] = frozenset()

    def net_cents(self, customer_number: str) -> int:
        """The sum of the customer's lines; 0 without any."""
        return sum(line.net_cents for line in self.lines.get(customer_number, ()))

    def issue(self, code: IssueCode, customer_number: str | None = None, **facts: Fact) -> Issue:
        """An issue of this month."""
        return Issue(code, customer_number, str(self.month), facts=facts)


def month_to_check(
    loaded: MonthOfServices,
    before: Collection[CustomerTotals],
    in_easybill: Mapping[str, MatchedCustomer],
    bounds: Bounds,
    *,
    is_over: bool,
) -> MonthToCheck:
    """Put together what the checks look at."""
    by_month: dict[str, dict[str, int]] = defaultdict(dict)
    for totals in sorted(before, key=lambda totals: totals.month):
        by_month[totals.month][totals.customer_number] = totals.net_cents
    return MonthToCheck(
        month=loaded.month,
        is_over=is_over,
        customers=loaded.customers,
        lines={
            number: tuple(Line(item, item.net_cents) for item in items)
            for number, items in loaded.lines.items()
        },
        refused=loaded.refused.keys(),
        before=by_month,
        in_easybill=in_easybill,
        bounds=bounds,
    )
