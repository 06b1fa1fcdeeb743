"""Settle: finish or look up what an earlier run left open, before the month is planned."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from blocks.ledger.ledger import Export
from blocks.ledger.states import IN_DOUBT, Event, ExportState
from tasks.billing.draft_status import DraftStatus
from tasks.billing.issue import Issue
from tasks.easybill.draft_status import external_id_of, status_of
from tasks.easybill.upload import MonthDelivery
from tasks.run.failures import CustomerFailure, failures_of

_DONE = frozenset({ExportState.DELIVERED, ExportState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Settled:
    """The month's exports after everything in doubt was looked up, and who stayed open and why."""

    exports: tuple[Export, ...]
    open: Mapping[str, tuple[Issue, ...]]


def settle(
    delivery: MonthDelivery, customers: Collection[str] | None, *, recreate_deleted: bool
) -> Settled:
    """Look up what the month left in doubt, of these customers or of all; finish what has a draft.

    With `recreate_deleted` a draft that was deleted in easybill is forgotten, so that its services
    are billed again.
    """
    settled: list[Export] = []
    issues: dict[str, tuple[Issue, ...]] = {}
    for export in delivery.connections.ledger.exports(str(delivery.month)):
        if customers is not None and export.customer_number not in customers:
            continue
        try:
            with failures_of(export.customer_number, export.month):
                settled.append(_settle(delivery, export, recreate_deleted=recreate_deleted))
        except CustomerFailure as failure:
            if failure.issue.is_shared or failure.issue.is_repeatable:
                raise
            issues[export.customer_number] = (failure.issue,)
    return Settled(tuple(settled), issues)


def _settle(delivery: MonthDelivery, export: Export, *, recreate_deleted: bool) -> Export:
    if _is_open(export):
        export = delivery.of(export.customer_number).settle(export)
    if recreate_deleted and export.document_id is not None:
        documents = delivery.lookup.documents(external_id_of(export))
        if status_of(export, documents) is DraftStatus.GONE:
            return delivery.of(export.customer_number).forget(export, Event.BILL_AGAIN)
    return export


def _is_open(export: Export) -> bool:
    in_doubt = export.state in IN_DOUBT or export.state == ExportState.CONFLICT
    return in_doubt or (export.document_id is not None and export.state not in _DONE)
