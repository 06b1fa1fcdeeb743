"""What the steps of a run came to, and from it why customers are not invoiced."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from tasks.billing.invoice import Invoice
from tasks.checks.findings import Finding
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.match_customers import Matches
from tasks.plan.decide import MonthPlan
from tasks.report.month_report import OpenKind
from tasks.run.failures import CustomerFailure, Disputed

MEND = "Mend it in the OMS, then run the month again"
CHOOSE = "Put it right in easybill or in the OMS, then run the month again"
KNOW = "Put it right in easybill, then run the month again"
BUILD_AGAIN = "Run the month again; nothing of it was sent"
LET_THROUGH = "Mend it in the OMS, or run the month with let_through={name}"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a customer is not invoiced, or not wholly, and what to do about it.

    `shared`: the cause is not this customer's. `says_what_to_do`: the reason alone would not do.
    """

    customer_number: str
    reason: str
    next_step: str
    kind: OpenKind = "failed"
    shared: bool = False
    says_what_to_do: bool = False

    def __str__(self) -> str:
        return f"{self.reason}. {self.next_step}" if self.says_what_to_do else self.reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the steps of a run came to.

    `month_plan` is for the customers that the run was for, `everyone` for all; `exports` are theirs
    as the run found them, after what was in doubt was looked up.
    """

    month_plan: MonthPlan
    everyone: MonthPlan
    matches: Matches
    built: tuple[tuple[Invoice, CsvFile | Exception], ...]
    uploads: tuple[object, ...]
    exports: tuple[Export, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def built_files(self) -> tuple[CsvFile, ...]:
        """The files that were built."""
        return tuple(file for _, file in self.built if isinstance(file, CsvFile))

    @property
    def files(self) -> dict[tuple[str, int], tuple[Invoice, CsvFile]]:
        """The files that were built with their invoices, by customer number and sequence."""
        return {
            (file.customer_number, invoice.sequence): (invoice, file)
            for invoice, file in self.built
            if isinstance(file, CsvFile)
        }

    def causes(self) -> dict[str, list[Cause]]:
        """Why customers of this run are not invoiced; a shared cause only where there is no own."""
        own: dict[str, list[Cause]] = defaultdict(list)
        shared: dict[str, list[Cause]] = {}
        for cause in self._causes():
            if cause.shared:
                shared.setdefault(cause.customer_number, [cause])
            else:
                own[cause.customer_number].append(cause)
        return dict(sorted({**shared, **own}.items()))

    def _causes(self) -> Iterator[Cause]:
        yield from planned_causes(self.month_plan)
        for number, reason in self.matches.refusals.items():
            yield Cause(number, reason, KNOW)
        for invoice, file in self.built:
            if isinstance(file, Exception):
                yield Cause(invoice.customer.customer_number, str(file), BUILD_AGAIN)
        yield from stops(self.month_plan.invoices, self.findings)
        for failure in self._failures():
            yield Cause(
                failure.customer_number,
                failure.reason,
                failure.next_step,
                kind="conflict" if isinstance(failure, Disputed) else "failed",
                shared=failure.shared,
                says_what_to_do=True,
            )

    def _failures(self) -> Iterator[CustomerFailure]:
        """The deliveries that failed; anything else that was raised is raised here."""
        for upload in self.uploads:
            if isinstance(upload, CustomerFailure):
                yield upload
            elif isinstance(upload, Exception):
                raise upload


def planned_causes(month_plan: MonthPlan) -> Iterator[Cause]:
    """Who was refused before anything was sent, and whose draft is not ours to change."""
    for number, reasons in month_plan.refusals.items():
        yield from (Cause(number, reason, MEND) for reason in reasons)
    for conflict in month_plan.conflicts:
        yield Cause(conflict.export.customer_number, conflict.reason, CHOOSE, kind="conflict")


def stops(invoices: Iterable[Invoice], findings: Iterable[Finding]) -> Iterator[Cause]:
    """Who is not invoiced because of a bound: a customer's own, or that of the whole run."""
    own: Mapping[str, list[Finding]] = defaultdict(list)
    everybody = []
    for finding in findings:
        if finding.stops and finding.customer_number is None:
            everybody.append(finding)
        elif finding.stops and finding.customer_number is not None:
            own[finding.customer_number].append(finding)
    for number in dict.fromkeys(invoice.customer.customer_number for invoice in invoices):
        for finding in (*own[number], *everybody):
            yield Cause(
                number,
                finding.message,
                LET_THROUGH.format(name=finding.name),
                kind="stopped",
                shared=finding.customer_number is None,
                says_what_to_do=True,
            )
