"""What the processes of these tests do with a month, and what the ledger holds then."""

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import update

from blocks.easybill.account import EasybillAccount
from blocks.easybill.client import EasybillClient
from blocks.easybill.limiter import RequestLimiter
from blocks.ledger.block import InvoiceLedger
from blocks.ledger.ledger import Export, Ledger
from blocks.ledger.tables import leases
from blocks.oms.block import OmsDatabase
from tasks.billing.month import BillingMonth
from tasks.easybill.withdraw import withdraw
from tasks.run.connections import Connections
from tasks.run.request import RunRequest
from tests.crash.points import Point, Points, WatchedExecutor, watched
from tests.plain_run import held, run_plainly

MONTH = BillingMonth.parse("2026-10")
EXPORTS = Path("exports")
# Reading the certificates takes longer than many a run of these tests.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run finds its world; it works in the folder, so that paths in the ledger agree."""

    folder: Path
    oms_url: str
    ledger_url: str
    base_url: str
    api_key: str
    lease_seconds: int = 60
    attempt_seconds: float = 45.0
    create_customers: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: its headline, the points it passed, and all that the ledger holds."""

    is_complete: bool
    headline: str
    points: list[Point]
    ledger: dict[str, Any]


Act = Callable[[Place, tuple[int, Point] | None], Ran]


def invoice(place: Place, kill_at: tuple[int, Point] | None = None) -> Ran:
    """Invoice the month in this process, which dies at the given point."""
    connections, points = connect(place), Points(kill_at)
    executor = WatchedExecutor(points)
    report = run_plainly(watched(connections, points), RunRequest(MONTH), executor)
    points.end()
    return Ran(report.is_complete, report.headline(), points.passed, holdings(connections.ledger))


def take_back(place: Place, kill_at: tuple[int, Point] | None = None) -> Ran:
    """Withdraw the month's drafts in this process, which dies at the given point."""
    connections, points = connect(place), Points(kill_at)
    with held(watched(connections, points), RunRequest(MONTH)) as (_, delivery):
        withdrawal = withdraw(delivery, None)
    points.end()
    is_complete, headline = not withdrawal.left, withdrawal.headline()
    return Ran(is_complete, headline, points.passed, holdings(connections.ledger))


def open_ledger(place: Place) -> bool:
    """Create the ledger's tables."""
    return connect(place).ledger.exports(str(MONTH)) == []


def again(act: Act, place: Place) -> Ran:
    """Do it after a run that died, whose lease is made to last a second only."""
    ledger = connect(place).ledger
    with ledger._engine.begin() as connection:
        connection.execute(update(leases).values(seconds=1))
    return act(place, None)


def kept_export(place: Place, customer_number: str) -> Export | None:
    """What the ledger says of the customer's month."""
    return connect(place).ledger.find_export(str(MONTH), customer_number, 1)


def connect(place: Place, limiter: RequestLimiter | None = None) -> Connections:
    """Open what a run needs, without saved blocks and, unless told, without a request limit."""
    os.chdir(place.folder)
    account = EasybillAccount(
        api_key=SecretStr(place.api_key),
        base_url=place.base_url,
        create_customers=place.create_customers,
    )
    ledger = InvoiceLedger(
        database_url=SecretStr(place.ledger_url), lease_seconds=place.lease_seconds
    )
    return Connections(
        oms=OmsDatabase(url=SecretStr(place.oms_url)),
        account=account,
        client=EasybillClient(
            account.api_key,
            account.base_url,
            limiter=limiter or RequestLimiter.in_memory(1_000_000),
            attempt_seconds=place.attempt_seconds,
            transport=httpx.HTTPTransport(verify=_NO_TLS),
        ),
        ledger=ledger.open(account.account),
        export_dir=EXPORTS,
        lease_seconds=ledger.lease_seconds,
        flow_run_id=None,
    )


def holdings(ledger: Ledger) -> dict[str, Any]:
    """All that the ledger says of the month, without ids, times and attempts."""
    exports = {
        f"{export.customer_number}:{export.sequence}": {
            "state": export.state,
            "csv_sha256": export.csv_sha256,
            "csv_path": export.csv_path,
            "line_count": export.line_count,
            "cents": (export.net_cents, export.gross_cents),
            "pending": export.pending,
            "update_planned": export.update_planned,
            "planned_sha256": export.planned_sha256,
            "content_sha256": export.content_sha256,
            "reason": (export.error, export.reason_code, export.reason_facts),
            "has_attachment": export.attachment_id is not None,
            "has_document": export.document_id is not None,
            "replaced_attachment_id": export.replaced_attachment_id,
        }
        for export in ledger.exports(str(MONTH))
    }
    claims = {
        f"{line.service_id} {line.kind}": (
            claim.export.customer_number,
            claim.export.sequence,
            claim.line_sha256,
        )
        for line, claim in ledger.claims_of(str(MONTH)).items()
    }
    lease = ledger.read_lease(str(MONTH))
    return {"exports": exports, "claims": claims, "held": lease is not None and lease.held}
