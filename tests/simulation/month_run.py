"""A process of ours in a story: a run as in production, its steps taken without Prefect."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from blocks.bounds.bounds import Bounds
from blocks.easybill.errors import EasybillError, NotSent, Unavailable
from blocks.ledger.errors import LedgerError, LedgerUnavailable
from blocks.oms.block import OmsDatabase
from flows.invoice_month import invoice_month
from tasks.billing.issue import IssueCode
from tasks.billing.month import BillingMonth
from tasks.easybill.upload import MonthDelivery
from tasks.easybill.withdraw import withdraw
from tasks.report.reconcile import ReconciledRow
from tasks.report.run_report import RunReport, said_of
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.gate import Clock
from tasks.run.lease import RENEWALS_PER_LEASE, LeaseKeeper, MonthHeld, take
from tasks.run.month_run import MonthRun
from tasks.run.request import RunRequest
from tests.simulation.oms import CUSTOMERS, FEE_LABEL, SERVICES
from tests.simulation.process import Killed, Process
from tests.simulation.stage import Stage
from tests.simulation.steps import RunStarts
from tests.simulation.taking_steps import QUICK_LAYOUT, SimExecutor
from tests.simulation.wire import LEASE_SECONDS

Answer = TypeVar("Answer")

_BOUNDLESS = 10**12
# What a bound stops is no matter of chance; the stories are about what is sent.
NOTHING_IS_TOO_MUCH = Bounds(
    line_net_eur=_BOUNDLESS,
    invoice_net_eur=_BOUNDLESS,
    month_net_eur=_BOUNDLESS,
    month_change_eur=_BOUNDLESS,
)


@dataclass(slots=True)
class Outcome:
    """How a process ended, and what it told of each customer that is not as it should be."""

    name: str
    month: str
    ending: str = "under way"
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    codes: dict[tuple[str, str], frozenset[IssueCode]] = field(default_factory=dict)
    differences: dict[tuple[str, str], ReconciledRow] = field(default_factory=dict)

    def tell(self, report: RunReport) -> None:
        for row in report.month_report.reconciliation.differences:
            self.differences[report.month, row.customer_number] = row
        for number, issues in report.not_invoiced.items():
            self.reasons[report.month, number] = said_of(issues)
            self.codes[report.month, number] = frozenset(issue.code for issue in issues)
        for late in report.late:
            for number in late.customers:
                self.reasons.setdefault((late.month, number), str(late))


class SimRun:
    """One process and its month."""

    def __init__(self, stage: Stage, step: RunStarts, process: Process, outcome: Outcome) -> None:
        self._stage = stage
        self._step = step
        self._process = process
        self._outcome = outcome
        self._clock = Clock(process.monotonic, process.sleep)

    def live(self) -> None:
        """The whole life of the process."""
        try:
            self._outcome.ending = self._work()
        except MonthHeld:
            self._outcome.ending = "held"
        except (EasybillError, NotSent, LedgerError, CustomerFailure) as error:
            self._outcome.ending = f"broke off: {type(error).__name__}: {error}"
        except Killed:
            self._outcome.ending = "killed"
        self._process.is_dead = True
        self._stage.faults += len(self._process.befell)
        self._stage.tell(self._process.name, f"{self._outcome.ending} {self._outcome.reasons}")

    def _work(self) -> str:
        connections = self._connections()
        month = BillingMonth.parse(self._step.month)
        logins = self._repeated(connections.client_for(month, None).list_logins)
        connections.ledger.recognise_logins([login.id for login in logins])
        if self._step.withdraws:
            with self._month_held(connections, RunRequest(month)) as (_, delivery):
                withdraw(delivery, self._step.customers)
            return "done"
        recreate = self._step.recreate_deleted
        report = self._invoice(connections, month, self._step.customers, recreate=recreate)
        if self._step.bill_late:
            for late in report.late:
                owed = self._invoice(connections, BillingMonth.parse(late.month), late.customers)
                report = report.with_late(owed)
        self._outcome.tell(report)
        return "done"

    def _invoice(
        self,
        connections: Connections,
        month: BillingMonth,
        customers: Collection[str] | None,
        *,
        recreate: bool = False,
    ) -> RunReport:
        chosen = None if customers is None else frozenset(customers)
        request = RunRequest(month, chosen, recreate_deleted=recreate)
        with self._month_held(connections, request) as (run, delivery):
            return invoice_month(run, delivery)

    @contextmanager
    def _month_held(
        self, connections: Connections, request: RunRequest
    ) -> Iterator[tuple[MonthRun, MonthDelivery]]:
        """As `tasks.run.month_run.hold_month`, the renewing thread a greenlet."""
        month, ledger = str(request.month), connections.ledger
        keeper = take(ledger, month, self._step.name, LEASE_SECONDS, self._clock)
        done: list[bool] = []
        self._process.spawn(lambda: self._renew_until(keeper, done))
        gate = self._stage.cast.gate(keeper.check, self._clock)
        fenced = replace(connections, ledger=ledger.under(keeper.lease), gate=gate)
        delivery = self._stage.cast.delivery(fenced, request.month)
        try:
            yield MonthRun(request, fenced, SimExecutor(self._process)), delivery
        finally:
            is_over = gate.close(at_most_s=0.0)
            done.append(True)
            if is_over:
                keeper.release()

    def _renew_until(self, keeper: LeaseKeeper, done: list[bool]) -> None:
        while True:
            self._process.sleep(LEASE_SECONDS / RENEWALS_PER_LEASE)
            if done or not keeper.renew():
                return

    def _repeated(self, act: Callable[[], Answer]) -> Answer:
        for _ in range(2):
            try:
                return act()
            except (Unavailable, LedgerUnavailable):
                self._process.sleep(10)
        return act()

    def _connections(self) -> Connections:
        def read(starts_at: object, ends_at: object) -> Any:
            oms = cast("Any", self._stage.oms)
            return self._process.step(0.01, lambda: oms.read_services(starts_at, ends_at))

        oms = SimpleNamespace(
            read_services=read, services_relation=SERVICES, customers_relation=CUSTOMERS
        )
        account = SimpleNamespace(
            account="main",
            cancellation_fee_label=FEE_LABEL,
            create_customers=False,
            csv_price_basis="gross",
            layout=QUICK_LAYOUT,
            requests_per_minute=1_000_000,
            link_to=lambda _: None,
        )
        return Connections(
            oms=cast("OmsDatabase", oms),
            account=cast("Any", account),
            client=self._stage.client(self._process, self._step),
            ledger=self._stage.ledger(self._process, self._step),
            export_dir=self._stage.folder,
            lease_seconds=LEASE_SECONDS,
            flow_run_id=self._step.name,
            bounds=NOTHING_IS_TOO_MUCH,
        )
