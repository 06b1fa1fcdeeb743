"""Keep: who was refused or had nothing, and where drafts and the OMS differ, in the ledger."""

from collections.abc import Iterable, Mapping, Sequence

from blocks.ledger.ledger import Export
from blocks.ledger.states import Event, ExportState
from tasks.report.outcome import Cause, Outcome
from tasks.run.connections import Connections


def keep_outcome(
    connections: Connections, outcome: Outcome, causes: Mapping[str, Sequence[Cause]]
) -> None:
    """Keep in the ledger who was refused or had nothing, and where drafts and OMS differ."""
    ledger, plan, run_id = connections.ledger, outcome.month_plan, connections.flow_run_id
    month = str(plan.month)
    refused = {number: "; ".join(why) for number, why in plan.refusals.items()}
    stopped = {
        number: "; ".join(map(str, why))
        for number, why in causes.items()
        if any(cause.kind == "stopped" for cause in why)
    }
    for number, reason in {**stopped, **outcome.matches.refusals, **refused}.items():
        ledger.fail(month, number, error=reason, flow_run_id=run_id)
    ledger.skip(month, plan.skipped, flow_run_id=run_id)
    reasons = {conflict.export.id: conflict.reason for conflict in plan.conflicts}
    for export in _delivered_before(outcome):
        if export.error != reasons.get(export.id):
            ledger.advance(export, Event.NOTE, error=reasons.get(export.id))


def _delivered_before(outcome: Outcome) -> Iterable[Export]:
    """The exports that this run found delivered and did not send again."""
    sent = {(i.customer.customer_number, i.sequence) for i in outcome.month_plan.invoices}
    for export in outcome.exports:
        key = (export.customer_number, export.sequence)
        if export.state == ExportState.DELIVERED and key not in sent:
            yield export
