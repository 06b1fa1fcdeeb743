"""How a check is declared: its name, and what it can stop."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tasks.checks.findings import Finding
from tasks.checks.month_to_check import MonthToCheck

Look = Callable[[MonthToCheck], list[Finding]]


class Stops(Enum):
    """What a check can stop; the value is how the documentation says it."""

    NOTHING = "warns"
    CUSTOMER = "stops the customer"
    RUN = "stops the run"


@dataclass(frozen=True, slots=True)
class Check:
    """A look at a month that returns findings; the look's name is the check's."""

    name: str
    stops: Stops
    look: Look

    def __call__(self, month: MonthToCheck) -> list[Finding]:
        """Look at the month; reads and writes nothing else."""
        return self.look(month)

    def finding(
        self, customer_number: str | None, message: str, *, only_warns: bool = False
    ) -> Finding:
        """What was found of a customer or, with None, of the whole month.

        It stops what the check is declared to stop: nothing else has a name to be let through by.
        """
        can_stop = Stops.RUN if customer_number is None else Stops.CUSTOMER
        stops = self.stops is can_stop and not only_warns
        return Finding(self.name, customer_number, message, stops=stops)


def check(stops: Stops = Stops.NOTHING) -> Callable[[Look], Check]:
    """Declare a function as a check that can stop this."""
    return lambda look: Check(look.__name__, stops, look)
