"""An OMS with the rows that a test needs, on whichever database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from blocks.oms.block import OmsDatabase
from blocks.oms.contract import CUSTOMERS, SERVICES
from blocks.oms.snapshot import Snapshot

Row = Mapping[str, object]
BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 11, 1, tzinfo=BERLIN)


@dataclass(frozen=True, slots=True)
class Types:
    """Column types of the two relations."""

    number: str = "NUMERIC(16,4)"
    time: str = "VARCHAR(40)"
    text: str = "VARCHAR(200)"


TEXT_ONLY = Types(number="VARCHAR(60)")


def service(service_id: object = "S1", **changes: object) -> Row:
    """A valid service of customer K1, rendered in October."""
    return {
        **dict.fromkeys(SERVICES.column_names),
        "service_id": service_id,
        "customer_number": "K1",
        "order_number": "A1",
        "rendered_at": "2026-10-05 10:00:00",
        "service_code": "BER",
        "name": "Beratung",
        "description": "vor Ort",
        "quantity": "2",
        "unit": "Std.",
        "unit_price_net": "68.33",
        "vat_percent": "19",
        "status": "rendered",
        "cancellation_fee_net": None,
        "cancellation_fee_vat_percent": None,
        **changes,
    }


def customer(number: object = "K1", **changes: object) -> Row:
    """A valid customer."""
    return {
        **dict.fromkeys(CUSTOMERS.column_names),
        "customer_number": number,
        "company_name": "Müller; Söhne",
        "country": "DE",
        "currency": "EUR",
        **changes,
    }


def fill(
    url: str,
    services: Iterable[Row] = (),
    customers: Iterable[Row] = (),
    types: Types = TEXT_ONLY,
) -> OmsDatabase:
    """Create both relations without any key or constraint, and put the rows in."""
    columns = {
        "invoicing_services": {c: _type_of(c, types) for c in SERVICES.column_names},
        "invoicing_customers": dict.fromkeys(CUSTOMERS.column_names, types.text),
    }
    rows = {"invoicing_services": services, "invoicing_customers": customers}
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for relation, typed in columns.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in typed.items())
            connection.execute(text(f"CREATE TABLE {relation} ({listed})"))
            slots = ", ".join(f":{name}" for name in typed)
            for row in rows[relation]:
                connection.execute(text(f"INSERT INTO {relation} VALUES ({slots})"), dict(row))
    return OmsDatabase(url=url)


def execute(url: str, *statements: str) -> None:
    """Run statements in one transaction of their own."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def october(oms: OmsDatabase) -> Snapshot:
    """Read October 2026."""
    return oms.read_services(*OCTOBER)


def _type_of(column: str, types: Types) -> str:
    if column in SERVICES.number_names:
        return types.number
    return types.time if column == "rendered_at" else types.text
