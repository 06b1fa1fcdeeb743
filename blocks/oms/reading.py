"""Rows as they are in the two relations, every value as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Select

from blocks.oms.column import BERLIN, Kind, Relation
from blocks.oms.exact import decoded, instant, texts
from blocks.oms.queries import (
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
    zone: ZoneInfo,
    *,
    between: tuple[datetime, datetime] = ALWAYS,
    service_id: str | None = None,
) -> RawRows:
    """Read all customers, and the services rendered in [start, end) or without a readable time.

    With `service_id` the rows of that service alone. Raises OmsContractBroken where a column is
    missing or of an unusable type.
    """
    backend = connection.dialect.name
    found = find_relation(connection, services), find_relation(connection, customers)
    check_columns(backend, *found)
    wanted = (
        select_services(backend, found[0], *between)
        if service_id is None
        else select_service(backend, found[0], service_id)
    )
    rows = _read_services(connection, services, wanted, between, zone)
    if service_id is not None:
        rows = rows.filter(pl.col("service_id") == service_id)
    return RawRows(rows, _read_customers(connection, customers, select_customers(found[1])))


def _read_services(
    connection: Connection,
    services: Relation,
    statement: Select[tuple[object, ...]],
    between: tuple[datetime, datetime],
    zone: ZoneInfo,
) -> pl.DataFrame:
    time = services.column_names.index("rendered_at")
    schema = {INSTANT: Kind.TIME.value, **dict.fromkeys(services.column_names, pl.String())}
    frames = [pl.DataFrame(schema=schema)]
    for chunk in connection.execute(statement).partitions(ROWS_PER_CHUNK):
        rows, instants = [], []
        for row in chunk:
            moment = instant(row[time], zone)
            if moment is None or between[0] <= moment < between[1]:
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
    columns = zip(relation.column_names, zip(*rows, strict=True), strict=True)
    return [_text_column(name, texts(values)) for name, values in columns]


def _text_column(name: str, values: Sequence[str | None]) -> pl.Series:
    try:
        return pl.Series(name, values, dtype=pl.String)
    except UnicodeEncodeError:
        # Half characters, which JSON may spell.
        stored = (value and decoded(value.encode(errors="surrogatepass")) for value in values)
        return pl.Series(name, list(stored), dtype=pl.String)
