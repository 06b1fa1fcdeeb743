"""Conclude: keep what a run came to, reconcile the month to the cent, and draw up its report."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from blocks.easybill.errors import EasybillError, NotSent
from blocks.ledger.ledger import Export
from blocks.ledger.states import ExportState
from tasks.asked import MonthRun
from tasks.decide import Known
from tasks.draw_up import AfterRun, draw_up
from tasks.history import never_run
from tasks.late import LateMonth
from tasks.manifest import write_manifest, write_preview_manifest
from tasks.month_of_services import MonthOfServices
from tasks.month_report import MonthReport
from tasks.others import causes_of_others
from tasks.outcome import Cause, Outcome
from tasks.report import Failed, RunReport
from tasks.run_log import run_log
from tasks.standing import external_id_of
from tasks.take_stock import take_stock
from tasks.upload import Delivered


def conclude(
    run: MonthRun,
    loaded: MonthOfServices,
    known: Known,
    outcome: Outcome,
    late: tuple[LateMonth, ...],
) -> RunReport:
    """Write the manifest and the month's report, and sum up what the run did.

    `loaded` and `known` are of the whole month, as the run found it.
    """
    causes = outcome.causes()
    if not run.asked.preview:
        _keep(run, outcome, causes)
    exports = run.connections.ledger.exports(str(run.asked.month))
    if run.asked.preview:
        write_preview_manifest(outcome.built_files, run.asked.month, run.folder)
    else:
        write_manifest(exports, run.asked.month, run.folder)
    after = _after(run, loaded, replace(known, exports=exports), outcome, causes, late)
    read_back = partial(run.steps.read_back, run.connections)
    month_report = draw_up(after, run.connections, read_back, run.folder, preview=run.asked.preview)
    run.steps.keep_report(month_report)
    _mend_files(run, outcome, month_report)
    return _sum_up(run, outcome, causes, month_report)


def _keep(run: MonthRun, outcome: Outcome, causes: Mapping[str, list[Cause]]) -> None:
    """Keep in the ledger who was refused or had nothing, and where drafts and OMS differ."""
    ledger, plan, run_id = run.connections.ledger, outcome.month_plan, run.connections.flow_run_id
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
            ledger.advance(export, export.state, error=reasons.get(export.id))


def _delivered_before(outcome: Outcome) -> Iterable[Export]:
    """The exports that this run found delivered and did not send again."""
    sent = {(i.customer.customer_number, i.sequence) for i in outcome.month_plan.invoices}
    for export in outcome.exports:
        key = (export.customer_number, export.sequence)
        if export.state == ExportState.DELIVERED and key not in sent:
            yield export


def _after(
    run: MonthRun,
    loaded: MonthOfServices,
    known: Known,
    outcome: Outcome,
    causes: Mapping[str, list[Cause]],
    late: tuple[LateMonth, ...],
) -> AfterRun:
    month = str(run.asked.month)
    unread = _look_again(run, known.exports, outcome)
    elsewhere = {line: c for line, c in known.claims.items() if c.export.month != month}
    claims = {**elsewhere, **run.connections.ledger.claims_of(month)}
    stock = take_stock(
        loaded,
        replace(known, claims=claims),
        outcome.files if run.asked.preview else {},
        run.connections.export_dir / month,
        is_read=unread is None,
    )
    return AfterRun(
        loaded=loaded,
        stock=stock,
        causes={**_causes_of_others(run, known.exports, outcome), **causes},
        skipped=outcome.everyone.skipped,
        findings=outcome.findings,
        late=late,
        unread=unread,
    )


def _look_again(run: MonthRun, exports: Iterable[Export], outcome: Outcome) -> str | None:
    """See that easybill is read after the last write; why it could not be, if so."""
    drafted = [export for export in exports if export.document_id is not None]
    if not drafted:
        return None
    try:
        if outcome.uploads:
            run.steps.look_again(run.delivery)
        else:
            run.delivery.lookup.documents(external_id_of(drafted[0]))
    except (EasybillError, NotSent) as error:
        run_log().error("%s: easybill's totals could not be read: %s", run.asked.month, error)
        return str(error)
    return None


def _mend_files(run: MonthRun, outcome: Outcome, report: MonthReport) -> None:
    """Build anew what does not say what its draft says, now that it is told."""
    wrong = {
        (row.customer_number, row.sequence)
        for row in report.reconciliation.differences
        if row.csv != row.oms
    }
    unchanged = outcome.month_plan.unchanged
    mended = [i for i in unchanged if (i.customer.customer_number, i.sequence) in wrong]
    if mended and not run.asked.preview:
        run.steps.build(run.connections, mended, run.folder)
        names = ", ".join(f"{invoice.file_stem}.csv" for invoice in mended)
        run_log().warning("%s: built anew from the OMS: %s", report.month, names)


def _causes_of_others(
    run: MonthRun, exports: Iterable[Export], outcome: Outcome
) -> dict[str, list[Cause]]:
    asked = run.asked.customers
    if asked is None:
        return {}
    theirs = [export for export in exports if export.customer_number not in asked]
    return causes_of_others(outcome.everyone.without(asked), theirs, outcome.findings)


def _sum_up(
    run: MonthRun,
    outcome: Outcome,
    causes: Mapping[str, list[Cause]],
    month_report: MonthReport,
) -> RunReport:
    preview, asked = run.asked.preview, run.asked.customers
    summary = RunReport(
        month=str(run.asked.month),
        preview=preview,
        folder=str(run.folder),
        delivered=tuple(entry for entry in outcome.uploads if isinstance(entry, Delivered)),
        delivered_before=outcome.month_plan.delivered,
        skipped=outcome.month_plan.skipped,
        failed=tuple(
            Failed(number, "; ".join(map(str, why)), shared=why[0].shared)
            for number, why in causes.items()
        ),
        month_report=month_report,
        previewed=outcome.built_files if preview else (),
        late=month_report.late if asked is None else (),
        differences=tuple(_differences(month_report, asked)),
    )
    _tell(summary)
    return summary


def _differences(report: MonthReport, asked: Collection[str] | None) -> Iterable[str]:
    """What keeps the run from being complete: of its own customers alone."""
    if report.reconciliation.unread is not None:
        yield f"easybill's own totals could not be read: {report.reconciliation.unread}"
    for row in report.reconciliation.differences:
        if asked is None or row.customer_number in asked:
            yield str(row)


def _tell(summary: RunReport) -> None:
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
