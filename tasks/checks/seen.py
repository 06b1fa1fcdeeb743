"""What a check saw of customers, as one issue each, or as a sum where there are too many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.checks.month_to_check import MonthToCheck

# How many customers an issue names that sums customers up.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw of one customer, and how much money it is about."""

    customer_number: str
    net_cents: int
    facts: Mapping[str, Fact] = field(default_factory=dict)


def one_by_one(
    code: IssueCode, month: MonthToCheck, seen: Sequence[Seen], further: Sequence[Seen] = ()
) -> list[Issue]:
    """An issue of each customer, the largest first; after `listed` of them the others in one sum.

    `further` are always in the sum.
    """
    ordered, at_most = _largest_first(seen), month.bounds.listed
    issues = [month.issue(code, each.customer_number, **each.facts) for each in ordered[:at_most]]
    rest = [*ordered[at_most:], *_largest_first(further)]
    if rest:
        issues.append(_in_one_sum(code, month, rest, is_rest=bool(issues)))
    return issues


def each_or_in_one_sum(
    code: IssueCode, month: MonthToCheck, seen: Sequence[Seen], **facts: Fact
) -> list[Issue]:
    """An issue of each customer where they are at most `listed`; else one of all, with `facts`."""
    if len(seen) <= month.bounds.listed:
        return one_by_one(code, month, seen)
    return [_in_one_sum(code, month, seen, is_rest=False, **facts)]


def _in_one_sum(
    code: IssueCode,
    month: MonthToCheck,
    seen: Sequence[Seen],
    *,
    is_rest: bool,
    **facts: Fact,
) -> Issue:
    """One issue for all: how many, what they come to, the largest by amount, and all numbers."""
    ordered = _largest_first(seen)
    largest = ordered[:NAMED]
    customers: Mapping[str, Fact] = {
        "count": len(seen),
        "is_rest": is_rest,
        "net_cents": sum(each.net_cents for each in seen),
        "largest": [
            {"customer_number": each.customer_number, "net_cents": each.net_cents}
            for each in largest
        ],
        "more_count": len(seen) - len(largest),
        "numbers": [each.customer_number for each in ordered],
    }
    return month.issue(code, None, customers=customers, **facts)


def _largest_first(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda each: (-abs(each.net_cents), each.customer_number))
