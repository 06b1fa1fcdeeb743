"""The report of a month: how it is after a run, whatever customers the run was for.

Nothing in it is of the run itself, so that a run that changes nothing yields an equal report.
"""

from dataclasses import dataclass

from tasks.billing.issue import Issue, Kind
from tasks.billing.month import BillingMonth
from tasks.billing.wording import next_step_of, text_of
from tasks.load.late import LateMonth
from tasks.report.place_lines import DraftState
from tasks.report.reconcile import Reconciliation


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as it is in easybill, or the file of a preview; amounts in cents."""

    customer_number: str
    name: str
    sequence: int
    line_count: int
    net_cents: int
    vat_cents: int
    gross_cents: int
    document_id: int | None
    url: str | None
    state: DraftState


@dataclass(frozen=True, slots=True)
class NotInvoicedRow:
    """A customer that is not invoiced, or not wholly, and every issue why.

    Lines and net cents are of what is in no draft; None where the customer's rows are not valid.
    """

    customer_number: str
    name: str
    line_count: int | None
    net_cents: int | None
    issues: tuple[Issue, ...]

    @property
    def kind(self) -> Kind:
        """The group of its first issue."""
        return self.issues[0].kind

    @property
    def reason(self) -> str:
        """Every reason, in words."""
        return "; ".join(map(text_of, self.issues))

    @property
    def next_step(self) -> str:
        """What to do, in words."""
        return ". ".join(dict.fromkeys(map(next_step_of, self.issues)))


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """What a month's drafts come to, in cents."""

    month: str
    customer_count: int
    draft_count: int
    line_count: int
    net_cents: int
    gross_cents: int


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The whole month.

    `skipped`: customers without services. `missed`: earlier months that were never run (YYYY-MM).
    `history`: the oldest month first and this one last.
    """

    month: str
    preview: bool
    folder: str
    account: str
    drafts: tuple[DraftRow, ...]
    failures: tuple[NotInvoicedRow, ...]
    skipped: tuple[str, ...]
    findings: tuple[Issue, ...]
    reconciliation: Reconciliation
    late: tuple[LateMonth, ...]
    missed: tuple[str, ...]
    history: tuple[MonthTotals, ...]

    @property
    def totals(self) -> MonthTotals:
        """What this month's drafts come to; one that was deleted in easybill counts no more."""
        return self.history[-1]

    @property
    def month_before(self) -> MonthTotals | None:
        """What the month right before this one came to; None where it has no drafts."""
        last = str(BillingMonth.parse(self.month).preceding())
        return next((totals for totals in self.history if totals.month == last), None)
