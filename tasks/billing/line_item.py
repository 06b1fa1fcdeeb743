"""Line items: what one service of the OMS comes to on an invoice."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from tasks.billing.money import line_net_cents


class LineKind(StrEnum):
    """A service rendered, or the fee for one cancelled."""

    SERVICE = "service"
    CANCELLATION_FEE = "cancellation_fee"


@dataclass(frozen=True, slots=True)
class Service:
    """A row of `invoicing_services`; prices in currency units."""

    service_id: str
    customer_number: str
    order_number: str | None
    rendered_at: datetime
    service_code: str | None
    name: str
    description: str | None
    quantity: Decimal
    unit: str | None
    unit_price_net: Decimal
    vat_percent: Decimal
    status: str
    cancellation_fee_net: Decimal | None
    cancellation_fee_vat_percent: Decimal | None
    booking_account: str | None = None
    cost_centre: str | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    """One row of the CSV and one position of the draft.

    `booking_account` and `cost_centre` are for the accounting alone: no customer sees them.
    `own_position_text`: the draft's text where the account has a template; None: the title.
    """

    service_id: str
    kind: LineKind
    rendered_at: datetime
    service_code: str | None
    title: str
    quantity: Decimal
    unit: str | None
    unit_price_net: Decimal
    vat_percent: Decimal
    booking_account: str | None = None
    cost_centre: str | None = None
    own_position_text: str | None = None

    @property
    def net_cents(self) -> int:
        """The line's net in cents, rounded."""
        return line_net_cents(self.quantity, self.unit_price_net)

    @property
    def position_text(self) -> str:
        """The text of the draft's position; the CSV has the title."""
        return self.title if self.own_position_text is None else self.own_position_text

    @property
    def key(self) -> tuple[str, str]:
        """What makes the line this one and no other: it is billed once."""
        return (self.service_id, self.kind.value)


def line_items(service: Service, cancellation_fee_label: str) -> tuple[LineItem, ...]:
    """The lines of a service: its price if it was rendered, its fee if there is one."""
    lines = []
    if service.status == "rendered":
        lines.append(_service_line(service))
    if service.cancellation_fee_net:
        lines.append(_fee_line(service, service.cancellation_fee_net, cancellation_fee_label))
    return tuple(lines)


def _service_line(service: Service) -> LineItem:
    return LineItem(
        service_id=service.service_id,
        kind=LineKind.SERVICE,
        rendered_at=service.rendered_at,
        service_code=service.service_code,
        title=_title(service.name, service.description),
        quantity=service.quantity,
        unit=service.unit,
        unit_price_net=service.unit_price_net,
        vat_percent=service.vat_percent,
        booking_account=service.booking_account,
        cost_centre=service.cost_centre,
    )


def _fee_line(service: Service, fee_net: Decimal, label: str) -> LineItem:
    if service.cancellation_fee_vat_percent is None:
        raise ValueError(f"service {service.service_id} has a cancellation fee without its VAT")
    return LineItem(
        service_id=service.service_id,
        kind=LineKind.CANCELLATION_FEE,
        rendered_at=service.rendered_at,
        service_code=service.service_code,
        title=f"{label}{_title(service.name, service.description)}",
        quantity=Decimal(1),
        unit=None,
        unit_price_net=fee_net,
        vat_percent=service.cancellation_fee_vat_percent,
        booking_account=service.booking_account,
        cost_centre=service.cost_centre,
    )


# Thousands of services have the same; it is kept once.
@lru_cache(maxsize=10_000)
def _title(name: str, description: str | None) -> str:
    return f"{name}\n{description}" if description else name
