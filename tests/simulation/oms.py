"""The OMS of a story: services appear, change, move and vanish."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, cast

import polars as pl

from blocks.oms.snapshot import BadRow, Snapshot
from tasks.billing.invoice import Customer
from tasks.billing.line_item import LineItem, Service, line_items
from tasks.billing.month import BillingMonth

FEE_LABEL = "Stornogebühr: "
_NAMES = {noun: [field.name for field in fields(noun)] for noun in (Service, Customer)}
SERVICES, CUSTOMERS = "invoicing_services", "invoicing_customers"


class Rows:
    """As much of a polars frame as loading needs; a real one costs more than the story."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._rows = rows

    def select(self, _columns: Sequence[str]) -> "Rows":
        return self

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        assert named
        return iter(self._rows)


@dataclass(slots=True)
class SimOms:
    """Its two relations; `broken` are services with a row that is not valid."""

    services_relation: str = SERVICES
    customers_relation: str = CUSTOMERS
    customers: dict[str, Customer] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def read_services(self, starts_at: datetime, ends_at: datetime) -> Snapshot:
        """What stands there at this moment, the end of the range not included."""
        found = [
            s for s in self.services.values() if self.covers(starts_at, s.rendered_at, ends_at)
        ]
        sound = [service for service in found if service.service_id not in self.broken]
        bad = [
            BadRow(SERVICES, s.service_id, s.customer_number, "vat_percent", "", "0 to 100")
            for s in found
            if s.service_id in self.broken
        ]
        return Snapshot(
            services=_frame(sound),
            customers=_frame(list(self.customers.values())),
            bad_rows=tuple(bad),
        )

    def covers(self, starts_at: datetime, moment: datetime, ends_at: datetime) -> bool:
        """Whether the moment is one of the range."""
        return starts_at <= moment < ends_at

    def lines(self, month: BillingMonth) -> Iterator[tuple[str, LineItem]]:
        """Customer number and line of all that is to be billed for the month, as we reckon it."""
        refused = {self.services[i].customer_number for i in self.broken if self._is_of(i, month)}
        for service in self.services.values():
            number = service.customer_number
            if self._is_of(service.service_id, month) and number not in refused:
                yield from ((number, line) for line in line_items(service, FEE_LABEL))

    def _is_of(self, service_id: str, month: BillingMonth) -> bool:
        service = self.services.get(service_id)
        return service is not None and BillingMonth.containing(service.rendered_at) == month


def _frame(rows: Sequence[Service] | Sequence[Customer]) -> pl.DataFrame:
    named = [{name: getattr(row, name) for name in _NAMES[type(row)]} for row in rows]
    return cast("pl.DataFrame", Rows(named))
