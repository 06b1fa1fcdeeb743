"""The order of a month: load, settle, plan, match, check, build, deliver, report."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from blocks.easybill.errors import EasybillError, NotSent
from blocks.ledger.ledger import Export
from tasks.billing.invoice import Invoice
from tasks.billing.matches import MatchedCustomer, Matches
from tasks.billing.wording.speech import Speech
from tasks.checks.check_month import check_month
from tasks.checks.let_through import going, stops_everybody
from tasks.compare.by_hand import find_by_hand
from tasks.compare.comparison import compare
from tasks.compare.files import keep_comparison
from tasks.easybill.build_csv import build_files, rebuild_files
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.drafts import DraftsInEasybill
from tasks.easybill.match_customers import look_up_others, match_in_account
from tasks.easybill.other_months import find_in_other_months
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import Settled, settle
from tasks.easybill.sweep import forget_unneeded, sweep_attachments
from tasks.easybill.take_in import take_in
from tasks.easybill.upload import MonthDelivery, upload_all
from tasks.load.billed_line import claims_of
from tasks.load.late import LateMonth, find_late
from tasks.load.load_services import load_month
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known, MonthPlan, decide
from tasks.report.finish import finish, redraw
from tasks.report.month_report import MonthReport
from tasks.report.on_file import late_on_file
from tasks.report.outcome import Outcome
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.log import run_log
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.prefect_executor import PrefectExecutor
from tasks.run.request import RunRequest
from tasks.run.resolve_month import require_billed
from tasks.run.steps import COMPARE, LOAD, MATCH, TAKE_IN


def run_month(connections: Connections, request: RunRequest) -> RunReport:
    """Invoice the month; no other run works on it meanwhile. Raises MonthHeld where one does.

    Raises MonthBeforeFirst for a month that is never billed, unless it is previewed.
    """
    if not request.preview:
        require_billed(request.month, connections.invoicing_from)
    with hold_month(connections, request, PrefectExecutor()) as run:
        return invoice_month(run, MonthDelivery(run.connections, request.month))


def invoice_month(run: MonthRun, delivery: MonthDelivery) -> RunReport:
    """Every service of the month leaves the OMS as one CSV and one draft per customer."""
    request = run.request
    loaded = _load(run)
    settled = _settle(run, delivery, loaded)
    known = _known(run, delivery, loaded)
    everyone = decide(loaded.refusing(settled.open), known)
    wanted = request.customers
    month_plan = everyone if wanted is None else everyone.only(wanted, loaded.customers)
    matches = _match(run, month_plan)
    in_easybill = _in_easybill(run, loaded, matches)
    findings = check_month(
        run.connections,
        loaded,
        in_easybill,
        everyone.invoices,
        request.let_through,
        request.customers,
    )
    built = _build(run, going(month_plan.invoices, findings), matches, settled.exports)
    uploads = _deliver(run, delivery, built, matches)
    lost = _restore(run, month_plan, settled)
    if not request.preview and not stops_everybody(findings):
        _tidy_up(delivery, month_plan, settled)
    outcome = Outcome(
        month_plan=month_plan,
        everyone=everyone,
        matches=matches,
        built=(*built, *lost),
        uploads=tuple(uploads),
        exports=settled.exports,
        findings=findings,
    )
    report = finish(run, delivery, loaded, known, outcome, _late(run))
    return _compared(run, loaded, in_easybill, report) if request.compare else report


def _compared(
    run: MonthRun,
    loaded: MonthOfServices,
    in_easybill: Mapping[str, MatchedCustomer],
    report: RunReport,
) -> RunReport:
    """The report of the preview, held against what easybill has of the month by hand."""
    month, wanted = run.request.month, run.request.customers
    client = run.connections.client_for(month, None)
    numbers = {one.easybill_id: number for number, one in in_easybill.items()}
    language = run.connections.language
    speech = Speech(language)
    found = run.executor.run(COMPARE, lambda: find_by_hand(client, month, numbers, speech))
    comparison = compare(loaded, found, wanted, speech)
    keep_comparison(comparison, run.folder, language)
    run_log().info("%s", comparison.headline())
    return replace(report, comparison=comparison)


def redrawn(run: MonthRun) -> MonthReport:
    """The month's report as it is after a withdrawal; nothing is sent, and nobody is invoiced."""
    delivery = MonthDelivery(run.connections, run.request.month)
    loaded = _load(run)
    known = _known(run, delivery, loaded)
    everyone = decide(loaded, known)
    findings = check_month(run.connections, loaded, {}, everyone.invoices, (), frozenset())
    nobody = everyone.only((), ())
    outcome = Outcome(nobody, everyone, Matches(), (), (), tuple(known.exports), findings)
    return redraw(run, delivery, loaded, known, outcome)


