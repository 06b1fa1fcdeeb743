"""Sum up: what a run did, in words for people, also in its log."""

from collections.abc import Collection, Iterable

from blocks.ledger.ledger import Export
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
    summary = RunReport(
        month=str(run.request.month),
        preview=preview,
        folder=str(run.folder),
        delivered=tuple(entry for entry in outcome.uploads if isinstance(entry, Export)),
        delivered_before=outcome.month_plan.delivered,
        skipped=outcome.month_plan.skipped,
        not_invoiced=issues,
        month_report=month_report,
        previewed=outcome.built_files if preview else (),
        late=month_report.late if asked is None else (),
        differences=tuple(_differences(month_report, asked)),
    )
    _write_to_log(summary)
    return summary


def _differences(report: MonthReport, asked: Collection[str] | None) -> Iterable[str]:
    """What keeps the run from being complete: of its own customers alone."""
    if report.reconciliation.unread is not None:
        yield f"easybill's own totals could not be read: {report.reconciliation.unread}"
    for row in report.reconciliation.differences:
        if asked is None or row.customer_number in asked:
            yield str(row)


def _write_to_log(summary: RunReport) -> None:
    log = run_log()
    for row in summary.month_report.reconciliation.rows:
        if row.is_fault:
            log.error("%s", row)
        elif row.difference is not None:
            log.warning("%s (%s)", row, row.explained)
    for late in summary.late:
        log.warning("%s; bill_late=true bills them as drafts of their month", late)
    if missed := summary.month_report.missed:
        log.warning("%s", never_run(*missed))
    log.info("%s", summary.headline())
