"""What the OMS says of one month."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.billing.invoice import Customer
from tasks.billing.issue import Issue
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth


@dataclass(frozen=True, slots=True)
class MonthOfServices:
    """What the OMS says of one month: customers, their lines, and who cannot be billed and why."""

    month: BillingMonth
    customers: Mapping[str, Customer]
    lines: Mapping[str, tuple[LineItem, ...]]
    refused: Mapping[str, tuple[Issue, ...]]

    def refusing(self, further: Mapping[str, tuple[Issue, ...]]) -> "MonthOfServices":
        """The same, with these customers refused as well."""
        return MonthOfServices(
            month=self.month,
            customers=self.customers,
            lines={n: lines for n, lines in self.lines.items() if n not in further},
            refused={**self.refused, **further},
        )
