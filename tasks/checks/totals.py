"""Checks of totals against the months before: who and what is different."""

from decimal import Decimal

from tasks.billing.money import amount_text, round_half_up
from tasks.checks.check import Check, Stops, check
from tasks.checks.findings import Finding, Seen, customers, one_by_one, summed_up
from tasks.checks.month_to_check import MonthToCheck

CENTS = 100


@check()
def no_history(month: MonthToCheck) -> list[Finding]:
    """The ledger has no earlier month to compare with: said once, instead of guessing."""
    if month.before:
        return []
    said = (
        "the ledger has drafts of no earlier month, so totals, new customers and customers without"
        " services this month can't be compared with anything"
    )
    return [no_history.finding(None, said)]


@check()
def unusual_total(month: MonthToCheck) -> list[Finding]:
    """A customer's total differs from the mean of the last months with a bill."""
    seen = []
    for number in month.lines:
        before, total = _last_totals(month, number), month.net_cents(number)
        if not before or not _differs_from_usual(month, total, list(before.values())):
            continue
        mean = round_half_up(Decimal(sum(before.values())) / len(before))
        of = f"{'mean of ' if len(before) > 1 else ''}{', '.join(before)}"
        message = f"net {amount_text(total)}; usual is {amount_text(mean)} ({of})"
        seen.append(Seen(number, abs(total - mean), message))
    return one_by_one(unusual_total.name, seen, month.bounds.listed)


def _last_totals(month: MonthToCheck, number: str) -> dict[str, int]:
    """The customer's totals of the last months, without those that have no bill."""
    last = list(month.before.items())[-month.bounds.usual_months :]
    return {text: nets[number] for text, nets in last if number in nets}


def _differs_from_usual(month: MonthToCheck, total: int, before: list[int]) -> bool:
    # Multiplied by the count of months, so that every amount is in whole cents.
    usual, difference = sum(before), abs(total * len(before) - sum(before))
    return (
        difference > month.bounds.usual_change_eur * CENTS * len(before)
        and difference * 100 > month.bounds.usual_change_percent * usual
    )


@check()
def first_time(month: MonthToCheck) -> list[Finding]:
    """Customers that were billed in no earlier month of the last year."""
    known = {number for nets in month.before.values() for number in nets}
    if not month.before:
        return []
    new = [
        Seen(number, net, f"billed for the first time, net {amount_text(net)}")
        for number, net in ((n, month.net_cents(n)) for n in month.lines if n not in known)
    ]
    what = f"billed now, and in no month since {min(month.before)}"
    return _all_in_one(first_time, new, month.bounds.listed, what)


@check()
def gone_quiet(month: MonthToCheck) -> list[Finding]:
    """Customers billed in the last month of the ledger that have nothing now."""
    if not month.before:
        return []
    last = max(month.before)
    quiet = [
        Seen(number, net, f"nothing to be billed; in {last} net {amount_text(net)}")
        for number, net in month.before[last].items()
        if number not in month.lines and number not in month.refused
    ]
    return _all_in_one(gone_quiet, quiet, month.bounds.listed, f"billed in {last} and not now")


def _all_in_one(check: Check, seen: list[Seen], at_most: int, what: str) -> list[Finding]:
    """One finding each where they are few, else one for all: customers come and go."""
    if len(seen) <= at_most:
        return one_by_one(check.name, seen, at_most)
    return [check.finding(None, f"{customers(len(seen))} {what}, net {summed_up(seen)}")]


@check(Stops.RUN)
def month_net(month: MonthToCheck) -> list[Finding]:
    """All customers together are above the bound."""
    total = sum(map(month.net_cents, month.lines))
    bound = month.bounds.month_net_eur
    if total <= bound * CENTS:
        return []
    said = f"the month's net {amount_text(total)} is above {bound:,} (SENSE_MONTH_NET_EUR)"
    return [month_net.finding(None, said)]


@check(Stops.RUN)
def month_change(month: MonthToCheck) -> list[Finding]:
    """All customers together are far from the last month of the ledger.

    A month that is not over yet has less: then too little only warns.
    """
    if not month.before:
        return []
    last = max(month.before)
    before, total = sum(month.before[last].values()), sum(map(month.net_cents, month.lines))
    bounds = month.bounds
    change = abs(total - before)
    passes_share = change * 100 > bounds.month_change_percent * before
    if not passes_share or change <= bounds.month_change_eur * CENTS:
        return []
    said = (
        f"the month's net {amount_text(total)} is {'above' if total > before else 'below'} the"
        f" {amount_text(before)} of {last} by more than {bounds.month_change_percent} %"
        " (SENSE_MONTH_CHANGE_PERCENT)"
    )
    naturally_less = total < before and not month.is_over
    return [month_change.finding(None, said, only_warns=naturally_less)]
