"""What can happen in a story, step by step; each says in words what it is."""

from dataclasses import dataclass
from typing import Literal

from tasks.billing.line_item import Service
from tests.simulation.process import Mishaps

NO_MISHAPS = Mishaps()
AccountantAct = Literal["retitles", "reprices", "finalises", "deletes"]


@dataclass(frozen=True, slots=True)
class ServiceWritten:
    """A service appears in the OMS, or says something else from now on."""

    at: float
    service: Service
    is_broken: bool = False

    def __str__(self) -> str:
        service = self.service
        return (
            f"OMS: {service.service_id} of {service.customer_number}, {service.status} at"
            f" {service.rendered_at:%Y-%m-%d %H:%M:%S}, {service.quantity} x"
            f" {service.unit_price_net}, VAT {service.vat_percent}, fee"
            f" {service.cancellation_fee_net}{' (broken row)' if self.is_broken else ''}"
        )


@dataclass(frozen=True, slots=True)
class ServiceVanishes:
    """A service is no longer in the OMS."""

    at: float
    service_id: str

    def __str__(self) -> str:
        return f"OMS: {self.service_id} vanishes"


@dataclass(frozen=True, slots=True)
class AccountantActs:
    """The accountant changes, finalises or deletes the n-th document that stands."""

    at: float
    act: AccountantAct
    nth: int

    def __str__(self) -> str:
        return f"the accountant {self.act} a draft (no. {self.nth})"


@dataclass(frozen=True, slots=True)
class ClockJumps:
    """Our machine's clock is set to another time."""

    at: float
    seconds: float

    def __str__(self) -> str:
        return f"our clock jumps by {self.seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class RunStarts:
    """A process of ours begins: a month's run, or its withdrawal."""

    at: float
    name: str
    month: str
    customers: frozenset[str] | None = None
    withdraws: bool = False
    bill_late: bool = False
    recreate_deleted: bool = False
    fault_rate: float = 0.0
    ledger_fault_rate: float = 0.0
    mishaps: Mishaps = NO_MISHAPS

    def __str__(self) -> str:
        what = "withdraws" if self.withdraws else "invoices"
        who = "all" if self.customers is None else ", ".join(sorted(self.customers))
        options = [name for name in ("bill_late", "recreate_deleted") if getattr(self, name)]
        return (
            f"{self.name} {what} {self.month} for {who} {' '.join(options)}"
            f" (faults {self.fault_rate:.0%}, {self.mishaps})"
        )


Step = ServiceWritten | ServiceVanishes | AccountantActs | ClockJumps | RunStarts
