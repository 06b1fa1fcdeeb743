"""Why is a customer missing? Answered from the month's plan, without asking easybill."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.line_item import LineItem
from tasks.plan.kept_issue import kept_issue
from tasks.questions.known import KnownMonth
from tasks.report.others import issues_of_others

_DONE = frozenset({ExportState.DELIVERED, ExportState.SKIPPED})


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """How one customer's month is; it is done where there is no issue.

    `lines` are the OMS's; none where its rows are not valid. `open_lines` are in no draft; they are
    late where the customer was done before they came.
    """

    month: str
    customer_number: str
    name: str
    lines: tuple[LineItem, ...]
    drafts: tuple[Export, ...]
    open_lines: tuple[LineItem, ...]
    are_late: bool
    is_readable: bool
    issues: tuple[Issue, ...]

    @property
    def is_done(self) -> bool:
        """Whether all services are in finished drafts, or there are none."""
        return not self.issues


def answer_customer(known: KnownMonth, customer_number: str) -> CustomerAnswer:
    """Tell how one customer's month is, with every issue why it is not done."""
    exports = known.exports.get(customer_number, ())
    customer = known.loaded.customers.get(customer_number)
    lines = known.loaded.lines.get(customer_number, ())
    return CustomerAnswer(
        month=str(known.loaded.month),
        customer_number=customer_number,
        name=customer.display_name if customer else "",
        lines=lines,
        drafts=tuple(e for e in exports if e.document_id is not None and not e.released_at),
        open_lines=tuple(line for line in lines if known.draft_of(line) is None),
        are_late=any(export.state in _DONE for export in exports),
        is_readable=customer_number not in known.loaded.refused,
        issues=tuple(_issues(known, customer_number, exports)),
    )


def _issues(known: KnownMonth, number: str, exports: Iterable[Export]) -> Iterator[Issue]:
    """As the report of a run that was not for this customer has them, and why nothing was run."""
    plan = known.plan.only({number}, {*known.loaded.customers, *known.exports})
    for issue in issues_of_others(plan, exports, (), known.claims).get(number, ()):
        yield _not_run(known, issue) if issue.code is IssueCode.NOT_BILLED_YET else issue
    if number not in plan.refused and not plan.conflicts:
        yield from (noted for export in exports if (noted := _noted(export)) is not None)


def _not_run(known: KnownMonth, issue: Issue) -> Issue:
    """Why nobody has billed the customer yet: the month is not over, or was never run."""
    if not known.is_over:
        facts = {"last_day": f"{known.loaded.month.last_day}"}
        return replace(issue, code=IssueCode.MONTH_STILL_RUNS, facts=facts)
    if known.was_run:
        return issue
    if known.is_never_billed:
        facts = {"first": f"{known.invoicing_from}"}
        return replace(issue, code=IssueCode.MONTH_BEFORE_FIRST, facts=facts)
    return replace(issue, code=IssueCode.MONTH_NEVER_RUN, facts={"account": known.account})


def _noted(export: Export) -> Issue | None:
    """What the last run found of a draft that is delivered, and not ours to change."""
    return kept_issue(export) if export.state == ExportState.DELIVERED else None
