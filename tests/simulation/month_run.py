"""A process of ours in a story: a run as in production, its steps taken without Prefect."""

from collections.abc import Callable, Iterator
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
from tasks.billing.wording import said_of
from tasks.easybill.look_at_drafts import look_at_drafts
from tasks.easybill.upload import MonthDelivery
from tasks.easybill.withdraw import withdraw
from tasks.report.reconcile import ReconciledRow
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.failures import CustomerFailure
from tasks.run.gate import Clock
from tasks.run.lease import RENEWALS_PER_LEASE, LeaseKeeper, MonthHeld, take
from tasks.run.month_run import MonthRun
from tasks.run.request import RunRequest
from tests.simulation.faults import LEASE_SECONDS
from tests.simulation.oms import CUSTOMERS, FEE_LABEL, SERVICES
from tests.simulation.paths import PROCESS, RUN_ENDED, SAID
from tests.simulation.process import Killed, Process, Stopped
from tests.simulation.stage import Stage
from tests.simulation.steps import RunStarts
from tests.simulation.taking_steps import QuickLayout, SimExecutor
from tests.simulation.troubles import Trouble

Answer = TypeVar("Answer")

_BOUNDLESS = 10**12
NO_TERMS = (
    *("text_prefix", "text", "pdf_template", "login_id", "due_in_days", "document_date"),
    *("position_text", "cancellation_fee_text"),
)
# What a bound stops is no matter of chance; the stories are about what is sent.
NOTHING_IS_TOO_MUCH = Bounds(
    line_net_eur=_BOUNDLESS,
    invoice_net_eur=_BOUNDLESS,
    month_net_eur=_BOUNDLESS,
    month_change_eur=_BOUNDLESS,
)


@dataclass(slots=True)
class Outcome:
    """How a process ended, and what it told of each customer that is not as it should be.

    `differences` have no reason; `differing` are all rows of the report that differ.
    """

    name: str
    month: str
    ending: str = "under way"
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    codes: dict[tuple[str, str], frozenset[IssueCode]] = field(default_factory=dict)
    differences: dict[tuple[str, str], ReconciledRow] = field(default_factory=dict)
    differing: set[tuple[str, str]] = field(default_factory=set)

    def tell(self, report: RunReport) -> None:
        for row in report.month_report.reconciliation.differences:
            self.differences[report.month, row.customer_number] = row
        rows = report.month_report.reconciliation.rows
        self.differing |= {(report.month, row.customer_number) for row in rows if row.difference}
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
        if self._step.stops_after:
            self._process.stop_after(self._step.stops_after)
        try:
            self._outcome.ending = self._work()
        except MonthHeld:
            self._outcome.ending = "held"
        except (EasybillError, NotSent, LedgerError, CustomerFailure) as error:
            self._outcome.ending = f"broke off: {type(error).__name__}: {error}"
        except Killed:
            self._outcome.ending = "killed"
        except Stopped:
            self._outcome.ending = "stopped"
        # What a stopped run has sent still comes back.
        self._process.is_dead = self._outcome.ending != "stopped"
        self._note_paths()
        self._stage.faults += len(self._process.befell)
        self._stage.tell(self._process.name, f"{self._outcome.ending} {self._outcome.reasons}")

    def _note_paths(self) -> None:
        """Which rare paths this process took."""
        taken = self._stage.tables.paths
        ending = self._outcome.ending
        taken.add(f"{RUN_ENDED}{ending.split(': ')[1] if ': ' in ending else ending}")
        taken |= {f"{SAID}{code}" for codes in self._outcome.codes.values() for code in codes}
        taken |= {f"{PROCESS}{befell.split()[0]}" for befell in self._process.befell}

    def _work(self) -> str:
        connections = self._connections()
        month = BillingMonth.parse(self._step.month)
        logins = self._repeated(connections.client_for(month, None).list_logins)
        connections.ledger.recognise_logins([login.id for login in logins])
        if self._step.looks_at_drafts:
            look_at_drafts(connections, month, self._process.now())
            return "done"
        if self._step.withdraws:
            with self._month_held(connections, RunRequest(month)) as (_, delivery):
                withdraw(delivery, self._step.customers)
            return "done"
        request = RunRequest(
            month,
            self._step.customers,
            recreate_deleted=self._step.recreate_deleted,
            bill_again=self._step.bill_again,
        )
        report = self._invoice(connections, request)
        if self._step.bill_late:
            for late in report.late:
                asked = RunRequest(BillingMonth.parse(late.month), frozenset(late.customers))
                owed = self._invoice(connections, asked)
                report = report.with_late(owed)
        self._outcome.tell(report)
        return "done"

    def _invoice(self, connections: Connections, request: RunRequest) -> RunReport:
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
            return self._process.step(
                "read the OMS", 0.01, lambda: oms.read_services(starts_at, ends_at)
            )

        oms = SimpleNamespace(
            read_services=read, services_relation=SERVICES, customers_relation=CUSTOMERS
        )
        account = SimpleNamespace(
            account="main",
            cancellation_fee_label=FEE_LABEL,
            create_customers=Trouble.NEW_CUSTOMERS in self._stage.story.troubles,
            csv_price_basis="gross",
            layout=QuickLayout(),
            requests_per_minute=1_000_000,
            link_to=lambda _: None,
            **dict.fromkeys(NO_TERMS),
        )
        return Connections(
            oms=cast("OmsDatabase", oms),
            account=cast("Any", account),
            client=self._stage.client(self._process),
            ledger=self._stage.ledger(self._process),
            export_dir=self._stage.folder,
            lease_seconds=LEASE_SECONDS,
            flow_run_id=self._step.name,
            bounds=NOTHING_IS_TOO_MUCH,
        )
