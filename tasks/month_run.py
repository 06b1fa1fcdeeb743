"""One run over a month: what its steps share, and the order they come in."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from blocks.easybill.errors import EasybillError, NotSent
from blocks.easybill.models import Customer as EasybillCustomer
from tasks.billing.invoice import Invoice
from tasks.billing.month import BillingMonth
from tasks.connections import Connections, open_connections
from tasks.csv_file import CsvFile
from tasks.decide import Known, MonthPlan, billed_line, decide
from tasks.findings import Finding
from tasks.late import LateMonth, find_late
from tasks.lease import month_held, this_process
from tasks.let_through import going
from tasks.match_customers import Matches
from tasks.month_of_services import MonthOfServices
from tasks.parcel import Parcel
from tasks.report import Outcome, RunReport, report
from tasks.run_log import run_log
from tasks.sense_step import sense
from tasks.settle import Settled
from tasks.standing import external_id_of
from tasks.steps import Steps
from tasks.sweep import forget_unneeded, sweep_attachments
from tasks.upload import MonthDelivery


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run was asked to do; all customers where none are named.

    `let_through` names the bounds of the sense checks that are not to stop anything.
    """

    month: BillingMonth
    customers: frozenset[str] | None = None
    preview: bool = False
    recreate_deleted: bool = False
    let_through: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MonthRun:
    """What was asked, and the world that the run works with."""

    asked: Asked
    connections: Connections
    delivery: MonthDelivery
    steps: Steps

    @property
    def folder(self) -> Path:
        """Where the files of this run go."""
        base = self.connections.export_dir
        return (base / "preview" if self.asked.preview else base) / str(self.asked.month)


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
    loaded = run.steps.load(run.connections, run.asked.month, run.asked.customers)
    settled = _settle(run)
    month_plan = _plan(run, loaded, settled)
    matches = _match(run, month_plan)
    findings = _sense(run, loaded, month_plan, matches)
    built = _build(run, going(month_plan.invoices, findings), matches)
    uploads = _upload(run, built, matches)
    if not run.asked.preview and not any(f.stops and not f.customer_number for f in findings):
        _tidy_up(run, month_plan, settled)
    return report(
        Outcome(
            month_plan=month_plan,
            matches=matches,
            built=tuple(built),
            uploads=tuple(uploads),
            late=_late(run),
            exports=settled.exports,
            findings=findings,
        ),
        run.connections,
        run.folder,
        preview=run.asked.preview,
    )


def _settle(run: MonthRun) -> Settled:
    """Finish or look up what an earlier run left open; a preview leaves everything as it is."""
    if run.asked.preview:
        return Settled(tuple(run.connections.ledger.exports(str(run.asked.month))), ())
    return run.steps.settle(
        run.delivery, run.asked.customers, recreate_deleted=run.asked.recreate_deleted
    )


def _plan(run: MonthRun, loaded: MonthOfServices, settled: Settled) -> MonthPlan:
    """What will be done for each customer; who could not be settled is left alone."""
    ledger = run.connections.ledger
    keys = [billed_line(line) for lines in loaded.lines.values() for line in lines]
    claims = {**ledger.claims_of(str(run.asked.month)), **ledger.billed_lines(keys)}
    unsettled = {failure.customer_number: (str(failure),) for failure in settled.failures}
    known = Known(
        exports=settled.exports,
        claims=claims,
        documents=lambda export: run.delivery.lookup.documents(external_id_of(export)),
    )
    return decide(loaded.refusing(unsettled), known)


def _match(run: MonthRun, month_plan: MonthPlan) -> Matches:
    """Who the customers to be invoiced are in easybill."""
    customers = {i.customer.customer_number: i.customer for i in month_plan.invoices}
    if not customers:
        return Matches({}, {})
    return run.steps.match(
        run.connections, run.asked.month, list(customers.values()), preview=run.asked.preview
    )


def _sense(
    run: MonthRun, loaded: MonthOfServices, month_plan: MonthPlan, matches: Matches
) -> tuple[Finding, ...]:
    """What a person should look at, and which bounds stop what."""
    found = matches.found | _others_in_easybill(run, loaded, matches)
    return sense(run.connections, loaded, found, month_plan.invoices, run.asked.let_through)


def _others_in_easybill(
    run: MonthRun, loaded: MonthOfServices, matches: Matches
) -> dict[str, EasybillCustomer]:
    """The customers of the month of whom nothing is to be sent; none is created."""
    others = loaded.lines.keys() & loaded.customers.keys() - matches.found.keys()
    wanted = [loaded.customers[n] for n in sorted(others - matches.refusals.keys())]
    if not wanted or not run.connections.bounds.e_invoice:
        return {}
    return run.steps.match(run.connections, run.asked.month, wanted, preview=True).found


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


def _tidy_up(run: MonthRun, month_plan: MonthPlan, settled: Settled) -> None:
    """Forget what is not needed; a file that cannot be removed now is left for the next run."""
    try:
        forget_unneeded(run.delivery, month_plan, settled.exports)
        sweep_attachments(run.delivery)
    except (EasybillError, NotSent) as error:
        run_log().warning("%s: unused files are left for the next run: %s", run.asked.month, error)


def _late(run: MonthRun) -> tuple[LateMonth, ...]:
    """What earlier months still owe; asked only where the whole month is run."""
    if run.asked.customers is not None:
        return ()
    return find_late(run.connections, run.asked.month)
