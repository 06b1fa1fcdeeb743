"""Others: why customers that a run was not for are not invoiced, by what the ledger keeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from blocks.ledger.ledger import BilledLine, Claim, Export
from blocks.ledger.states import ExportState
from tasks.billing.digest import line_digest
from tasks.billing.invoice import Invoice
from tasks.billing.issue import Issue, IssueCode
from tasks.load.billed_line import billed_line
from tasks.plan.decide import MonthPlan
from tasks.plan.kept_issue import kept_issue
from tasks.report.outcome import IssuesByCustomer, planned_issues, stops

NAMED = 10
_NOTHING_OPEN = frozenset({ExportState.DELIVERED, ExportState.CONFLICT})


def issues_of_others(
    rest: MonthPlan,
    exports: Iterable[Export],
    found: Collection[Issue],
    claims: Mapping[BilledLine, Claim],
) -> IssuesByCustomer:
    """Why the customers of this plan, which nobody acted on, are not invoiced or not wholly.

    `claims` are the lines that the exports hold.
    """
    known = {(export.customer_number, export.sequence): export for export in exports}
    issues: dict[str, list[Issue]] = defaultdict(list)
    for number, issue in (*planned_issues(rest), *stops(rest.invoices, found)):
        issues[number].append(issue)
    told = frozenset(issues)
    for number, issue in (*_not_billed(rest, known, claims), *_not_finished(known.values())):
        if number not in told:
            issues[number].append(issue)
    return issues


def _not_billed(
    rest: MonthPlan, known: Mapping[tuple[str, int], Export], claims: Mapping[BilledLine, Claim]
) -> Iterator[tuple[str, Issue]]:
    for invoice in rest.invoices:
        number, month = invoice.customer.customer_number, str(rest.month)
        export = known.get((number, invoice.sequence))
        kept = None if export is None else kept_issue(export)
        if kept is not None:
            yield number, kept
        elif export is not None and export.state == ExportState.WITHDRAWN:
            facts = {"flow_run_id": export.flow_run_id}
            yield number, Issue(IssueCode.DRAFT_WITHDRAWN, number, month, facts=facts)
        elif export is not None and export.document_id is not None:
            yield number, _outdated(invoice, export, claims)
        else:
            yield number, Issue(IssueCode.NOT_BILLED_YET, number, month)


def _outdated(invoice: Invoice, export: Export, claims: Mapping[BilledLine, Claim]) -> Issue:
    """Where the OMS differs from a draft that the next run will update."""
    held = {k: claim.line_sha256 for k, claim in claims.items() if claim.export.id == export.id}
    now = {billed_line(line): line_digest(line) for line in invoice.lines}
    changed = {line for line in now.keys() & held.keys() if held[line] not in (None, now[line])}
    facts = {
        "changed": _named(changed),
        "vanished": _named(held.keys() - now.keys()),
        "new": _named(now.keys() - held.keys()),
    }
    number, month = export.customer_number, export.month
    code = IssueCode.DRAFT_OUTDATED
    return Issue(code, number, month, document_id=export.document_id, facts=facts)


def _named(lines: Collection[BilledLine]) -> list[str]:
    ids = sorted({line.service_id for line in lines})
    return ids[:NAMED] + (["…"] if len(ids) > NAMED else [])


def _not_finished(exports: Iterable[Export]) -> Iterator[tuple[str, Issue]]:
    """Drafts that are there, and of which something, such as their file, is still to be sent."""
    for export in exports:
        if export.document_id is not None and export.state not in _NOTHING_OPEN:
            number = export.customer_number
            yield (
                number,
                kept_issue(export)
                or Issue(
                    IssueCode.DRAFT_UNFINISHED,
                    number,
                    export.month,
                    document_id=export.document_id,
                    facts={"said": None},
                ),
            )
