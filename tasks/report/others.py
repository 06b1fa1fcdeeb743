"""Others: why customers that a run was not for are not invoiced, by what the ledger keeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.checks.findings import Finding
from tasks.plan.decide import MonthPlan
from tasks.report.outcome import Cause, planned_causes, stops

RUN_AGAIN = "Run the month again"
MEND_THAT = "Mend that, then run the month again"
_NOTHING_OPEN = frozenset({ExportState.DELIVERED, ExportState.CONFLICT})


def causes_of_others(
    rest: MonthPlan, exports: Iterable[Export], findings: Collection[Finding]
) -> dict[str, list[Cause]]:
    """Why the customers of this plan, which nobody acted on, are not invoiced or not wholly."""
    known = {(export.customer_number, export.sequence): export for export in exports}
    causes: dict[str, list[Cause]] = defaultdict(list)
    for cause in (*planned_causes(rest), *stops(rest.invoices, findings)):
        causes[cause.customer_number].append(cause)
    told = frozenset(causes)
    for cause in (*_not_billed(rest, known), *_not_finished(known.values())):
        if cause.customer_number not in told:
            causes[cause.customer_number].append(cause)
    return causes


def _not_billed(rest: MonthPlan, known: dict[tuple[str, int], Export]) -> Iterator[Cause]:
    for invoice in rest.invoices:
        number = invoice.customer.customer_number
        export = known.get((number, invoice.sequence))
        if export is not None and export.error:
            yield Cause(number, export.error.rstrip("."), MEND_THAT)
        elif export is not None and export.document_id is not None:
            reason = f"the OMS says more or other than draft {export.document_id} bills"
            yield Cause(number, reason, RUN_AGAIN, kind="not run")
        else:
            yield Cause(number, "no run has billed these services yet", RUN_AGAIN, kind="not run")


def _not_finished(exports: Iterable[Export]) -> Iterator[Cause]:
    """Drafts that stand, and of which something, such as their file, is still to be sent."""
    for export in exports:
        if export.document_id is not None and export.state not in _NOTHING_OPEN:
            reason = (export.error or f"draft {export.document_id} is not finished").rstrip(".")
            yield Cause(export.customer_number, reason, RUN_AGAIN)
