"""The two relations as tables, for an OMS that is filled from here (demo, benchmarks, tests)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import DateTime, Dialect, MetaData, Numeric, String, Table, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

from blocks.oms.column import Column, Kind, Relation
from blocks.oms.contract import CUSTOMERS, SERVICES

METADATA = MetaData()


class ExactNumber(TypeDecorator[Decimal]):
    """A decimal of 4 places; text on SQLite, whose numbers are floats."""

    impl = Numeric(16, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal] | TypeEngine[str]:
        """Choose String on SQLite, else NUMERIC."""
        return String(32) if dialect.name == "sqlite" else Numeric(16, 4)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Send the number as its own text on SQLite."""
        return f"{value:f}" if value is not None and dialect.name == "sqlite" else value


def _local_time() -> TypeEngine[datetime]:
    microseconds: TypeEngine[datetime] = mysql.DATETIME(fsp=6)
    return DateTime().with_variant(microseconds, "mysql", "mariadb")


def _table(relation: Relation) -> Table:
    return Table(relation.name, METADATA, *(_column(relation, c) for c in relation.columns))


def _column(relation: Relation, column: Column) -> TableColumn[Any]:
    is_key = column.name == relation.key
    types: dict[Kind, TypeEngine[Any]] = {
        # MariaDB has no key on a text without a length.
        Kind.TEXT: String(64) if is_key else Text(),
        Kind.NUMBER: ExactNumber(),
        Kind.TIME: _local_time(),
    }
    return TableColumn(
        column.name,
        types[column.kind],
        primary_key=is_key,
        nullable=column.nullable or column.default is not None,
        index=column.kind is Kind.TIME,
    )


INVOICING_CUSTOMERS = _table(CUSTOMERS)
INVOICING_SERVICES = _table(SERVICES)
