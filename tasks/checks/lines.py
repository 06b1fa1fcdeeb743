"""Checks of one customer's lines: too much, too many, nothing, or the same twice."""

from collections import defaultdict
from collections.abc import Sequence

from tasks.billing.money import amount_text, plain
from tasks.checks.check import Stops, check
from tasks.checks.findings import Finding, Seen, one_by_one
from tasks.checks.month_to_check import Line, MonthToCheck

CENTS = 100
SHOWN = 3


@check(Stops.CUSTOMER)
def line_net(month: MonthToCheck) -> list[Finding]:
    """A line is above the bound."""
    bound = month.bounds.line_net_eur
    findings = []
    for number, lines in month.lines.items():
        large = [line for line in lines if line.net_cents > bound * CENTS]
        if large:
            named = "; ".join(
                f"{_named(line)} = {amount_text(line.net_cents)}" for line in _few(large)
            )
            said = f"{named}{_more(large)}: above {bound:,} (SENSE_LINE_NET_EUR)"
            findings.append(line_net.finding(number, said))
    return findings


@check(Stops.CUSTOMER)
def invoice_net(month: MonthToCheck) -> list[Finding]:
    """A customer's month is above the bound."""
    bound = month.bounds.invoice_net_eur
    return [
        invoice_net.finding(
            number,
            f"net {amount_text(month.net_cents(number))} is above {bound:,}"
            " (SENSE_INVOICE_NET_EUR)",
        )
        for number in month.lines
        if month.net_cents(number) > bound * CENTS
    ]


@check(Stops.CUSTOMER)
def line_count(month: MonthToCheck) -> list[Finding]:
    """A customer's month has more lines than the bound."""
    bound = month.bounds.line_count
    return [
        line_count.finding(
            number, f"{len(lines):,} lines are more than {bound:,} (SENSE_LINE_COUNT)"
        )
        for number, lines in month.lines.items()
        if len(lines) > bound
    ]


@check()
def net_not_positive(month: MonthToCheck) -> list[Finding]:
    """A customer's lines add up to nothing or less."""
    seen = [
        Seen(number, net, f"{_count(lines)} up to net {amount_text(net)}: nothing is to be paid")
        for number, lines in month.lines.items()
        if (net := month.net_cents(number)) <= 0
    ]
    return one_by_one(net_not_positive.name, seen, month.bounds.listed)


@check()
def duplicates(month: MonthToCheck) -> list[Finding]:
    """Lines of the same day, code, title, quantity and price: one may be entered twice."""
    seen: list[Seen] = []
    small: list[Seen] = []
    for number, lines in month.lines.items():
        groups = _same_twice(lines)
        if not groups:
            continue
        worth = sum(group[0].net_cents * (len(group) - 1) for group in groups)
        groups.sort(key=lambda group: -group[0].net_cents * (len(group) - 1))
        named = "; ".join(_same(group) for group in groups[:SHOWN])
        message = f"possible duplicates, worth {amount_text(worth)}: {named}{_more(groups)}"
        is_worth_it = worth >= month.bounds.duplicates_eur * CENTS
        (seen if is_worth_it else small).append(Seen(number, worth, message))
    return one_by_one(duplicates.name, seen, month.bounds.listed, small)


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


def _same(group: Sequence[Line]) -> str:
    ids = " = ".join(line.item.service_id for line in _few(group))
    first = group[0].item
    title, *_ = first.title.splitlines()
    return (
        f"{ids}{_more(group)} ({first.rendered_at:%Y-%m-%d}, {title},"
        f" {plain(first.quantity)} × {plain(first.unit_price_net)})"
    )


def _named(line: Line) -> str:
    item = line.item
    return f"service {item.service_id}: {plain(item.quantity)} × {plain(item.unit_price_net)}"


def _few(lines: Sequence[Line]) -> Sequence[Line]:
    return lines[:SHOWN]


def _more(things: Sequence[object]) -> str:
    return f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""


def _count(lines: Sequence[Line]) -> str:
    return "1 line adds" if len(lines) == 1 else f"{len(lines)} lines add"
