"""Settle: finish or look up what an earlier run left open, before the month is planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from blocks.ledger.ledger import Export
from blocks.ledger.protocol import permits
from blocks.ledger.states import IN_DOUBT, Event, ExportState
from tasks.billing.draft_status import DraftStatus
from tasks.billing.issue import Issue
from tasks.easybill.draft_status import external_id_of, status_of
from tasks.easybill.take_in import TakenInMonth
from tasks.easybill.upload import MonthDelivery
from tasks.run.executor import Keyed
from tasks.run.failures import CustomerFailure
from tasks.run.lease import this_process
from tasks.run.month_run import MonthRun
from tasks.run.request import RunRequest
from tasks.run.steps import SETTLE

_DONE = frozenset({ExportState.DELIVERED, ExportState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Settled:
    """The month's exports after everything in doubt was looked up, and who stayed open and why."""

    exports: tuple[Export, ...]
    open: Mapping[str, tuple[Issue, ...]]

    def with_taken_in(self, taken: TakenInMonth) -> "Settled":
        """The same with exports that are new or say more, and who could not be taken in."""
        exports = (*self.exports, *taken.exports)
        by_key = {(export.customer_number, export.sequence): export for export in exports}
        return Settled(tuple(by_key.values()), {**self.open, **taken.failures})

    def with_open(self, further: Mapping[str, tuple[Issue, ...]]) -> "Settled":
        """The same with these customers open, too."""
        return Settled(self.exports, {**self.open, **further})


def settle(run: MonthRun, delivery: MonthDelivery) -> Settled:
    """Look up what the month left in doubt, of the customers asked for; finish what has a draft.

    With `recreate_deleted` a draft that was deleted in easybill is forgotten, so that its services
    are billed again; with `bill_again` those of a cancelled invoice are freed. Raises what concerns
    everybody.
    """
    wanted = run.request.customers
    frees = run.request.recreate_deleted or run.request.bill_again
    exports = [
        export
        for export in delivery.connections.ledger.exports(str(delivery.month))
        if wanted is None or export.customer_number in wanted
    ]
    open_ = [
        Keyed(f"{export.customer_number} {export.sequence}", export.state, export)
        for export in exports
        if _is_open(export) or (frees and export.document_id is not None)
    ]
    results = run.executor.map(SETTLE, partial(_settle, run.request, delivery), open_)
    settled = {export.id: export for export in exports}
    issues: dict[str, tuple[Issue, ...]] = {}
    for result in results:
        if isinstance(result, Export):
            settled[result.id] = result
        elif not isinstance(result, CustomerFailure) or delivery.outage.concerns(result):
            raise result
        else:
            issues[result.issue.customer_number or ""] = (result.issue,)
    closed = (e for e in settled.values() if e.customer_number not in issues)
    return Settled(tuple(closed), issues)


def _settle(request: RunRequest, delivery: MonthDelivery, export: Export) -> Export:
    number = export.customer_number
    with delivery.failures_of(number), delivery.of(number) as customer:
        if _is_open(export):
            export = customer.settle(export)
        if request.recreate_deleted and _is_gone(delivery, export):
            return customer.forget(export, Event.BILL_AGAIN)
        if request.bill_again and _is_cancelled(delivery, export):
            run_id = delivery.connections.flow_run_id
            by = f"run {run_id}" if run_id else this_process()
            return delivery.connections.ledger.release(export, released_by=by)
        return export


def _is_open(export: Export) -> bool:
    in_doubt = export.state in IN_DOUBT or export.state == ExportState.CONFLICT
    return in_doubt or (export.document_id is not None and export.state not in _DONE)


def _is_cancelled(delivery: MonthDelivery, export: Export) -> bool:
    """Whether its services are still held by an invoice that a Storno cancels."""
    if export.released_at is not None or not permits(export, Event.RELEASE):
        return False
    found = delivery.lookup.documents(external_id_of(export))
    return any(d.id == export.document_id and d.cancel_id is not None for d in found)


def _is_gone(delivery: MonthDelivery, export: Export) -> bool:
    if export.document_id is None:
        return False
    documents = delivery.lookup.documents(external_id_of(export))
    return status_of(export, documents) is DraftStatus.GONE
