"""Rows as they stand in the two relations, every value as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Select

from blocks.oms.contract import BERLIN, CUSTOMER_COLUMNS, SERVICE_COLUMNS
from blocks.oms.errors import OmsContractBroken
from blocks.oms.exact import instant, texts
from blocks.oms.queries import (
    Relation,
    check_columns,
    find_relation,
    select_customers,
    select_service,
    select_services,
)

ROWS_PER_CHUNK = 10_000
INSTANT = "rendered_instant"
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

_TIME = SERVICE_COLUMNS.index("rendered_at")


@dataclass(frozen=True, slots=True)
class RawRows:
    """Both relations as String columns; services also with INSTANT, null where unreadable."""

    services: pl.DataFrame
    customers: pl.DataFrame


def read_raw(
    connection: Connection,
    services_name: str,
    customers_name: str,
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
) -> RawRows:
    """Read all customers, the services rendered in [starts_at, ends_at) and those without a time.

    Raises OmsContractBroken where a column is missing or of an unusable type.
    """
    services, customers = _find_both(connection, services_name, customers_name)
    wanted = select_services(connection.dialect.name, services, SERVICE_COLUMNS, starts_at, ends_at)
    return RawRows(
        _read_services(connection, services_name, wanted, starts_at, ends_at, zone),
        _read_customers(connection, customers_name, select_customers(customers, CUSTOMER_COLUMNS)),
    )


def read_raw_service(
    connection: Connection,
    services_name: str,
    customers_name: str,
    service_id: str,
    zone: ZoneInfo,
) -> RawRows:
    """Read all customers and the rows of one service; raises as `read_raw` does."""
    services, customers = _find_both(connection, services_name, customers_name)
    wanted = select_service(connection.dialect.name, services, SERVICE_COLUMNS, service_id)
    found = _read_services(connection, services_name, wanted, *ALWAYS, zone)
    return RawRows(
        found.filter(pl.col("service_id") == service_id),
        _read_customers(connection, customers_name, select_customers(customers, CUSTOMER_COLUMNS)),
    )


def _find_both(
    connection: Connection, services_name: str, customers_name: str
) -> tuple[Relation, Relation]:
    services = find_relation(connection, services_name)
    customers = find_relation(connection, customers_name)
    check_columns(
        connection,
        {
            services_name: (services, SERVICE_COLUMNS),
            customers_name: (customers, CUSTOMER_COLUMNS),
        },
    )
    return services, customers


def _read_services(
    connection: Connection,
    name: str,
    statement: Select[tuple[object, ...]],
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {INSTANT: pl.Datetime("us", BERLIN)}
    schema |= {column: pl.String() for column in SERVICE_COLUMNS}
    frames = [pl.DataFrame(schema=schema)]
    for chunk in connection.execute(statement).partitions(ROWS_PER_CHUNK):
        rows, instants = [], []
        for row in chunk:
            moment = instant(row[_TIME], zone)
            if moment is None or starts_at <= moment < ends_at:
                rows.append(row)
                instants.append(moment)
        if rows:
            local = pl.Series(INSTANT, instants, dtype=pl.Datetime("us", "UTC"))
            columns = _text_columns(name, SERVICE_COLUMNS, rows)
            frames.append(pl.DataFrame([local.dt.convert_time_zone(BERLIN), *columns]))
    return pl.concat(frames, rechunk=True)


def _read_customers(
    connection: Connection, name: str, statement: Select[tuple[object, ...]]
) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=dict.fromkeys(CUSTOMER_COLUMNS, pl.String()))]
    frames += [
        pl.DataFrame(_text_columns(name, CUSTOMER_COLUMNS, chunk))
        for chunk in connection.execute(statement).partitions(ROWS_PER_CHUNK)
    ]
    return pl.concat(frames, rechunk=True)


def _text_columns(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[pl.Series]:
    try:
        return [
            pl.Series(column, texts(values), dtype=pl.String)
            for column, values in zip(columns, zip(*rows, strict=True), strict=True)
        ]
    except UnicodeDecodeError:
        raise OmsContractBroken(
            f"{name} holds bytes that are no UTF-8 text; cast binary columns to text."
        ) from None
