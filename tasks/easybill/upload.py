"""Upload: one customer's CSV and draft, delivered through the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from blocks.easybill.calls import ApiCall
from blocks.ledger.ledger import Export
from tasks.billing.issue import Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.easybill.delivered import delivered
from tasks.easybill.delivery import Delivery
from tasks.easybill.layouts import layout_kept
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

    def concerns(self, failure: CustomerFailure) -> bool:
        """Whether the failure is everybody's: an outage, or a cause that is shared at once."""
        issue = failure.issue
        return self.is_on or (issue.is_shared and issue.code not in OUTAGES)


class MonthDelivery:
    """What the deliveries of one run share: the connections, one look at easybill, an outage."""

    def __init__(self, connections: Connections, month: BillingMonth) -> None:
        self.connections = connections
        self.month = month
        self.outage = Outage()
        self.lookup = EasybillLookup(
            connections.client_for(month, None),
            edited_from=month.following().first_day,
            left_out=connections.ledger.left_out(str(month)),
            known={export.document_id for export in connections.ledger.exports(str(month))},
        )

    @contextmanager
    def of(
        self, customer_number: str, on_call: Callable[[ApiCall], None] = lambda _: None
    ) -> Iterator[Delivery]:
        """The delivery of one customer, whose calls are logged under its number."""
        with self.connections.ledger.for_one_customer() as ledger:
            connections = replace(self.connections, ledger=ledger)
            yield Delivery(
                ledger=ledger,
                client=connections.client_for(self.month, customer_number, on_call),
                lookup=self.lookup,
                gate=connections.gate,
                flow_run_id=connections.flow_run_id,
            )

    @contextmanager
    def failures_of(self, customer_number: str) -> Iterator[None]:
        """Turn what is raised into this customer's failure, unless all is given up already."""
        month = str(self.month)
        if self.outage.is_on:
            raise CustomerFailure(Issue(IssueCode.NOT_TRIED, customer_number, month))
        try:
            with failures_of(customer_number, month):
                yield
        except CustomerFailure as failure:
            self.outage.saw(failure)
            run_log().error("%s", failure)
            raise
        self.outage.saw(None)


def upload(delivery: MonthDelivery, parcel: Parcel) -> Export:
    """Deliver one parcel; every failure is a CustomerFailure that names customer and month."""
    number = parcel.invoice.customer.customer_number
    calls: list[ApiCall] = []
    with delivery.failures_of(number), delivery.of(number, calls.append) as customer:
        export = customer.deliver(parcel)
    run_log().info("%s: %s", number, delivered(export, calls, parcel.invoice.customer.currency))
    return export


def upload_all(run: MonthRun, delivery: MonthDelivery, parcels: Sequence[Parcel]) -> list[object]:
    """Deliver every parcel; each customer's export, or what it raised."""
    for layout_sha256 in {parcel.csv.layout_sha256 for parcel in parcels}:
        text = layout_kept(run.connections, layout_sha256).text
        run.connections.ledger.keep_layout(layout_sha256, text)
    requests_per_minute = run.connections.account.requests_per_minute
    return list[object](
        run.executor.map(
            UPLOAD,
            partial(upload, delivery),
            [Keyed(p.invoice.file_stem, p.csv.sha256, p) for p in parcels],
            on_done=show_progress(len(parcels), str(delivery.month), requests_per_minute),
        )
    )
