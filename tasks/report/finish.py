"""Finish: keep what a run came to, reconcile the month to the cent, and draw up its report."""

from collections.abc import Collection, Iterable
from functools import partial

from blocks.easybill.errors import EasybillError, NotSent, Unreadable
from blocks.easybill.models import Document
from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.billing.invoice import file_stem
from tasks.easybill.build_csv import rebuild_files
from tasks.easybill.csv_file import is_changed, key_of
from tasks.easybill.draft_status import external_id_of
from tasks.easybill.upload import MonthDelivery
from tasks.load.late import LateMonth
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known
from tasks.report.cancelled import cancelled_invoices
from tasks.report.draw_up import AfterRun, draw_up
from tasks.report.files import keep_report
from tasks.report.keep_outcome import keep_outcome
from tasks.report.manifest import write_manifest, write_preview_manifest
from tasks.report.month_report import MonthReport
from tasks.report.on_file import late_on_file, was_whole
from tasks.report.orphan_documents import orphan_documents
from tasks.report.others import issues_of_others
from tasks.report.outcome import IssuesByCustomer, Outcome
from tasks.report.place_lines import AfterDelivery, PlacedLines, place_lines
from tasks.report.run_report import RunReport
from tasks.report.sum_up import sum_up
from tasks.run.log import run_log
from tasks.run.month_run import MonthRun
from tasks.run.steps import KEEP_REPORT, LOOK_AGAIN, RECONCILE


def finish(
    run: MonthRun,
    delivery: MonthDelivery,
    loaded: MonthOfServices,
    known: Known,
    outcome: Outcome,
    late: tuple[LateMonth, ...],
) -> RunReport:
    """Write the manifest and the month's report, and sum up what the run did.

    `loaded` and `known` are of the whole month, as the run found it. Raises LeaseLost where another
    run has taken the month over: what this one compares is outdated then.
    """
    issues = outcome.issues()
    if not run.request.preview:
        keep_outcome(run.connections, outcome, issues)
    exports = run.connections.ledger.exports(str(run.request.month))
    if run.request.preview:
        write_preview_manifest(outcome.built_files, run.request.month, run.folder)
    else:
        write_manifest(exports, run.request.month, run.folder)
    unread = _look_again(run, delivery, exports, outcome)
    issues = {**issues, **_orphans(run, delivery, exports, outcome, issues, unread)}
    placed = _placed(run, delivery, loaded, known, outcome, exports, is_read=unread is None)
    after = AfterRun(
        loaded=loaded,
        placed=placed,
        issues={**_issues_of_others(run, exports, outcome, known), **issues},
        skipped=outcome.everyone.skipped,
        findings=(*outcome.findings, *cancelled_invoices(placed, run.request.month)),
        late=late,
        unread=unread,
        is_whole=run.request.customers is None or bool(was_whole(run.folder)),
    )
    month_report = run.executor.run(
        RECONCILE,
        lambda: draw_up(after, run.connections, run.folder, preview=run.request.preview),
    )
    if not run.request.preview:
        run.connections.ledger.require_lease()
    run.executor.run(KEEP_REPORT, lambda: keep_report(month_report))
    _fix_files(run, outcome, month_report)
    return sum_up(run, outcome, issues, month_report)


def redraw(
    run: MonthRun,
    delivery: MonthDelivery,
    loaded: MonthOfServices,
    known: Known,
    outcome: Outcome,
) -> MonthReport:
    """Draw the month's report up after a withdrawal, and remove the CSVs of withdrawn drafts.

    `outcome` is of a run that was for nobody.
    """
    exports = outcome.exports
    for export in exports:
        if export.state == ExportState.WITHDRAWN:
            stem = file_stem(export.customer_number, export.sequence)
            (run.folder / f"{stem}.csv").unlink(missing_ok=True)
    write_manifest(exports, run.request.month, run.folder)
    unread = _look_again(run, delivery, exports, outcome)
    issues = issues_of_others(outcome.everyone, exports, outcome.findings, known.claims)
    after = AfterRun(
        loaded=loaded,
        placed=_placed(run, delivery, loaded, known, outcome, exports, is_read=unread is None),
        issues={**_orphans(run, delivery, exports, outcome, issues, unread), **issues},
        skipped=outcome.everyone.skipped,
        findings=outcome.findings,
        late=late_on_file(run.folder),
        unread=unread,
        is_whole=bool(was_whole(run.folder)),
    )
    report = draw_up(after, run.connections, run.folder, preview=False)
    run.connections.ledger.require_lease()
    keep_report(report)
    return report


