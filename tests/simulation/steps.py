"""What can happen in a story, step by step; each says in words what it is."""

from dataclasses import dataclass
from typing import Literal

from tasks.billing.line_item import Service
from tests.simulation.mishaps import NO_MISHAPS, Mishaps

AccountantAct = Literal[
    "retitles", "reprices", "finalises", "cancels", "deletes", "deletes a waiting file"
]


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
    """The accountant does something to the n-th document; cancels the n-th invoice."""

    at: float
    act: AccountantAct
    nth: int

    def __str__(self) -> str:
        what = "an invoice" if self.act == "cancels" else "a draft"
        return f"the accountant {self.act} {what} (no. {self.nth})"


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
    looks_at_drafts: bool = False
    bill_late: bool = False
    recreate_deleted: bool = False
    bill_again: bool = False
    fault_rate: float = 0.0
    ledger_fault_rate: float = 0.0
    mishaps: Mishaps = NO_MISHAPS
    stops_after: float = 0.0

    def __str__(self) -> str:
        what = "withdraws" if self.withdraws else "invoices"
        what = "looks at the drafts of" if self.looks_at_drafts else what
        who = "all" if self.customers is None else ", ".join(sorted(self.customers))
        names = ("bill_late", "recreate_deleted", "bill_again")
        options = [name for name in names if getattr(self, name)]
        return (
            f"{self.name} {what} {self.month} for {who} {' '.join(options)}"
            f" (faults {self.fault_rate:.0%}{self._mishaps_told()})"
        )

    def _mishaps_told(self) -> str:
        stops = f", stopped after {self.stops_after:.1f} s" if self.stops_after else ""
        return stops if self.mishaps == NO_MISHAPS else f"{stops}, {self.mishaps}"


@dataclass(frozen=True, slots=True)
class AnswersForGood:
    """From now on easybill answers this call so, where it is about the n-th customer."""

    at: float
    call: str
    nth: int
    status: int

    def __str__(self) -> str:
        return f"easybill answers {self.call} with {self.status} to a customer (no. {self.nth})"


@dataclass(frozen=True, slots=True)
class OthersWrite:
    """Somebody else's document appears in the account."""

    at: float
    external_id: str | None = None
    is_odd: bool = False

    def __str__(self) -> str:
        return f"others write {'an odd' if self.is_odd else 'a'} document ({self.external_id})"


@dataclass(frozen=True, slots=True)
class ListsChange:
    """So often from now on, a document of others goes and another comes between two pages."""

    at: float
    times: int

    def __str__(self) -> str:
        return f"lists will change {self.times} times between their pages"


@dataclass(frozen=True, slots=True)
class RoundsOtherwise:
    """easybill's total of the next document that is written is one cent off."""

    at: float

    def __str__(self) -> str:
        return "easybill will round otherwise"


@dataclass(frozen=True, slots=True)
class LedgerCopied:
    """Somebody makes a copy of the ledger."""

    at: float

    def __str__(self) -> str:
        return "the ledger is copied"


@dataclass(frozen=True, slots=True)
class LedgerPutBack:
    """The copy is put back, or an empty ledger; whatever ran is ended before."""

    at: float
    is_lost: bool = False

    def __str__(self) -> str:
        return "the ledger is deleted" if self.is_lost else "the copy of the ledger is put back"


Step = (
    ServiceWritten
    | ServiceVanishes
    | AccountantActs
    | ClockJumps
    | RunStarts
    | AnswersForGood
    | OthersWrite
    | ListsChange
    | RoundsOtherwise
    | LedgerCopied
    | LedgerPutBack
)
