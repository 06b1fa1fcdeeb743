"""Is a month complete? Answered from the OMS and the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from tasks.billing.line_item import LineItem
from tasks.questions.customer import CustomerAnswer, answer_customer
from tasks.questions.known import KnownMonth


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines, and their net in cents."""

    line_count: int
    net_cents: int


@dataclass(frozen=True, slots=True)
class MonthAnswer:
    """How a month is: all who have services, an export or rows that are not valid, and sums.

    `in_oms` is what can be billed; `in_other_months` the part of it that drafts of other months
    bill, `not_invoiced` what is in no draft, and `late` what of it came after its customer was
    done. `in_drafts` is what the month's drafts bill.
    """

    known: KnownMonth
    customers: tuple[CustomerAnswer, ...]
    drafts: tuple[Export, ...]
    in_oms: Sum
    in_drafts: Sum
    in_other_months: Sum
    not_invoiced: Sum
    late: Sum

    @property
    def not_done(self) -> tuple[CustomerAnswer, ...]:
        """Those who are not invoiced, or not wholly."""
        return tuple(customer for customer in self.customers if not customer.is_done)

    @property
    def customer_count(self) -> int:
        """How many have services, drafts or rows that are not valid."""
        return len([c for c in self.customers if c.lines or c.drafts or c.issues])

    @property
    def differs_by_cents(self) -> int:
        """What the OMS says beyond all drafts and all that is open; 0 in a complete month."""
        found = (self.in_drafts, self.in_other_months, self.not_invoiced)
        return self.in_oms.net_cents - sum(part.net_cents for part in found)

    @property
    def is_complete(self) -> bool:
        """Whether the month is over, was run, and every service is in a finished draft."""
        settled = self.known.is_over and self.known.was_run and not self.not_done
        return settled and self.differs_by_cents == 0


def answer_month(known: KnownMonth) -> MonthAnswer:
    """Tell of every customer who has services, an export or rows that are not valid."""
    concerned = known.exports.keys() | known.loaded.lines.keys() | known.loaded.refused.keys()
    customers = tuple(answer_customer(known, number) for number in sorted(concerned))
    drafts = tuple(draft for customer in customers for draft in customer.drafts)
    billed = [(line, known.draft_of(line)) for customer in customers for line in customer.lines]
    month = str(known.loaded.month)
    return MonthAnswer(
        known=known,
        customers=customers,
        drafts=drafts,
        in_oms=_sum(line for line, _ in billed),
        in_drafts=Sum(
            sum(draft.line_count for draft in drafts), sum(draft.net_cents for draft in drafts)
        ),
        in_other_months=_sum(line for line, draft in billed if draft and draft.month != month),
        not_invoiced=_sum(line for customer in customers for line in customer.open_lines),
        late=_sum(line for c in customers if c.are_late for line in c.open_lines),
    )


def _sum(lines: Iterable[LineItem]) -> Sum:
    found = [line.net_cents for line in lines]
    return Sum(len(found), sum(found))