def _placed(
    run: MonthRun,
    delivery: MonthDelivery,
    loaded: MonthOfServices,
    known: Known,
    outcome: Outcome,
    exports: Collection[Export],
    *,
    is_read: bool,
) -> PlacedLines:
    month = str(run.request.month)
    elsewhere = {line: c for line, c in known.claims.items() if c.export.month != month}
    now = AfterDelivery(
        exports=exports,
        claims={**elsewhere, **run.connections.ledger.claims_of(month)},
        documents_of=partial(_documents_of, delivery),
        is_read=is_read,
    )
    previewed = outcome.files if run.request.preview else {}
    return place_lines(loaded, now, previewed, run.connections.export_dir / month)


def _documents_of(delivery: MonthDelivery, export: Export) -> list[Document] | None:
    try:
        return delivery.lookup.documents(external_id_of(export))
    except Unreadable:
        return None


def _look_again(
    run: MonthRun, delivery: MonthDelivery, exports: Iterable[Export], outcome: Outcome
) -> str | None:
    """See that easybill is read after the last write; why it could not be, if so."""
    sent = [export for export in exports if _was_sent(export)]
    if not sent:
        return None
    try:
        if outcome.uploads:
            run.executor.run(LOOK_AGAIN, delivery.lookup.list_documents_anew)
        else:
            next(delivery.lookup.all_documents(), None)
    except (EasybillError, NotSent) as error:
        run_log().error("%s: easybill's totals could not be read: %s", run.request.month, error)
        return str(error)
    return None


def _was_sent(export: Export) -> bool:
    return export.document_id is not None or export.state == ExportState.WITHDRAWN


def _orphans(
    run: MonthRun,
    delivery: MonthDelivery,
    exports: Collection[Export],
    outcome: Outcome,
    issues: Collection[str],
    unread: str | None,
) -> IssuesByCustomer:
    """Documents that the ledger lacks, of customers of this run whom nothing else explains."""
    if unread is not None:
        return {}
    planned = {invoice.customer.customer_number for invoice in outcome.everyone.invoices}
    documents = delivery.lookup.all_documents()
    found = orphan_documents(run.request.month, documents, exports, {*issues, *planned})
    asked = run.request.customers
    return {n: why for n, why in found.items() if asked is None or n in asked}


def _fix_files(run: MonthRun, outcome: Outcome, report: MonthReport) -> None:
    """Build again what is not as it was sent, now that differences are said."""
    wrong = {
        (row.customer_number, row.sequence)
        for row in report.reconciliation.differences
        if row.csv != row.oms
    }
    sent = {(e.customer_number, e.sequence): e.csv_sha256 for e in outcome.exports}
    spoiled = [
        invoice
        for invoice in outcome.month_plan.unchanged
        if key_of(invoice) in wrong or is_changed(run.folder, invoice, sent)
    ]
    if run.request.preview or not spoiled:
        return
    for invoice, file in zip(spoiled, rebuild_files(run, spoiled, outcome.exports), strict=True):
        said = f"not built again: {file}" if isinstance(file, Exception) else "built again"
        run_log().warning("%s: %s.csv was %s", report.month, invoice.file_stem, said)


def _issues_of_others(
    run: MonthRun, exports: Iterable[Export], outcome: Outcome, known: Known
) -> IssuesByCustomer:
    asked = run.request.customers
    if asked is None:
        return {}
    theirs = [export for export in exports if export.customer_number not in asked]
    return issues_of_others(outcome.everyone.without(asked), theirs, outcome.findings, known.claims)
