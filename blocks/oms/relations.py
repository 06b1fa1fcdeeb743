"""The two relations as tables, for an OMS that is filled from here (demo, rehearsals, tests)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, DateTime, Dialect, MetaData, Numeric, String, Table, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

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


INVOICING_CUSTOMERS = Table(
    "invoicing_customers",
    METADATA,
    Column("customer_number", String(64), primary_key=True),
    Column("company_name", String(200)),
    Column("first_name", String(100)),
    Column("last_name", String(100)),
    Column("email", String(200)),
    Column("phone_number", String(50)),
    Column("street", String(200)),
    Column("zip_code", String(20)),
    Column("city", String(100)),
    Column("state", String(100)),
    Column("country", String(2), nullable=False),
    Column("vat_id", String(20)),
    Column("vat_option", String(20)),
    Column("purchase_order", String(100)),
    Column("buyer_reference", String(100)),
    Column("currency", String(3)),
)

INVOICING_SERVICES = Table(
    "invoicing_services",
    METADATA,
    Column("service_id", String(64), primary_key=True),
    Column("customer_number", String(64), nullable=False),
    Column("order_number", String(64)),
    Column("rendered_at", _local_time(), nullable=False, index=True),
    Column("service_code", String(64)),
    Column("name", String(200), nullable=False),
    Column("description", Text),
    Column("quantity", ExactNumber, nullable=False),
    Column("unit", String(20)),
    Column("unit_price_net", ExactNumber, nullable=False),
    Column("vat_percent", ExactNumber, nullable=False),
    Column("status", String(20), nullable=False),
    Column("cancellation_fee_net", ExactNumber),
    Column("cancellation_fee_vat_percent", ExactNumber),
)