def _load(run: MonthRun) -> MonthOfServices:
    request = run.request
    return run.executor.run(
        LOAD, lambda: load_month(run.connections, request.month, request.customers)
    )


def _settle(run: MonthRun, delivery: MonthDelivery, loaded: MonthOfServices) -> Settled:
    """Finish or look up what an earlier run left open, and take in what the ledger does not know.

    A preview leaves what is open as it is, and keeps what it takes in to itself.
    """
    request = run.request
    if request.preview:
        settled = Settled(tuple(run.connections.ledger.exports(str(request.month))), {})
    else:
        settled = settle(run, delivery)
    wanted = frozenset(request.customers or loaded.customers)

    def take_in_all() -> Settled:
        taken = settled.with_taken_in(take_in(delivery, loaded, wanted - settled.open.keys()))
        return taken.with_open(find_in_other_months(delivery, loaded, wanted - taken.open.keys()))

    return run.executor.run(TAKE_IN, take_in_all)


def _known(run: MonthRun, delivery: MonthDelivery, loaded: MonthOfServices) -> Known:
    """What the ledger and easybill know of the whole month, whatever customers the run is for."""
    ledger, month = run.connections.ledger, str(run.request.month)
    return Known(
        exports=ledger.exports(month),
        claims=claims_of(ledger, loaded),
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
    looked_at = matches.found.keys() | matches.refused.keys() | matches.to_create
    others = loaded.lines.keys() - looked_at
    if not run.connections.bounds.e_invoice:
        return matches.found
    return {**matches.found, **look_up_others(run.connections, run.request.month, others)}


def _build(
    run: MonthRun, planned: Collection[Invoice], matches: Matches, exports: Collection[Export]
) -> list[tuple[Invoice, CsvFile | Exception]]:
    """The CSVs of all who are known to easybill, or whom a run would create there."""
    known = matches.found.keys() | matches.to_create
    invoices = [i for i in planned if i.customer.customer_number in known]
    return list(zip(invoices, build_files(run, invoices, exports), strict=True))


def _deliver(
    run: MonthRun,
    delivery: MonthDelivery,
    built: Collection[tuple[Invoice, CsvFile | Exception]],
    matches: Matches,
) -> Sequence[object]:
    """Upload, draft and link every file; a preview sends nothing."""
    if run.request.preview:
        return ()
    parcels = [
        Parcel(invoice, file, matches.found[invoice.customer.customer_number].easybill_id)
        for invoice, file in built
        if isinstance(file, CsvFile)
    ]
    return upload_all(run, delivery, parcels)


def _restore(
    run: MonthRun, month_plan: MonthPlan, settled: Settled
) -> list[tuple[Invoice, Exception]]:
    """Build again what is no longer on the disk; a preview leaves the month's files alone.

    Answers what could not be built as it was sent.
    """
    gone = [i for i in month_plan.unchanged if not (run.folder / f"{i.file_stem}.csv").exists()]
    if run.request.preview or not gone:
        return []
    files = rebuild_files(run, gone, settled.exports)
    lost = [(i, file) for i, file in zip(gone, files, strict=True) if isinstance(file, Exception)]
    built = len(gone) - len(lost)
    run_log().warning(
        "%s: %d of %d missing files were built again", run.request.month, built, len(gone)
    )
    return lost


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
