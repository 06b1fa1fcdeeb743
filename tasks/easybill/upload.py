"""Upload: one customer's CSV and draft, delivered through the ledger."""

from collections.abc import Sequence
from functools import partial

from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.easybill.delivery import Delivery
from tasks.easybill.lookup import EasybillLookup
from tasks.easybill.parcel import Parcel
from tasks.run.connections import Connections
from tasks.run.executor import Keyed
from tasks.run.failures import (
    CustomerFailure,
    failures_of,
)
from tasks.run.log import run_log
from tasks.run.month_run import MonthRun
from tasks.run.steps import UPLOAD
from tasks.run.upload_progress import show_progress

# How many customers in a row have to fail in this way, until it is not theirs alone.
OUTAGES = {
    IssueCode.KEY_REFUSED: 1,
    IssueCode.EASYBILL_FORBIDDEN: 3,
    IssueCode.EASYBILL_UNAVAILABLE: 10,
}


class Outage:
    """Trips when easybill has failed for everybody, so that the rest need not wait for it."""

    def __init__(self) -> None:
        self.is_on = False
        self._code: IssueCode | None = None
        self._in_a_row = 0

    def saw(self, failure: CustomerFailure | None) -> None:
        """Take note of how a customer fared."""
        code = None if failure is None else failure.issue.code
        self._in_a_row = self._in_a_row + 1 if code is self._code else 1
        self._code = code
        # Threads see each other's customers: what tripped once stays.
        self.is_on |= code in OUTAGES and self._in_a_row >= OUTAGES[code]


class MonthDelivery:
    """What the deliveries of one run share: the connections, one look at easybill, an outage."""

    def __init__(self, connections: Connections, month: BillingMonth) -> None:
        self.connections = connections
        self.month = month
        self.outage = Outage()
        self.lookup = EasybillLookup(
            connections.client_for(month, None), edited_from=month.following().first_day
        )

    def of(self, customer_number: str) -> Delivery:
        """The delivery of one customer, whose calls are logged under its number."""
        return Delivery(
            ledger=self.connections.ledger,
            client=self.connections.client_for(self.month, customer_number),
            lookup=self.lookup,
            gate=self.connections.gate,
            flow_run_id=self.connections.flow_run_id,
        )


def upload(delivery: MonthDelivery, parcel: Parcel) -> Export:
    """Deliver one parcel; every failure is a CustomerFailure that names customer and month."""
    number, month = parcel.invoice.customer.customer_number, str(parcel.invoice.month)
    if delivery.outage.is_on:
        raise CustomerFailure(Issue(IssueCode.NOT_TRIED, number, month))
    try:
        with failures_of(number, month):
            export = delivery.of(number).deliver(parcel)
    except CustomerFailure as failure:
        delivery.outage.saw(failure)
        run_log().error("%s", failure)
        raise
    delivery.outage.saw(None)
    run_log().info(
        "customer %s: draft %s delivered, %d lines, net_cents=%d gross_cents=%d",
        number,
        export.document_id,
        export.line_count,
        export.net_cents,
        export.gross_cents,
    )
    return export


def upload_all(run: MonthRun, delivery: MonthDelivery, parcels: Sequence[Parcel]) -> list[object]:
    """Deliver every parcel; each customer's export, or what it raised."""
    requests_per_minute = run.connections.account.requests_per_minute
    return list[object](
        run.executor.map(
            UPLOAD,
            partial(upload, delivery),
            [Keyed(p.invoice.file_stem, p.digest, p) for p in parcels],
            on_done=show_progress(len(parcels), str(delivery.month), requests_per_minute),
        )
    )
