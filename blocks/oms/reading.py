"""Rows as they are in the two relations, every value as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Select

from blocks.oms.column import BERLIN, Kind, Relation
from blocks.oms.errors import OmsContractBroken
from blocks.oms.exact import instant, texts
from blocks.oms.queries import (
    FoundRelation,
    check_columns,
    find_relation,
    select_customers,
    select_service,
    select_services,
)

ROWS_PER_CHUNK = 10_000
INSTANT = "rendered_instant"
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RawRows:
    """Both relations as String columns; services also with INSTANT, null where unreadable."""

    services: pl.DataFrame
    customers: pl.DataFrame


def read_raw(
    connection: Connection,
    services: Relation,
    customers: Relation,
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
) -> RawRows:
    """Read all customers, the services rendered in [starts_at, ends_at) and those without a time.

    Raises OmsContractBroken where a column is missing or of an unusable type.
    """
    found = _find(connection, services, customers)
    wanted = select_services(connection.dialect.name, found[0], starts_at, ends_at)
    return RawRows(
        _read_services(connection, services, wanted, starts_at, ends_at, zone),
        _read_customers(connection, customers, select_customers(found[1])),
    )


def read_raw_service(
    connection: Connection,
    services: Relation,
    customers: Relation,
    service_id: str,
    zone: ZoneInfo,
) -> RawRows:
    """Read all customers and the rows of one service; raises as `read_raw` does."""
    found = _find(connection, services, customers)
    wanted = select_service(connection.dialect.name, found[0], service_id)
    rows = _read_services(connection, services, wanted, *ALWAYS, zone)
    return RawRows(
        rows.filter(pl.col("service_id") == service_id),
        _read_customers(connection, customers, select_customers(found[1])),
    )


def _find(
    connection: Connection, services: Relation, customers: Relation
) -> tuple[FoundRelation, FoundRelation]:
    found = find_relation(connection, services), find_relation(connection, customers)
    check_columns(connection.dialect.name, *found)
    return found


def _read_services(
    connection: Connection,
    services: Relation,
    statement: Select[tuple[object, ...]],
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
) -> pl.DataFrame:
    time = services.column_names.index("rendered_at")
    schema = {INSTANT: Kind.TIME.value, **dict.fromkeys(services.column_names, pl.String())}
    frames = [pl.DataFrame(schema=schema)]
    for chunk in connection.execute(statement).partitions(ROWS_PER_CHUNK):
        rows, instants = [], []
        for row in chunk:
            moment = instant(row[time], zone)
            if moment is None or starts_at <= moment < ends_at:
                rows.append(row)
                instants.append(moment)
        if rows:
            local = pl.Series(INSTANT, instants, dtype=pl.Datetime("us", "UTC"))
            columns = _text_columns(services, rows)
            frames.append(pl.DataFrame([local.dt.convert_time_zone(BERLIN), *columns]))
    return pl.concat(frames, rechunk=True)


def _read_customers(
    connection: Connection, customers: Relation, statement: Select[tuple[object, ...]]
) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=dict.fromkeys(customers.column_names, pl.String()))]
    frames += [
        pl.DataFrame(_text_columns(customers, chunk))
        for chunk in connection.execute(statement).partitions(ROWS_PER_CHUNK)
    ]
    return pl.concat(frames, rechunk=True)


def _text_columns(relation: Relation, rows: Sequence[Sequence[object]]) -> list[pl.Series]:
    try:
        return [
            pl.Series(name, texts(values), dtype=pl.String)
            for name, values in zip(relation.column_names, zip(*rows, strict=True), strict=True)
        ]
    except UnicodeDecodeError:
        raise OmsContractBroken(
            f"{relation.name} has bytes that are no UTF-8 text; cast binary columns to text."
        ) from None
