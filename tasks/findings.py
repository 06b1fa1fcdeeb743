"""What a sense check found: a warning, or a bound that stops a customer or the run."""

from dataclasses import dataclass


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
