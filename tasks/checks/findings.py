"""What a check found: a warning, or what stops a customer or the run."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.billing.money import amount_text

# How many customers a finding names that sums customers up.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should look at; `customer_number` is None for the whole run."""

    check: str
    customer_number: str | None
    message: str
    stops: bool

    @property
    def name(self) -> str:
        """What `let_through` calls it: `invoice_net:K1001`, or `month_net` for the whole run."""
        return (
            self.check if self.customer_number is None else f"{self.check}:{self.customer_number}"
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw of one customer, and how much money it is about."""

    customer_number: str
    net_cents: int
    message: str


def one_by_one(
    check: str, seen: Sequence[Seen], at_most: int, further: Sequence[Seen] = ()
) -> list[Finding]:
    """Warn of each customer, the largest first; the customers after `at_most` in one sum.

    `further` are always in the sum.
    """
    ordered = _largest_first(seen)
    findings = [
        Finding(check, each.customer_number, each.message, stops=False)
        for each in ordered[:at_most]
    ]
    rest = [*ordered[at_most:], *_largest_first(further)]
    if rest:
        more = "more " if findings else ""
        findings.append(
            Finding(check, None, f"{customers(len(rest), more)}: {summed_up(rest)}", stops=False)
        )
    return findings


def summed_up(seen: Sequence[Seen]) -> str:
    """The total of all, and the largest by number and amount."""
    largest = _largest_first(seen)[:NAMED]
    named = ", ".join(f"{each.customer_number} ({amount_text(each.net_cents)})" for each in largest)
    more = f", and {len(seen) - NAMED} more" if len(seen) > NAMED else ""
    total = amount_text(sum(each.net_cents for each in seen))
    return f"{total} in all; {named}{more}"


def customers(count: int, more: str = "") -> str:
    """The count of customers in words."""
    return f"{count} {more}customer{'' if count == 1 else 's'}"


def _largest_first(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda each: (-abs(each.net_cents), each.customer_number))
