"""The order of a month: load, settle, plan, match, check, build, deliver, report."""

from collections.abc import Collection, Mapping, Sequence

from blocks.easybill.errors import EasybillError, NotSent
from tasks.billing.invoice import Invoice
from tasks.billing.matches import MatchedCustomer, Matches
from tasks.checks.check_month import check_month
from tasks.checks.let_through import going, stops_everybody
from tasks.easybill.build_csv import build_files
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.drafts import DraftsInEasybill
from tasks.easybill.match_customers import look_up_others, match_in_account
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import Settled, settle
from tasks.easybill.sweep import forget_unneeded, sweep_attachments
from tasks.easybill.upload import MonthDelivery, upload_all
from tasks.load.billed_line import billed_line
from tasks.load.late import LateMonth, find_late
from tasks.load.load_services import load_month
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known, MonthPlan, decide
from tasks.report.files import late_on_file
from tasks.report.finish import finish
from tasks.report.outcome import Outcome
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.log import run_log
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.steps import LOAD, MATCH, SETTLE


def run_month(connections: Connections, request: RunRequest) -> RunReport:
    """Invoice the month; no other run works on it meanwhile. Raises MonthHeld where one does."""
    with hold_month(connections, request, PrefectExecutor()) as run:
        return invoice_month(run, MonthDelivery(run.connections, request.month))


def invoice_month(run: MonthRun, delivery: MonthDelivery) -> RunReport:
    """Every service of the month leaves the OMS as one CSV and one draft per customer."""
    request = run.request
    loaded = _load(run)
    settled = _settle(run, delivery)
    known = _known(run, delivery, loaded)
    everyone = decide(loaded.refusing(settled.open), known)
    wanted = request.customers
    month_plan = everyone if wanted is None else everyone.only(wanted, loaded.customers)
    matches = _match(run, month_plan)
    findings = check_month(
        run.connections,
        loaded,
        _in_easybill(run, loaded, matches),
        everyone.invoices,
        request.let_through,
    )
    built = _build(run, going(month_plan.invoices, findings), matches)
    uploads = _deliver(run, delivery, built, matches)
    _restore(run, month_plan)
    if not request.preview and not stops_everybody(findings):
        _tidy_up(delivery, month_plan, settled)
    outcome = Outcome(
        month_plan=month_plan,
        everyone=everyone,
        matches=matches,
        built=tuple(built),
        uploads=tuple(uploads),
        exports=settled.exports,
        findings=findings,
    )
    return finish(run, delivery, loaded, known, outcome, _late(run))


def _load(run: MonthRun) -> MonthOfServices:
    request = run.request
    return run.executor.run(
        LOAD, lambda: load_month(run.connections, request.month, request.customers)
    )


def _settle(run: MonthRun, delivery: MonthDelivery) -> Settled:
    """Finish or look up what an earlier run left open; a preview leaves everything as it is."""
    request = run.request
    if request.preview:
        return Settled(tuple(run.connections.ledger.exports(str(request.month))), {})
    return run.executor.run(
        SETTLE,
        lambda: settle(delivery, request.customers, recreate_deleted=request.recreate_deleted),
    )


def _known(run: MonthRun, delivery: MonthDelivery, loaded: MonthOfServices) -> Known:
    """What the ledger and easybill know of the whole month, whatever customers the run is for."""
    ledger, month = run.connections.ledger, str(run.request.month)
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    return Known(
        exports=ledger.exports(month),
        claims={**ledger.claims_of(month), **ledger.billed_lines(keys)},
        drafts=DraftsInEasybill(delivery.lookup),
    )


def _match(run: MonthRun, month_plan: MonthPlan) -> Matches:
    """Who the customers to be invoiced are in easybill."""
    customers = {i.customer.customer_number: i.customer for i in month_plan.invoices}
    if not customers:
        return Matches()
    request = run.request
    return run.executor.run(
        MATCH,
        lambda: match_in_account(
            run.connections, request.month, list(customers.values()), preview=request.preview
        ),
    )


def _in_easybill(
    run: MonthRun, loaded: MonthOfServices, matches: Matches
) -> Mapping[str, MatchedCustomer]:
    """All customers of the month as easybill knows them, for the checks of e-invoices."""
    others = loaded.lines.keys() - matches.found.keys() - matches.refused.keys()
    if not run.connections.bounds.e_invoice:
        return matches.found
    return {**matches.found, **look_up_others(run.connections, run.request.month, others)}


def _build(
    run: MonthRun, planned: Collection[Invoice], matches: Matches
) -> list[tuple[Invoice, CsvFile | Exception]]:
    """The CSVs of all who are known to easybill."""
    invoices = [i for i in planned if i.customer.customer_number in matches.found]
    return list(zip(invoices, build_files(run, invoices), strict=True))


def _deliver(
    run: MonthRun,
    delivery: MonthDelivery,
    built: Collection[tuple[Invoice, CsvFile | Exception]],
    matches: Matches,
) -> Sequence[object]:
    """Upload, draft and link every file; a preview sends nothing."""
    parcels = [
        Parcel(invoice, file, matches.found[invoice.customer.customer_number].easybill_id)
        for invoice, file in built
        if isinstance(file, CsvFile)
    ]
    return () if run.request.preview else upload_all(run, delivery, parcels)


def _restore(run: MonthRun, month_plan: MonthPlan) -> None:
    """Build again what is no longer on the disk; a preview leaves the month's files alone."""
    gone = [i for i in month_plan.unchanged if not (run.folder / f"{i.file_stem}.csv").exists()]
    if run.request.preview or not gone:
        return
    build_files(run, gone)
    run_log().warning("%s: %d missing files were built again", run.request.month, len(gone))


def _tidy_up(delivery: MonthDelivery, month_plan: MonthPlan, settled: Settled) -> None:
    """Forget what is not needed; a file that cannot be removed now is left for the next run."""
    try:
        wanted = {(i.customer.customer_number, i.sequence) for i in month_plan.invoices}
        forget_unneeded(delivery, wanted, month_plan.refused, settled.exports)
        sweep_attachments(delivery)
    except (EasybillError, NotSent) as error:
        run_log().warning("%s: unused files are left for the next run: %s", delivery.month, error)


def _late(run: MonthRun) -> tuple[LateMonth, ...]:
    """What earlier months still owe; a run for some customers has only the last report's word."""
    if run.request.customers is not None:
        return late_on_file(run.folder)
    return find_late(run.connections, run.request.month)
