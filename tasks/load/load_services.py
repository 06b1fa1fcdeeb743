"""Load: a billing month's services from the OMS, as line items per customer."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import Any

import polars as pl

from blocks.oms.block import OmsDatabase
from blocks.oms.snapshot import Snapshot
from tasks.billing.invoice import Customer
from tasks.billing.line_item import LineItem, Service, line_items
from tasks.billing.month import BillingMonth
from tasks.load.month_of_services import MonthOfServices
from tasks.run.connections import Connections
from tasks.run.log import run_log

NO_CUSTOMER_NUMBER = "(no customer number)"


def load_services(
    oms: OmsDatabase, month: BillingMonth, cancellation_fee_label: str
) -> MonthOfServices:
    """Read and validate the month in one consistent snapshot.

    A customer with an unsound row, or one that is not in the customers' relation, is refused with
    every reason; a read that breaks off raises and bills nobody.
    """
    snapshot = oms.read_services(month.starts_at, month.ends_at)
    customers = {
        row["customer_number"]: Customer(**row) for row in _rows(snapshot.customers, Customer)
    }
    lines: dict[str, list[LineItem]] = defaultdict(list)
    served: set[str] = set()
    for row in _rows(snapshot.services, Service):
        service = Service(**row)
        served.add(service.customer_number)
        lines[service.customer_number].extend(line_items(service, cancellation_fee_label))
    refusals = _refusals(snapshot, oms, served, customers.keys())
    return MonthOfServices(
        month=month,
        customers=customers,
        lines={
            number: tuple(entries)
            for number, entries in lines.items()
            if entries and number not in refusals
        },
        refusals=refusals,
    )


def _rows(frame: pl.DataFrame, noun: type[Customer] | type[Service]) -> Iterable[dict[str, Any]]:
    return frame.select([field.name for field in fields(noun)]).iter_rows(named=True)


def _refusals(
    snapshot: Snapshot, oms: OmsDatabase, served: set[str], known: Collection[str]
) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, list[str]] = defaultdict(list)
    unsound_services = [bad for bad in snapshot.bad_rows if bad.relation == oms.services_relation]
    concerned = served | {bad.customer_number for bad in unsound_services}
    for bad in snapshot.bad_rows:
        if bad.relation == oms.services_relation or bad.customer_number in concerned:
            reasons[bad.customer_number or NO_CUSTOMER_NUMBER].append(str(bad))
    for number in concerned - set(known):
        if number and not reasons[number]:
            reasons[number].append(
                f"customer {number} has services but is not in {oms.customers_relation}: add it"
            )
    return {number: tuple(why) for number, why in reasons.items()}


def load_month(
    connections: Connections, month: BillingMonth, customers: Collection[str] | None
) -> MonthOfServices:
    """Load the whole month; the log names who is refused, of these customers or of all."""
    loaded = load_services(connections.oms, month, connections.account.cancellation_fee_label)
    run_log().info(
        "%s: %d customers with services, %d lines, %d customers refused",
        month,
        len(loaded.lines),
        sum(map(len, loaded.lines.values())),
        len(loaded.refusals),
    )
    for number, reasons in sorted(loaded.refusals.items()):
        for reason in reasons if customers is None or number in customers else ():
            run_log().error("customer %s: %s", number, reason)
    return loaded
