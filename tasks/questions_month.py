"""Is a month complete? Answered from the OMS and the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from tasks.billing.line_item import LineItem
from tasks.questions_customer import CustomerAnswer, answer_customer
from tasks.questions_known import KnownMonth


@dataclass(frozen=True, slots=True)
class Sum:
    """So many lines, and their net in cents."""

    line_count: int
    net_cents: int


@dataclass(frozen=True, slots=True)
class MonthAnswer:
    """How a month stands: the customers who have services, drafts or unsound rows."""

    known: KnownMonth
    customers: tuple[CustomerAnswer, ...]

    @property
    def not_done(self) -> tuple[CustomerAnswer, ...]:
        """Those who are not invoiced, or not wholly."""
        return tuple(customer for customer in self.customers if not customer.is_done)

    @property
    def customer_count(self) -> int:
        """How many have services, drafts or unsound rows."""
        return len([c for c in self.customers if c.lines or c.drafts or c.reasons])

    @property
    def in_oms(self) -> Sum:
        """What the OMS says that can be billed."""
        return _sum([line for customer in self.customers for line in customer.lines])

    @property
    def drafts(self) -> tuple[Export, ...]:
        """The month's drafts."""
        return tuple(draft for customer in self.customers for draft in customer.drafts)

    @property
    def in_drafts(self) -> Sum:
        """What the month's drafts bill."""
        return Sum(
            sum(draft.line_count for draft in self.drafts),
            sum(draft.net_cents for draft in self.drafts),
        )

    @property
    def in_other_months(self) -> Sum:
        """What the OMS has in this month and a draft of another month bills."""
        month = str(self.known.loaded.month)
        lines = [line for customer in self.customers for line in customer.lines]
        drafts = [(line, self.known.draft_of(line)) for line in lines]
        return _sum([line for line, draft in drafts if draft and draft.month != month])

    @property
    def not_invoiced(self) -> Sum:
        """What stands in no draft, as far as it can be read."""
        return _sum([line for customer in self.customers for line in customer.open_lines])

    @property
    def late(self) -> Sum:
        """What stands in no draft and came after its customer was done."""
        late = [customer for customer in self.customers if customer.are_late]
        return _sum([line for customer in late for line in customer.open_lines])

    @property
    def differs_by_cents(self) -> int:
        """What the OMS says beyond all drafts and all that is open; 0 in a complete month."""
        found = (self.in_drafts, self.in_other_months, self.not_invoiced)
        return self.in_oms.net_cents - sum(part.net_cents for part in found)

    @property
    def is_complete(self) -> bool:
        """Whether the month is over, was run, and every service stands in a finished draft."""
        settled = self.known.is_over and self.known.was_run and not self.not_done
        return settled and self.differs_by_cents == 0


def answer_month(known: KnownMonth) -> MonthAnswer:
    """Tell of every customer who has services, an export or unsound rows in the month."""
    concerned = known.exports.keys() | known.loaded.lines.keys() | known.loaded.refusals.keys()
    return MonthAnswer(known, tuple(answer_customer(known, number) for number in sorted(concerned)))


def _sum(lines: Sequence[LineItem]) -> Sum:
    return Sum(len(lines), sum(line.net_cents for line in lines))
