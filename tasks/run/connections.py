"""What a run works with: the OMS, the easybill account, the ledger, bounds, where files go."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from httpx import TransportError
from prefect.blocks.core import Block
from prefect.runtime import flow_run
from pydantic import ValidationError

from blocks.bounds.block import SenseBounds
from blocks.bounds.bounds import Bounds
from blocks.bounds.settings import SenseSettings
from blocks.easybill.account import EasybillAccount
from blocks.easybill.client import ApiCall, EasybillClient
from blocks.easybill.limiter import WINDOW_SECONDS
from blocks.easybill.settings import EasybillSettings, explain
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import Ledger
from blocks.ledger.settings import LedgerSettings
from blocks.oms.block import OmsDatabase
from blocks.oms.settings import OmsSettings
from tasks.billing.month import BillingMonth
from tasks.run.gate import Gate
from tasks.run.lease import request_lasts_at_most_s
from tasks.run.log import run_log

SomeBlock = TypeVar("SomeBlock", bound=Block)


class SettingsError(Exception):
    """A block or a setting is missing or wrong: nothing was done."""


@dataclass(frozen=True, slots=True)
class Connections:
    """The outside world of one run, opened once; `gate` is that of a run that holds its month."""

    oms: OmsDatabase
    account: EasybillAccount
    client: EasybillClient
    ledger: Ledger
    export_dir: Path
    lease_seconds: int
    flow_run_id: str | None
    bounds: Bounds = field(default_factory=Bounds)
    gate: Gate | None = None

    def client_for(self, month: BillingMonth, customer_number: str | None) -> EasybillClient:
        """The client whose every request goes through the gate, and is logged for this customer."""
        gate = self.gate
        return self.client.reporting_to(
            partial(self._keep_call, month, customer_number),
            before_send=None if gate is None else gate.let_out,
            while_waiting=None if gate is None else gate.require_open,
        )

    def _keep_call(self, month: BillingMonth, customer_number: str | None, call: ApiCall) -> None:
        if self.gate is not None:
            self.gate.came_back(customer_number, call)
        self.ledger.record_call(
            month=str(month),
            customer_number=customer_number,
            flow_run_id=self.flow_run_id,
            **asdict(call),
        )
        run_log().info(
            "%s customer %s: %s %s -> %s %s (%d ms)",
            call.at.isoformat(timespec="milliseconds"),
            customer_number or "-",
            call.method,
            call.path,
            call.status or "no answer",
            call.outcome,
            call.duration_ms,
        )


def open_account(month: BillingMonth) -> Connections:
    """Open the connections, and make sure that the key belongs to the ledger's account.

    Raises SettingsError, LedgerError or EasybillError: nothing was done then.
    """
    connections = open_connections()
    logins = connections.client_for(month, None).list_logins()
    connections.ledger.recognise_logins([login.id for login in logins])
    return connections


def open_connections() -> Connections:
    """Open everything that a run needs, from the saved blocks or else from the environment.

    Raises SettingsError where something is missing, LedgerUnavailable where the ledger is.
    """
    return connect(
        _block(OmsDatabase, "oms", lambda: OmsSettings().to_block()),
        _block(EasybillAccount, "easybill", lambda: EasybillSettings().to_block()),
        _block(InvoiceLedger, "ledger", lambda: LedgerSettings().to_block()),
        _block(SenseBounds, "bounds", lambda: SenseSettings().to_block()),
    )


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
    )


def _block(
    kind: type[SomeBlock], name: str, from_environment: Callable[[], SomeBlock]
) -> SomeBlock:
    """The saved block, or one made of the environment where none was saved."""
    try:
        saved = kind.load(name)
    except ValueError:
        saved = None
    except TransportError:
        raise SettingsError(
            "Prefect's server does not answer, so the saved blocks cannot be read: start it, or"
            " correct PREFECT_API_URL."
        ) from None
    if isinstance(saved, kind):
        return saved
    try:
        return from_environment()
    except ValidationError as error:
        raise SettingsError(
            f"No block {kind.get_block_type_slug()}/{name} is saved, and the environment makes"
            f" none: {explain(error)} Then run `python -m blocks.register`."
        ) from None
