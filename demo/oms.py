"""An OMS to rehearse with: invented customers, and services of every unusual kind that is valid."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import cast

from sqlalchemy import Column, Connection, Table, create_engine, insert, select
from sqlalchemy.pool import NullPool

from demo.customers import DEMO_CUSTOMERS, IDLE_CUSTOMERS, DemoCustomer
from demo.relations import INVOICING_CUSTOMERS, INVOICING_SERVICES, METADATA

EVERYTHING = "K1001"
_QUANTITIES = ("1", "2", "12", "0.25", "1.5", "3.3333")
_FEES = ("25.00", "7.5", "12.3456")
_KINDS = ("rendered", "rendered", "rendered", "fee", "no fee", "rendered and fee")


@dataclass(frozen=True, slots=True)
class _Offer:
    code: str
    name: str
    description: str | None
    unit: str | None
    price_net: str
    vat_percent: int


_OFFERS = (
    _Offer("BER-01", "Beratung vor Ort", "Anfahrt inklusive; ohne Material", "Std.", "118.50", 19),
    _Offer("WAR-02", 'Wartung "Komfort"', "Prüfung\nReinigung\nProtokoll", "Pausch.", "249", 19),
    _Offer("MSG-03", "Kurznachricht", None, "Stk.", "0.0695", 19),
    _Offer("LIT-04", "Fachbuch „Größen & Maße“", "Gedruckte Ausgabe", "Stk.", "46.7290", 7),
    _Offer("STZ-05", "Störungsannahme", "Erste Meldung kostenfrei", "Stk.", "0", 19),
    _Offer("DAT-06", "Datenübertragung", "Abrechnung je GB", "GB", "1.2345", 19),
    _Offer("EIN-07", "Einweisung; zwei Personen", None, None, "68.33", 19),
    _Offer("PFL-08", "Pflanzenpflege", 'Grünflächen "Süd"; Beet 1–3', "Monat", "57.5", 7),
)


def fill_demo(url: str, months: Sequence[date]) -> None:
    """Create the two relations where needed and add the demo's rows of these months.

    A month's rows depend on that month alone; existing rows are not changed.
    """
    engine = create_engine(url, poolclass=NullPool)
    METADATA.create_all(engine)
    services = [service for month in sorted(set(months)) for service in demo_services(month)]
    with engine.begin() as connection:
        _add_missing(connection, INVOICING_CUSTOMERS, "customer_number", DEMO_CUSTOMERS)
        _add_missing(connection, INVOICING_SERVICES, "service_id", services)


def demo_services(month: date) -> list[dict[str, object]]:
    """Make the demo's services of a month, timestamps in local time of Berlin."""
    return [
        service
        for customer in DEMO_CUSTOMERS
        if customer["customer_number"] not in IDLE_CUSTOMERS
        for service in _services(month, customer)
    ]


def _add_missing(
    connection: Connection, table: Table, key: str, rows: Sequence[DemoCustomer | dict[str, object]]
) -> None:
    column = cast("Column[str]", table.c[key])
    there = set(connection.execute(select(column)).scalars())
    missing = [dict(row) for row in rows if row[key] not in there]
    if missing:
        connection.execute(insert(table), missing)


def _services(month: date, customer: DemoCustomer) -> Iterator[dict[str, object]]:
    number = str(customer["customer_number"])
    chance = _chance(month, number)
    if number == EVERYTHING:
        # Each kind of each offer, so that every month has every unusual kind.
        for line in range(2 * len(_OFFERS)):
            yield _service(month, customer, line, _OFFERS[line // 2], line)
    elif chance[0] % 6 or customer["vat_option"]:
        for line in range(1 + chance[1] % 7):
            drawn = _chance(month, number, line)
            yield _service(month, customer, line, _OFFERS[drawn[0] % len(_OFFERS)], drawn[1])


def _service(
    month: date, customer: DemoCustomer, line: int, offer: _Offer, drawn: int
) -> dict[str, object]:
    number = str(customer["customer_number"])
    kind = _KINDS[drawn % len(_KINDS)]
    taxed = customer["vat_option"] is None
    fee = Decimal(_FEES[line % len(_FEES)]) if kind in ("fee", "rendered and fee") else None
    # Compensation is often outside the scope of VAT, a late cancellation of a service is not.
    fee_vat = Decimal(19 if taxed and line % 2 else 0)
    return {
        "service_id": f"{month:%Y%m}-{number}-{line:02d}",
        "customer_number": number,
        "order_number": f"A{month:%y%m}-{number[1:]}-{line // 3 + 1}",
        "rendered_at": _rendered_at(month, number, line),
        "service_code": offer.code,
        "name": offer.name,
        "description": offer.description,
        "quantity": Decimal(_QUANTITIES[(drawn + line) % len(_QUANTITIES)]),
        "unit": offer.unit,
        "unit_price_net": Decimal(offer.price_net),
        "vat_percent": Decimal(offer.vat_percent if taxed else 0),
        "status": "cancelled" if kind in ("fee", "no fee") else "rendered",
        "cancellation_fee_net": fee,
        "cancellation_fee_vat_percent": fee_vat if fee is not None else None,
    }


def _rendered_at(month: date, number: str, line: int) -> datetime:
    days = calendar.monthrange(month.year, month.month)[1]
    first = datetime.combine(month.replace(day=1), time())
    if number == EVERYTHING and line == 0:
        return first
    if number == EVERYTHING and line == 1:
        return first + timedelta(days=days, microseconds=-1)
    day, hour, minute, second = _chance(month, number, line)[2:6]
    return first + timedelta(
        days=day % days, hours=6 + hour % 16, minutes=minute % 60, seconds=second % 60
    )


def _chance(month: date, *parts: object) -> bytes:
    """Draw bytes that are the same on every machine and in every run."""
    return sha256(f"{month:%Y-%m} {parts}".encode()).digest()
