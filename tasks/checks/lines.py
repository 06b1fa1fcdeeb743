"""Checks of one customer's lines: too much, too many, nothing, or the same twice."""

from collections import defaultdict
from collections.abc import Sequence

from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.money import plain
from tasks.checks.month_to_check import Line, MonthToCheck
from tasks.checks.seen import Seen, one_by_one

CENTS = 100
SHOWN = 3


def line_net(month: MonthToCheck) -> list[Issue]:
    """A line is above the bound."""
    bound = month.bounds.line_net_eur
    issues = []
    for number, lines in month.lines.items():
        large = [line for line in lines if line.net_cents > bound * CENTS]
        if large:
            shown: list[Fact] = [_line_facts(line) for line in large[:SHOWN]]
            more = max(len(large) - SHOWN, 0)
            issues.append(
                month.issue(
                    IssueCode.LINE_NET, number, lines=shown, more_count=more, bound_eur=bound
                )
            )
    return issues


def invoice_net(month: MonthToCheck) -> list[Issue]:
    """A customer's month is above the bound."""
    bound = month.bounds.invoice_net_eur
    return [
        month.issue(IssueCode.INVOICE_NET, number, net_cents=net_cents, bound_eur=bound)
        for number in month.lines
        if (net_cents := month.net_cents(number)) > bound * CENTS
    ]


def line_count(month: MonthToCheck) -> list[Issue]:
    """A customer's month has more lines than the bound."""
    bound = month.bounds.line_count
    return [
        month.issue(IssueCode.LINE_COUNT, number, line_count=len(lines), bound_count=bound)
        for number, lines in month.lines.items()
        if len(lines) > bound
    ]


def net_not_positive(month: MonthToCheck) -> list[Issue]:
    """A customer's lines come to nothing or less."""
    seen = [
        Seen(number, net, {"line_count": len(lines), "net_cents": net})
        for number, lines in month.lines.items()
        if (net := month.net_cents(number)) <= 0
    ]
    return one_by_one(IssueCode.NET_NOT_POSITIVE, month, seen)


def duplicates(month: MonthToCheck) -> list[Issue]:
    """Lines of the same day, code, title, quantity and price: one may be entered twice."""
    seen: list[Seen] = []
    small: list[Seen] = []
    for number, lines in month.lines.items():
        groups = _same_twice(lines)
        if not groups:
            continue
        worth = sum(group[0].net_cents * (len(group) - 1) for group in groups)
        groups.sort(key=lambda group: -group[0].net_cents * (len(group) - 1))
        facts: dict[str, Fact] = {
            "worth_cents": worth,
            "groups": [_group_facts(group) for group in groups[:SHOWN]],
            "more_count": max(len(groups) - SHOWN, 0),
        }
        is_worth_it = worth >= month.bounds.duplicates_eur * CENTS
        (seen if is_worth_it else small).append(Seen(number, worth, facts))
    return one_by_one(IssueCode.DUPLICATES, month, seen, small)


def _same_twice(lines: Sequence[Line]) -> list[list[Line]]:
    groups: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in lines:
        item = line.item
        groups[
            item.rendered_at.date(),
            item.service_code,
            item.title,
            item.quantity,
            item.unit_price_net,
        ].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _group_facts(group: Sequence[Line]) -> dict[str, Fact]:
    first = group[0].item
    title, *_ = first.title.splitlines()
    return {
        "service_ids": [line.item.service_id for line in group[:SHOWN]],
        "more_count": max(len(group) - SHOWN, 0),
        "day": f"{first.rendered_at:%Y-%m-%d}",
        "title": title,
        "quantity": plain(first.quantity),
        "unit_price": plain(first.unit_price_net),
    }


def _line_facts(line: Line) -> dict[str, Fact]:
    item = line.item
    return {
        "service_id": item.service_id,
        "quantity": plain(item.quantity),
        "unit_price": plain(item.unit_price_net),
        "net_cents": line.net_cents,
    }
