"""Keep: who was refused or had nothing, and where drafts and the OMS differ, in the ledger."""

from collections.abc import Iterable

from blocks.ledger.ledger import Export
from blocks.ledger.states import Event, ExportState
from tasks.billing.issue import Kind
from tasks.plan.kept_issue import kept_issue, reason_of
from tasks.report.outcome import IssuesByCustomer, Outcome
from tasks.run.connections import Connections


def keep_outcome(connections: Connections, outcome: Outcome, issues: IssuesByCustomer) -> None:
    """Keep in the ledger who was refused or had nothing, and where drafts and OMS differ."""
    ledger, plan, run_id = connections.ledger, outcome.month_plan, connections.flow_run_id
    month = str(plan.month)
    stopped = {
        number: theirs
        for number, theirs in issues.items()
        if any(issue.kind is Kind.STOPPED for issue in theirs)
    }
    refused = {number: [issue] for number, issue in outcome.matches.refused.items()}
    for number, theirs in {**stopped, **refused, **plan.refused}.items():
        ledger.fail(month, number, reason=reason_of(theirs), flow_run_id=run_id)
    skipped = {e.customer_number for e in outcome.exports if e.state == ExportState.SKIPPED}
    ledger.skip(month, set(plan.skipped) - skipped, flow_run_id=run_id)
    differing = {issue.document_id: issue for issue in plan.conflicts}
    for export in _delivered_before(outcome):
        issue = differing.get(export.document_id)
        if kept_issue(export) != issue:
            reason = None if issue is None else reason_of(issue)
            ledger.advance(export, Event.NOTE, reason=reason)


def _delivered_before(outcome: Outcome) -> Iterable[Export]:
    """The exports that this run found delivered and did not send again."""
    sent = {(i.customer.customer_number, i.sequence) for i in outcome.month_plan.invoices}
    for export in outcome.exports:
        key = (export.customer_number, export.sequence)
        if export.state == ExportState.DELIVERED and key not in sent:
            yield export
