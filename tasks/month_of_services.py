"""What the OMS says of one month."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tasks.billing.invoice import Customer
from tasks.billing.line_item import LineItem
from tasks.billing.month import BillingMonth


@dataclass(frozen=True, slots=True)
class MonthOfServices:
    """What the OMS says of one month: customers, their lines, and who cannot be billed and why."""

    month: BillingMonth
    customers: Mapping[str, Customer]
    lines: Mapping[str, tuple[LineItem, ...]]
    refusals: Mapping[str, tuple[str, ...]]

    def only(self, wanted: Collection[str]) -> "MonthOfServices":
        """The same for these customers; one that the OMS does not know is refused."""
        refusals = {number: why for number, why in self.refusals.items() if number in wanted}
        for number in wanted:
            if number not in self.customers and number not in refusals:
                refusals[number] = (f"customer {number} is not in the OMS: check the number",)
        return MonthOfServices(
            month=self.month,
            customers={n: customer for n, customer in self.customers.items() if n in wanted},
            lines={n: lines for n, lines in self.lines.items() if n in wanted},
            refusals=refusals,
        )

    def refusing(self, further: Mapping[str, tuple[str, ...]]) -> "MonthOfServices":
        """The same, with these customers refused as well."""
        return MonthOfServices(
            month=self.month,
            customers=self.customers,
            lines={n: lines for n, lines in self.lines.items() if n not in further},
            refusals={**self.refusals, **further},
        )
