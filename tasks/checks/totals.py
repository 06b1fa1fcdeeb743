"""Checks of totals against the months before: who and what is unlike before."""

from dataclasses import replace
from decimal import Decimal

from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.money import round_half_up
from tasks.checks.month_to_check import MonthToCheck
from tasks.checks.seen import Seen, each_or_in_one_sum, one_by_one

CENTS = 100


def no_history(month: MonthToCheck) -> list[Issue]:
    """Say once that there is nothing to compare with, instead of guessing."""
    return [] if month.before else [month.issue(IssueCode.NO_HISTORY)]


def unusual_total(month: MonthToCheck) -> list[Issue]:
    """A customer's total differs from the mean of the last months in which he was billed."""
    seen = []
    for number in month.lines:
        before, total = _last_totals(month, number), month.net_cents(number)
        if not before or not _differs_from_usual(month, total, list(before.values())):
            continue
        usual = round_half_up(Decimal(sum(before.values())) / len(before))
        facts: dict[str, Fact] = {"net_cents": total, "usual_cents": usual, "months": list(before)}
        seen.append(Seen(number, abs(total - usual), facts))
    return one_by_one(IssueCode.UNUSUAL_TOTAL, month, seen)


def _last_totals(month: MonthToCheck, number: str) -> dict[str, int]:
    """The customer's totals of the last months, without those in which he was not billed."""
    last = list(month.before.items())[-month.bounds.usual_months :]
    return {text: nets[number] for text, nets in last if number in nets}


def _differs_from_usual(month: MonthToCheck, total: int, before: list[int]) -> bool:
    # Times the count of months, so that everything stays whole cents.
    usual, difference = sum(before), abs(total * len(before) - sum(before))
    return (
        difference > month.bounds.usual_change_eur * CENTS * len(before)
        and difference * 100 > month.bounds.usual_change_percent * usual
    )


def first_time(month: MonthToCheck) -> list[Issue]:
    """Customers whom no earlier month of the ledger knows, looked back a year."""
    if not month.before:
        return []
    known = {number for nets in month.before.values() for number in nets}
    new = {number: month.net_cents(number) for number in month.lines if number not in known}
    seen = [Seen(number, net, {"net_cents": net}) for number, net in new.items()]
    # Customers come and go: many of them are one issue.
    return each_or_in_one_sum(IssueCode.FIRST_TIME, month, seen, before_month=min(month.before))


def gone_quiet(month: MonthToCheck) -> list[Issue]:
    """Customers billed in the last month of the ledger, of whom there is nothing now."""
    if not month.before:
        return []
    last = max(month.before)
    seen = [
        Seen(number, net, {"net_cents": net, "before_month": last})
        for number, net in month.before[last].items()
        if number not in month.lines and number not in month.refused
    ]
    return each_or_in_one_sum(IssueCode.GONE_QUIET, month, seen, before_month=last)


def month_net(month: MonthToCheck) -> list[Issue]:
    """All customers together are above the bound."""
    total, bound = _total(month), month.bounds.month_net_eur
    if total <= bound * CENTS:
        return []
    return [month.issue(IssueCode.MONTH_NET, net_cents=total, bound_eur=bound)]


def month_change(month: MonthToCheck) -> list[Issue]:
    """All customers together are far from the last month of the ledger.

    Who is not billed now for a reason of his own is left out of both. A month that is not over yet
    naturally has less: then too little only warns.
    """
    last = max(month.before, default="")
    left_out = {*month.refused, *month.stopped}
    nets = [net for number, net in month.before.get(last, {}).items() if number not in left_out]
    if not nets:
        return []
    before, total = sum(nets), _total(month)
    bounds, change = month.bounds, abs(total - before)
    passes_share = change * 100 > bounds.month_change_percent * before
    if not passes_share or change <= bounds.month_change_eur * CENTS:
        return []
    issue = month.issue(
        IssueCode.MONTH_CHANGE,
        net_cents=total,
        before_cents=before,
        before_month=last,
        bound_percent=bounds.month_change_percent,
    )
    return [replace(issue, only_warns=total <= before and not month.is_over)]


def _total(month: MonthToCheck) -> int:
    """What all customers come to who are not stopped by a bound of their own."""
    return sum(month.net_cents(number) for number in month.lines if number not in month.stopped)
