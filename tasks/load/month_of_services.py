"""What the OMS says of one month."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tasks.billing.draft_terms import DraftTerms
from tasks.billing.invoice import NO_TERMS, Customer
from tasks.billing.issue import Issue
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth


@dataclass(frozen=True, slots=True)
class MonthOfServices:
    """What the OMS says of one month: customers, their lines, and who cannot be billed and why.

    `terms`: what the account puts on the month's drafts.
    """

    month: BillingMonth
    customers: Mapping[str, Customer]
    lines: Mapping[str, tuple[LineItem, ...]]
    refused: Mapping[str, tuple[Issue, ...]]
    terms: DraftTerms = NO_TERMS

    def refusing(self, further: Mapping[str, tuple[Issue, ...]]) -> "MonthOfServices":
        """The same, with these customers refused as well."""
        return replace(
            self,
            lines={n: lines for n, lines in self.lines.items() if n not in further},
            refused={**self.refused, **further},
        )
