"""One run over a month: what its steps share, and the order they come in."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

from blocks.easybill.errors import EasybillError, NotSent
from tasks.billing.invoice import Invoice
from tasks.billing.month import BillingMonth
from tasks.checks.let_through import going
from tasks.checks.step import sense
from tasks.easybill.csv_file import CsvFile
from tasks.easybill.draft_status import external_id_of
from tasks.easybill.match_customers import Matches
from tasks.easybill.parcel import Parcel
from tasks.easybill.settle import Settled
from tasks.easybill.sweep import forget_unneeded, sweep_attachments
from tasks.easybill.upload import MonthDelivery
from tasks.load.late import LateMonth, find_late
from tasks.load.month_of_services import MonthOfServices
from tasks.plan.decide import Known, MonthPlan, billed_line, decide
from tasks.report.files import late_on_file
from tasks.report.finish import finish
from tasks.report.outcome import Outcome
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections, open_connections
from tasks.run.lease import month_held, this_process
from tasks.run.log import run_log
from tasks.run.request import Asked, MonthRun
from tasks.run.steps import Steps

__all__ = ["Asked", "MonthRun", "invoice_month", "month_run", "open_account"]


def open_account(month: BillingMonth) -> Connections:
    """Open the connections, and make sure that the key belongs to the ledger's account.

    Raises SettingsError, LedgerError or EasybillError: nothing was done then.
    """
    connections = open_connections()
    logins = connections.client_for(month, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    return connections


@contextmanager
def month_run(connections: Connections, asked: Asked, steps: Steps) -> Iterator[MonthRun]:
    """The run, which holds the month while the block lasts; a preview holds nothing.

    Raises MonthHeld where another run is working on the month.
    """
    if asked.preview:
        yield MonthRun(asked, connections, MonthDelivery(connections, asked.month), steps)
        return
    flow_run_id = connections.flow_run_id
    holder = f"run {flow_run_id}" if flow_run_id else this_process()
    month = str(asked.month)
    with month_held(connections.ledger, month, holder, connections.lease_seconds) as keeper:
        fenced = replace(connections, ledger=connections.ledger.under(keeper.lease))
        yield MonthRun(asked, fenced, MonthDelivery(fenced, asked.month, keeper.check), steps)


def invoice_month(run: MonthRun) -> RunReport:
    """Every service of the month leaves the OMS as one CSV and one draft per customer."""
    asked = run.asked.customers
    loaded = run.steps.load(run.connections, run.asked.month, asked)
    settled = _settle(run)
    known = _known(run, loaded)
    unsettled = {failure.customer_number: (str(failure),) for failure in settled.failures}
    everyone = decide(loaded.refusing(unsettled), known)
    month_plan = everyone if asked is None else everyone.only(asked, loaded.customers)
    matches = _match(run, month_plan)
    findings = sense(run.connections, loaded, matches, everyone.invoices, run.asked.let_through)
    built = _build(run, going(month_plan.invoices, findings), matches)
    uploads = _upload(run, built, matches)
    _restore(run, month_plan)
    if not run.asked.preview and not any(f.stops and not f.customer_number for f in findings):
        _tidy_up(run, month_plan, settled)
    outcome = Outcome(
        month_plan=month_plan,
        everyone=everyone,
        matches=matches,
        built=tuple(built),
        uploads=tuple(uploads),
        exports=settled.exports,
        findings=findings,
    )
    return finish(run, loaded, known, outcome, _late(run))


def _settle(run: MonthRun) -> Settled:
    """Finish or look up what an earlier run left open; a preview leaves everything as it is."""
    if run.asked.preview:
        return Settled(tuple(run.connections.ledger.exports(str(run.asked.month))), ())
    return run.steps.settle(
        run.delivery, run.asked.customers, recreate_deleted=run.asked.recreate_deleted
    )


def _known(run: MonthRun, loaded: MonthOfServices) -> Known:
    """What the ledger and easybill know of the whole month, whatever customers the run is for."""
    ledger = run.connections.ledger
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    return Known(
        exports=ledger.exports(str(run.asked.month)),
        claims={**ledger.claims_of(str(run.asked.month)), **ledger.billed_lines(keys)},
        documents=lambda export: run.delivery.lookup.documents(external_id_of(export)),
    )


def _match(run: MonthRun, month_plan: MonthPlan) -> Matches:
    """Who the customers to be invoiced are in easybill."""
    customers = {i.customer.customer_number: i.customer for i in month_plan.invoices}
    if not customers:
        return Matches({}, {})
    return run.steps.match(
        run.connections, run.asked.month, list(customers.values()), preview=run.asked.preview
    )


def _build(
    run: MonthRun, planned: Collection[Invoice], matches: Matches
) -> list[tuple[Invoice, CsvFile | Exception]]:
    """The CSVs of all who are known to easybill."""
    invoices = [i for i in planned if i.customer.customer_number in matches.ids]
    files = run.steps.build(run.connections, invoices, run.folder) if invoices else []
    return list(zip(invoices, files, strict=True))


def _upload(
    run: MonthRun, built: Collection[tuple[Invoice, CsvFile | Exception]], matches: Matches
) -> list[object]:
    """Deliver every file; one customer's failure stops no other. A preview sends nothing."""
    parcels = [
        Parcel(invoice, file, matches.ids[invoice.customer.customer_number])
        for invoice, file in built
        if isinstance(file, CsvFile)
    ]
    if run.asked.preview or not parcels:
        return []
    return list(run.steps.upload(run.delivery, parcels))


def _restore(run: MonthRun, month_plan: MonthPlan) -> None:
    """Build files anew that are no longer on the disk; a preview leaves the month's files alone."""
    gone = [i for i in month_plan.unchanged if not (run.folder / f"{i.file_stem}.csv").exists()]
    if run.asked.preview or not gone:
        return
    run.steps.build(run.connections, gone, run.folder)
    run_log().warning("%s: %d missing files were built anew", run.asked.month, len(gone))


def _tidy_up(run: MonthRun, month_plan: MonthPlan, settled: Settled) -> None:
    """Forget what is not needed; a file that cannot be removed now is left for the next run."""
    try:
        forget_unneeded(run.delivery, month_plan, settled.exports)
        sweep_attachments(run.delivery)
    except (EasybillError, NotSent) as error:
        run_log().warning("%s: unused files are left for the next run: %s", run.asked.month, error)


def _late(run: MonthRun) -> tuple[LateMonth, ...]:
    """What earlier months still owe; a run for some customers has only the last report's word."""
    if run.asked.customers is not None:
        return late_on_file(run.folder)
    return find_late(run.connections, run.asked.month)
