"""The SELECTs on the two relations, per kind of database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from pymysql.constants import FIELD_TYPE
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    LargeBinary,
    Select,
    String,
    TableClause,
    and_,
    bindparam,
    cast,
    collate,
    column,
    false,
    func,
    literal_column,
    null,
    or_,
    quoted_name,
    select,
    table,
)

from blocks.oms.column import Relation
from blocks.oms.errors import OmsContractBroken
from blocks.oms.exact import FIRST_YEAR, SURELY_A_TIME

# Local times are at most 14 hours from UTC; Python leaves out the rows of other months.
PADDING = timedelta(days=2)
_FIRST = datetime(FIRST_YEAR, 1, 1)  # noqa: DTZ001 - the OMS's own local times
_LAST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - the OMS's own local times

# Text is read on these databases too: a view that casts it fails for all at one unreadable row.
_POSTGRES_TIMES = {psycopg.adapters.types[t].oid for t in ("timestamp", "timestamptz", "date")}
_POSTGRES_TEXTS = {psycopg.adapters.types[t].oid for t in ("text", "varchar", "bpchar")}
_MARIADB_TIMES = {FIELD_TYPE.DATETIME, FIELD_TYPE.DATE, FIELD_TYPE.TIMESTAMP}
_MARIADB_TEXTS = {FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.BLOB}
# MariaDB prints a TIMESTAMP in the session's time zone and does not name the zone.
_MARIADB_UTC_TEXT: ColumnElement[object] = literal_column(
    "CONCAT(TIMESTAMP'1970-01-01 00:00:00.000000'"
    " + INTERVAL NULLIF(UNIX_TIMESTAMP(rendered_at), 0) SECOND, '+00:00')"
)


@dataclass(frozen=True, slots=True)
class FoundRelation:
    """A relation that is there, with the driver's type code of each of its columns."""

    declared: Relation
    source: TableClause
    type_codes: Mapping[str, object]


def find_relation(connection: Connection, declared: Relation) -> FoundRelation:
    """Look up a relation, `schema.name` or `name`, and the columns that it has."""
    schema, _, bare = declared.name.rpartition(".")
    source = table(
        quoted_name(bare, quote=True), schema=quoted_name(schema, quote=True) if schema else None
    )
    everything: ColumnElement[object] = literal_column("*")
    probe = connection.execute(select(everything).select_from(source).where(false()))
    described = probe.cursor.description
    return FoundRelation(declared, source, {str(field[0]): field[1] for field in described or ()})


def check_columns(backend: str, *relations: FoundRelation) -> None:
    """Raise OmsContractBroken with all that is missing or of an unusable type, at once."""
    faults = [fault for relation in relations for fault in _faults(backend, relation)]
    if faults:
        raise OmsContractBroken(f"The OMS does not offer what is needed: {'; '.join(faults)}.")


def _faults(backend: str, relation: FoundRelation) -> list[str]:
    name, type_codes = relation.declared.name, relation.type_codes
    missing = [
        column.name
        for column in relation.declared.columns
        if column.name not in type_codes and not column.optional
    ]
    faults = [f"{name} has no {', '.join(missing)}"] if missing else []
    if backend in ("mysql", "mariadb"):
        faults += [
            f"{name}.{number} is a FLOAT, which loses digits (use DECIMAL)"
            for number in relation.declared.number_names
            if type_codes.get(number) == FIELD_TYPE.FLOAT
        ]
    if "rendered_at" in relation.declared.column_names and not missing:
        faults += _time_faults(backend, name, type_codes["rendered_at"])
    return faults


def _time_faults(backend: str, name: str, type_code: object) -> list[str]:
    readable = {
        "postgresql": _POSTGRES_TIMES | _POSTGRES_TEXTS,
        "mysql": _MARIADB_TIMES | _MARIADB_TEXTS,
        "mariadb": _MARIADB_TIMES | _MARIADB_TEXTS,
    }
    if backend not in readable or type_code in readable[backend]:
        return []
    return [f"{name}.rendered_at is no timestamp"]


def select_customers(relation: FoundRelation) -> Select[tuple[object, ...]]:
    """Select every customer."""
    return _select(relation)


def select_services(
    backend: str, relation: FoundRelation, starts_at: datetime, ends_at: datetime
) -> Select[tuple[object, ...]]:
    """Select the services from some days before to some days after, and all without a time."""
    first = starts_at.astimezone(UTC).replace(tzinfo=None) - PADDING
    last = ends_at.astimezone(UTC).replace(tzinfo=None) + PADDING
    time, wanted = _time(backend, relation.type_codes["rendered_at"], first, last)
    return _select(relation, rendered_at=time).where(wanted)


def select_service(
    backend: str, relation: FoundRelation, service_id: str
) -> Select[tuple[object, ...]]:
    """Select the rows with this key, whenever rendered; a database may take S1 and s1 for one."""
    whenever = datetime(1, 1, 1)  # noqa: DTZ001 - the OMS's own local times
    time, _ = _time(backend, relation.type_codes["rendered_at"], whenever, whenever)
    key: ColumnElement[str] = column("service_id")
    wanted = cast(key, String()) == service_id
    # SQLite spells a whole number that it keeps as REAL with a point.
    wanted = or_(wanted, key == service_id) if backend == "sqlite" else wanted
    return _select(relation, rendered_at=time).where(wanted)


def _select(
    relation: FoundRelation, **changed: ColumnElement[object]
) -> Select[tuple[object, ...]]:
    there: dict[str, ColumnElement[object]] = {name: column(name) for name in relation.type_codes}
    shown = [(there | changed).get(name, null()) for name in relation.declared.column_names]
    return select(*shown).select_from(relation.source)


def _time(
    backend: str, type_code: object, first: datetime, last: datetime
) -> tuple[ColumnElement[object], ColumnElement[bool]]:
    """The time as it is read, and which rows are wanted: also those whose time says nothing."""
    time: ColumnElement[object] = column("rendered_at")
    shown: ColumnElement[object] = time
    if backend == "sqlite":
        odd = or_(func.typeof(time) != "text", ~func.is_time(cast(time, LargeBinary())))
        between = _text_between(time, first, last)
    elif backend == "postgresql" and type_code in _POSTGRES_TEXTS:
        odd, between = _may_be_no_time(time), _text_between(collate(time, "C"), first, last)
    elif backend == "postgresql":
        odd = or_(time < _naive(_FIRST), time > _naive(_LAST))
        between = _between(time, first, last)
    elif type_code in _MARIADB_TEXTS:
        odd, between = _may_be_no_time(time), _text_between(time, first, last)
    elif type_code == FIELD_TYPE.TIMESTAMP:
        shown = _MARIADB_UTC_TEXT
        odd, between = time < _naive(_FIRST), _between(time, first, last)
    else:
        # By its settings MariaDB keeps days such as 2026-02-00.
        odd, between = _may_be_no_time(cast(time, String())), _between(time, first, last)
    return shown, or_(time.is_(None), odd, between)


def _may_be_no_time(
    time: ColumnElement[object] | ColumnElement[str],
) -> ColumnElement[bool]:
    return ~time.regexp_match(SURELY_A_TIME)


def _between(time: ColumnElement[object], first: datetime, last: datetime) -> ColumnElement[bool]:
    return and_(time >= _naive(first), time < _naive(last))


def _text_between(
    time: ColumnElement[object] | ColumnElement[str], first: datetime, last: datetime
) -> ColumnElement[bool]:
    return and_(time >= first.date().isoformat(), time < last.date().isoformat())


def _naive(moment: datetime) -> ColumnElement[datetime]:
    return bindparam(None, moment, type_=DateTime())
