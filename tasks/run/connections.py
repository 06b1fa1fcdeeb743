"""What a run works with: the OMS, the easybill account, the ledger, bounds, where files go."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from prefect.runtime import flow_run

from blocks.bounds.block import SenseBounds
from blocks.bounds.bounds import Bounds
from blocks.bounds.settings import SenseSettings
from blocks.easybill.account import EasybillAccount
from blocks.easybill.client import ApiCall, EasybillClient
from blocks.easybill.limiter import WINDOW_SECONDS
from blocks.easybill.settings import EasybillSettings
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import CallToLog, Ledger
from blocks.ledger.preview import ReadOnlyLedger
from blocks.ledger.settings import LedgerSettings
from blocks.oms.block import OmsDatabase
from blocks.oms.settings import OmsSettings
from blocks.saved import SettingsError, block_of
from tasks.billing.month import BillingMonth
from tasks.billing.wording.speech import ENGLISH
from tasks.run.gate import Gate
from tasks.run.lease import request_lasts_at_most_s
from tasks.run.log import run_log


@dataclass(frozen=True, slots=True)
class Connections:
    """The outside world of one run, opened once; `gate` is that of a run that holds its month.

    `invoicing_from`: the first month that is ever billed; None where any month is.
    """

    oms: OmsDatabase
    account: EasybillAccount
    client: EasybillClient
    ledger: Ledger
    export_dir: Path
    lease_seconds: int
    flow_run_id: str | None
    bounds: Bounds = field(default_factory=Bounds)
    language: str = ENGLISH
    gate: Gate | None = None
    invoicing_from: BillingMonth | None = None
    review_within_days: int = 10

    def client_for(
        self,
        month: BillingMonth,
        customer_number: str | None,
        on_call: Callable[[ApiCall], None] = lambda _: None,
    ) -> EasybillClient:
        """The client whose every request goes through the gate, and is logged for this customer.

        `on_call` is told of each request, too.
        """
        gate = self.gate

        def keep(call: ApiCall) -> None:
            self._keep_call(month, customer_number, call)
            on_call(call)

        return self.client.reporting_to(
            keep,
            before_send=None if gate is None else gate.let_out,
            while_waiting=None if gate is None else gate.require_open,
        )

    def _keep_call(self, month: BillingMonth, customer_number: str | None, call: ApiCall) -> None:
        if self.gate is not None:
            self.gate.came_back(customer_number, call)
        self.ledger.record_call(
            CallToLog(
                month=str(month),
                customer_number=customer_number,
                flow_run_id=self.flow_run_id,
                # asdict would copy each value deeply, which takes longer than all else here.
                **{name: getattr(call, name) for name in ApiCall.__slots__},
            )
        )
        run_log().log(
            logging.DEBUG if call.outcome == "success" else logging.WARNING,
            "%s: %s %s -> %s, %s after %d ms",
            customer_number or month,
            call.method,
            call.path,
            call.status or "no answer",
            call.outcome,
            call.duration_ms,
        )


def open_account(
    month: BillingMonth, account: str | None, *, reads_only: bool = False
) -> Connections:
    """Open the connections, and make sure that the key belongs to the ledger's account.

    `account` as in `open_connections`; `reads_only`: nothing is written into the ledger, not even
    its calls.
    Raises SettingsError, LedgerError or EasybillError: nothing was done then.
    """
    connections = open_connections(account)
    if reads_only:
        connections = replace(connections, ledger=connections.ledger.seen_as(ReadOnlyLedger))
    logins = connections.client_for(month, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    return connections


def open_connections(account: str | None) -> Connections:
    """Open everything that a run needs, from the saved blocks or else from the environment.

    `account`: whose blocks, and whose folder of the exports; None: the default ones. Raises
    SettingsError where something is missing, LedgerUnavailable where the ledger is.
    """
    connections = connect(
        block_of(OmsDatabase, "oms", lambda: OmsSettings().to_block(), account),
        block_of(EasybillAccount, "easybill", lambda: EasybillSettings().to_block(), account),
        _ledger_block(account),
        block_of(SenseBounds, "bounds", lambda: SenseSettings().to_block(), account),
    )
    # Whatever folders their blocks name, no two accounts ever write one file.
    return replace(connections, export_dir=connections.export_dir / (account or ""))


def _ledger_block(account: str | None) -> InvoiceLedger:
    return block_of(InvoiceLedger, "ledger", lambda: LedgerSettings().to_block(), account)


def report_language(account: str | None = None) -> str:
    """The language of an account's reports and messages; English where the settings are wrong."""
    try:
        return _ledger_block(account).report_language
    except SettingsError:
        return ENGLISH


def connect(
    oms: OmsDatabase, account: EasybillAccount, ledger: InvoiceLedger, bounds: SenseBounds
) -> Connections:
    """Open what these blocks lead to; LedgerError or LedgerUnavailable where there is no ledger."""
    opened = ledger.open(account.account)
    return Connections(
        oms=oms,
        account=account,
        client=account.get_client(
            window=opened.request_window(account.requests_per_minute, WINDOW_SECONDS),
            attempt_seconds=request_lasts_at_most_s(ledger.lease_seconds),
        ),
        ledger=opened,
        export_dir=Path(ledger.export_dir),
        lease_seconds=ledger.lease_seconds,
        flow_run_id=flow_run.id,
        bounds=bounds,
        review_within_days=ledger.review_within_days,
        language=ledger.report_language,
        invoicing_from=BillingMonth.parse(first) if (first := ledger.invoicing_from) else None,
    )
