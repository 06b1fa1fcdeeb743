"""What one read of the OMS brings back."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that breaks the contract, and why; customer_number is "" where it has none."""

    relation: str
    row_key: str
    customer_number: str
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        customer = self.customer_number or "(none)"
        return (
            f"{self.relation}, row {self.row_key or '(no key)'} of customer {customer}: "
            f"{self.column} is {self.value or 'empty'}, expected {self.expected}."
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The valid rows as of one moment, and every bad row.

    services is sorted by rendered_at and service_id, customers by customer_number; both have the
    columns of the contract. A service whose customer is unknown stays in services.
    """

    services: pl.DataFrame
    customers: pl.DataFrame
    bad_rows: tuple[BadRow, ...]
