"""What a run did, in words for people."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.money import amount_text
from tasks.billing.wording import sentences_of
from tasks.billing.words import counted
from tasks.easybill.csv_file import CsvFile
from tasks.load.late import LateMonth
from tasks.report.history import never_run
from tasks.report.month_report import MonthReport
from tasks.report.outcome import IssuesByCustomer

NAMED = 5


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; amounts in cents. `month_report` is how the whole month is after it.

    `not_invoiced`: every issue of each customer that is not invoiced, by customer number.

    `differences` says where the OMS, the CSVs and easybill do not agree, of the customers that the
    run was for, or that easybill could not be read.
    """

    month: str
    preview: bool
    folder: str
    delivered: tuple[Export, ...]
    delivered_before: tuple[str, ...]
    skipped: tuple[str, ...]
    not_invoiced: IssuesByCustomer
    month_report: MonthReport
    previewed: tuple[CsvFile, ...] = ()
    late: tuple[LateMonth, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every customer is done or has nothing to be billed, and all cents agree."""
        return not self.not_invoiced and not self.differences

    def with_late(self, owed: "RunReport") -> "RunReport":
        """The report, with what became of an earlier month that was billed beside it."""
        late = tuple(filter(None, (self._still_late(late, owed) for late in self.late)))
        return replace(
            self,
            delivered=(*self.delivered, *owed.delivered),
            not_invoiced=_joined(self.not_invoiced, owed.not_invoiced),
            differences=(*self.differences, *owed.differences),
            late=late,
            month_report=replace(self.month_report, late=late),
        )

    @staticmethod
    def _still_late(late: LateMonth, owed: "RunReport") -> LateMonth | None:
        """What a month still owes after this run; None: nothing."""
        if late.month != owed.month or owed.not_invoiced:
            return late
        if not late.issues:
            return None
        return replace(late, customers=(), line_count=0, net_cents=0)

    def with_held(self, late: LateMonth, holder: str) -> "RunReport":
        """The report, where another run works on an earlier month that was to be billed too."""
        code, facts = IssueCode.MONTH_HELD, {"holder": holder}
        held = {n: [Issue(code, n, late.month, facts=facts)] for n in late.customers}
        return replace(self, not_invoiced=_joined(self.not_invoiced, held))

    def headline(self) -> str:
        """What is wrong, with the first few by name; what was done; and what was never run."""
        sentences = []
        if self.not_invoiced:
            sentences.append(self._who_is_not_invoiced())
        if self.differences:
            named = _first(list(self.differences))
            sentences.append(f"OMS, CSVs and easybill do not agree: {named}")
        sentences.append(self._counts())
        if missed := self.month_report.missed:
            sentences.append(never_run(*missed))
        if warnings := sum(not finding.stops for finding in self.month_report.findings):
            sentences.append(f"{counted(warnings, 'warning')} in the report")
        return f"{self.month}: {'. '.join(sentences)}"

    def _who_is_not_invoiced(self) -> str:
        customers = len(self.not_invoiced) + len(self.delivered) + len(self.delivered_before)
        said = {number: said_of(issues) for number, issues in self.not_invoiced.items()}
        reasons = set(said.values())
        if len(reasons) == 1 and len(said) > NAMED:
            # What all share, such as an outage or the bound of the month, is said once.
            (named,) = reasons
        else:
            named = _first([f"{number} ({reason})" for number, reason in said.items()])
        return f"{len(said)} of {customers + len(self.previewed)} customers not invoiced: {named}"

    def _counts(self) -> str:
        amounts: tuple[Export | CsvFile, ...] = (*self.delivered, *self.previewed)
        net_cents = sum(entry.net_cents for entry in amounts)
        gross_cents = sum(entry.gross_cents for entry in amounts)
        done = (
            f"{len(self.previewed)} CSVs previewed, nothing sent"
            if self.preview
            else f"{len(self.delivered)} drafts created"
        )
        return (
            f"{done} (net {amount_text(net_cents)}, gross {amount_text(gross_cents)}),"
            f" {len(self.delivered_before)} customers delivered before,"
            f" {len(self.skipped)} without services"
        )


def _first(reasons: list[str]) -> str:
    more = len(reasons) - NAMED
    return "; ".join(reasons[:NAMED]) + (f"; and {more} more" if more > 0 else "")


def said_of(issues: Iterable[Issue]) -> str:
    """Why a customer is not invoiced and what to do, in one line without a full stop."""
    return " ".join(map(sentences_of, issues)).rstrip(".")


def _joined(ours: IssuesByCustomer, theirs: IssuesByCustomer) -> IssuesByCustomer:
    return {n: [*ours.get(n, []), *theirs.get(n, [])] for n in ours.keys() | theirs.keys()}
