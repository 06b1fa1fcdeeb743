"""Sum up: what a run did, in words for people, also in its log."""

from collections.abc import Collection

from blocks.ledger.ledger import Export
from tasks.easybill.billed_content import bills
from tasks.easybill.csv_file import key_of
from tasks.report.history import never_run
from tasks.report.month_report import MonthReport
from tasks.report.outcome import IssuesByCustomer, Outcome
from tasks.report.run_report import RunReport
from tasks.run.log import run_log
from tasks.run.month_run import MonthRun


def sum_up(
    run: MonthRun,
    outcome: Outcome,
    issues: IssuesByCustomer,
    month_report: MonthReport,
) -> RunReport:
    """The run's report; `issues` by customer, of those who are not invoiced."""
    preview, asked = run.request.preview, run.request.customers
    delivered = tuple(entry for entry in outcome.uploads if isinstance(entry, Export))
    summary = RunReport(
        month=str(run.request.month),
        preview=preview,
        folder=str(run.folder),
        delivered=delivered,
        delivered_before=outcome.month_plan.delivered,
        skipped=outcome.month_plan.skipped,
        not_invoiced=issues,
        month_report=month_report,
        previewed=outcome.built_files if preview else (),
        late=month_report.late if asked is None else (),
        unlike=tuple(
            row
            for row in month_report.reconciliation.differences
            if asked is None or row.customer_number in asked
        ),
        unread=() if (why := month_report.reconciliation.unread) is None else (why,),
        to_create=outcome.matches.to_create,
        update_count=_update_count(outcome, delivered, preview=preview),
    )
    _write_to_log(summary, asked)
    return summary


def _update_count(outcome: Outcome, delivered: Collection[Export], *, preview: bool) -> int:
    """How many drafts that were there before say something else now, or would after a preview."""
    before = {(e.customer_number, e.sequence): e for e in outcome.exports if e.document_id}
    done = {(export.customer_number, export.sequence) for export in delivered}
    return sum(
        not bills(before[key], invoice)
        for invoice, file in outcome.built
        if (key := key_of(invoice)) in before
        and (key in done or (preview and not isinstance(file, Exception)))
    )


def _write_to_log(summary: RunReport, asked: Collection[str] | None) -> None:
    """A run for some customers repeats nothing of the others, nor of other months."""
    log = run_log()
    for row in summary.month_report.reconciliation.rows:
        if asked is not None and row.customer_number not in asked:
            continue
        if row.is_fault:
            log.error("%s", row)
        elif row.difference is not None:
            log.warning("%s (%s)", row, row.explained)
    for late in summary.late:
        log.warning("%s; bill_late=true bills them as drafts of their month", late)
    missed = summary.month_report.missed
    if missed and asked is None:
        log.warning("%s", never_run(missed))
