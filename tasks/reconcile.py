"""Reconcile: the OMS, the CSVs and easybill's own totals, held against each other to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net and gross, in cents."""

    net_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class ReconciledRow:
    """One draft on its three sides; None where that side has nothing to read.

    `difference` says in plain words where the sides differ; None: they agree. `explained` says why
    a difference is no fault: the accountant changed the draft, or the customer stands among those
    not invoiced.
    """

    customer_number: str
    sequence: int
    oms: Amounts
    csv: Amounts | None
    easybill: Amounts | None
    difference: str | None = None
    explained: str | None = None

    @property
    def is_fault(self) -> bool:
        """Whether the sides differ without a reason."""
        return self.difference is not None and self.explained is None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A month on its three sides; amounts in cents.

    The OMS's month is what its rows bill, what is not invoiced, and what stands in drafts of other
    months. `unread` says why easybill's totals could not be read; None: they were.
    """

    rows: tuple[ReconciledRow, ...]
    not_invoiced_net_cents: int = 0
    in_other_months_net_cents: int = 0
    unread: str | None = None

    @property
    def oms(self) -> Amounts:
        """What the OMS's lines of all drafts come to."""
        return _sum(row.oms for row in self.rows)

    @property
    def csv(self) -> Amounts:
        """What the files come to."""
        return _sum(row.csv for row in self.rows)

    @property
    def easybill(self) -> Amounts:
        """What easybill says that its drafts come to."""
        return _sum(row.easybill for row in self.rows)

    @property
    def differences(self) -> tuple[ReconciledRow, ...]:
        """The rows that differ without a reason."""
        return tuple(row for row in self.rows if row.is_fault)

    @property
    def agrees(self) -> bool:
        """Whether easybill was read, and all sides agree wherever nobody changed them."""
        return self.unread is None and not self.differences


def _sum(sides: Iterable[Amounts | None]) -> Amounts:
    found = [side for side in sides if side is not None]
    return Amounts(sum(side.net_cents for side in found), sum(side.gross_cents for side in found))
