"""What the steps of a run came to, and from it why customers are not invoiced."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from tasks.billing.invoice import Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.matches import Matches
from tasks.easybill.csv_file import CsvFile
from tasks.plan.decide import MonthPlan
from tasks.run.failures import CustomerFailure, issue_of

# Why a customer is not invoiced, or not wholly; by customer number.
IssuesByCustomer = Mapping[str, list[Issue]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the steps of a run came to.

    `month_plan` is for the customers that the run was for, `everyone` for all; `exports` are theirs
    as the run found them, after what was in doubt was looked up. `findings` are what the checks
    found.
    """

    month_plan: MonthPlan
    everyone: MonthPlan
    matches: Matches
    built: tuple[tuple[Invoice, CsvFile | Exception], ...]
    uploads: tuple[object, ...]
    exports: tuple[Export, ...]
    findings: tuple[Issue, ...] = ()

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

    def issues(self) -> IssuesByCustomer:
        """Why customers of this run are not invoiced; a shared issue only where there is no own."""
        own: dict[str, list[Issue]] = defaultdict(list)
        shared: dict[str, list[Issue]] = {}
        for number, issue in self._issues():
            if issue.is_shared:
                shared.setdefault(number, [issue])
            else:
                own[number].append(issue)
        return dict(sorted({**shared, **own}.items()))

    def _issues(self) -> Iterator[tuple[str, Issue]]:
        yield from planned_issues(self.month_plan)
        yield from self.matches.refused.items()
        for invoice, file in self.built:
            if isinstance(file, Exception):
                yield invoice.customer.customer_number, _not_built(invoice, file)
        yield from stops(self.month_plan.invoices, self.findings)
        for upload in self.uploads:
            if isinstance(upload, CustomerFailure):
                yield upload.issue.customer_number or "", upload.issue
            elif isinstance(upload, Exception):
                raise upload


def _not_built(invoice: Invoice, error: Exception) -> Issue:
    number, month = invoice.customer.customer_number, str(invoice.month)
    issue = issue_of(error, number, month)
    if issue.code is not IssueCode.UNEXPECTED:
        return issue
    return Issue(IssueCode.FILE_NOT_BUILT, number, month, facts={"said": str(error)})


def planned_issues(month_plan: MonthPlan) -> Iterator[tuple[str, Issue]]:
    """Who was refused before anything was sent, and whose draft is not ours to change."""
    for number, issues in month_plan.refused.items():
        yield from ((number, issue) for issue in issues)
    for issue in month_plan.conflicts:
        yield issue.customer_number or "", issue


def stops(invoices: Iterable[Invoice], findings: Iterable[Issue]) -> Iterator[tuple[str, Issue]]:
    """Who is not invoiced because of a bound: a customer's own, or that of the whole run."""
    own: Mapping[str | None, list[Issue]] = defaultdict(list)
    for issue in findings:
        if issue.stops:
            own[issue.customer_number].append(issue)
    for number in dict.fromkeys(invoice.customer.customer_number for invoice in invoices):
        yield from ((number, issue) for issue in (*own[number], *own[None]))
