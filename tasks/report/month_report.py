"""The report of a month: how it is after a run, whatever customers the run was for.

Nothing in it is of the run itself, so that a run that changes nothing yields an equal report.
"""

from dataclasses import dataclass

from tasks.billing.issue import Issue, Kind
from tasks.billing.month import BillingMonth
from tasks.billing.wording import next_step_of, text_of
from tasks.billing.wording.speech import ENGLISH, Speech
from tasks.load.late import LateMonth
from tasks.report.place_lines import DraftState
from tasks.report.reconcile import Reconciliation
from tasks.report.vat import VatRow


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

    def reason(self, language: str = ENGLISH) -> str:
        """Every reason, in words."""
        return "; ".join(text_of(issue, language) for issue in self.issues)

    def next_step(self, language: str = ENGLISH) -> str:
        """What to do, in words."""
        return ". ".join(dict.fromkeys(next_step_of(issue, language) for issue in self.issues))


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
    """The whole month, to be said in one `language`.

    `is_whole`: whether a run for all customers was among those that drew it up.
    `skipped`: customers without services. `missed`: earlier months that were never run (YYYY-MM).
    `history`: the oldest month first and this one last. `in_other_layouts`: names of the month's
    files that were written in another layout than the one that is set. `vat`: the drafts by rate.
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
    language: str = ENGLISH
    is_whole: bool = True
    in_other_layouts: tuple[str, ...] = ()
    vat: tuple[VatRow, ...] = ()

    @property
    def speech(self) -> Speech:
        """How its language says things."""
        return Speech(self.language)

    @property
    def totals(self) -> MonthTotals:
        """What this month's drafts come to; one that was deleted in easybill counts no more."""
        return self.history[-1]

    @property
    def month_before(self) -> MonthTotals | None:
        """What the month right before this one came to; None where it has no drafts."""
        last = str(BillingMonth.parse(self.month).preceding())
        return next((totals for totals in self.history if totals.month == last), None)
