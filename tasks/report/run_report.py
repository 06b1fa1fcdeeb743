"""What a run did, in words for people."""

from dataclasses import dataclass, replace

from tasks.billing.money import amount_text
from tasks.billing.words import counted
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.upload import Delivered
from tasks.load.late import LateMonth
from tasks.report.history import never_run
from tasks.report.month_report import MonthReport

NAMED = 5


@dataclass(frozen=True, slots=True)
class Failed:
    """A customer that was not invoiced, and why."""

    customer_number: str
    reason: str
    shared: bool


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; amounts in cents. `month_report` is how the whole month stands after it.

    `differences` says where the OMS, the CSVs and easybill do not agree, of the customers that the
    run was for, or that easybill could not be read.
    """

    month: str
    preview: bool
    folder: str
    delivered: tuple[Delivered, ...]
    delivered_before: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failed, ...]
    month_report: MonthReport
    previewed: tuple[CsvFile, ...] = ()
    late: tuple[LateMonth, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every customer is done or has nothing to be billed, and all cents agree."""
        return not self.failed and not self.differences

    def with_late(self, owed: "RunReport") -> "RunReport":
        """The report, with what became of an earlier month that was billed beside it."""
        late = tuple(late for late in self.late if late.month != owed.month or owed.failed)
        return replace(
            self,
            delivered=(*self.delivered, *owed.delivered),
            failed=(*self.failed, *owed.failed),
            differences=(*self.differences, *owed.differences),
            late=late,
            month_report=replace(self.month_report, late=late),
        )

    def headline(self) -> str:
        """What is wrong, with the first few by name; what was done; and what was never run."""
        sentences = []
        if self.failed:
            sentences.append(self._not_invoiced())
        if self.differences:
            named = _first(list(self.differences))
            sentences.append(f"OMS, CSVs and easybill do not agree: {named}")
        sentences.append(self._counts())
        if missed := self.month_report.missed:
            sentences.append(never_run(*missed))
        if warnings := sum(not finding.stops for finding in self.month_report.findings):
            sentences.append(f"{counted(warnings, 'warning')} in the report")
        return f"{self.month}: {'. '.join(sentences)}"

    def _not_invoiced(self) -> str:
        customers = len(self.failed) + len(self.delivered) + len(self.delivered_before)
        reasons = {entry.reason for entry in self.failed}
        if len(reasons) == 1 and len(self.failed) > NAMED:
            # What all share, such as an outage or the bound of the month, is said once.
            (named,) = reasons
        else:
            named = _first([f"{entry.customer_number} ({entry.reason})" for entry in self.failed])
        return (
            f"{len(self.failed)} of {customers + len(self.previewed)} customers"
            f" not invoiced: {named}"
        )

    def _counts(self) -> str:
        amounts: tuple[Delivered | CsvFile, ...] = (*self.delivered, *self.previewed)
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
