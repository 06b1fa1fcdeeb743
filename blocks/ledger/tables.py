"""The ledger's tables as the newest migration leaves them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.expression import ColumnClause, TableClause

from blocks.ledger.states import CreationState, DraftState, ExportState, Pending


class UtcTimestamp(TypeDecorator[datetime]):
    """Aware in Python; `timestamptz` on PostgreSQL; on SQLite, which knows no time, text in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Raise ValueError for a time without a zone, which could mean any moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; the ledger keeps UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """PostgreSQL answers in the session's zone, SQLite without one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


# SQLite numbers rows by itself only where the key is an INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

exports = Table(
    "exports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("customer_number", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("csv_sha256", Text),
    Column("csv_path", Text),
    Column("line_count", Integer, nullable=False),
    Column("net_cents", BigInteger, nullable=False),
    Column("gross_cents", BigInteger, nullable=False),
    Column("attachment_id", BigInteger),
    Column("document_id", BigInteger),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("flow_run_id", Text),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("updated_at", UtcTimestamp, nullable=False),
    Column("document_edited_at", Text),
    Column("content_sha256", Text),
    Column("replaced_attachment_id", BigInteger),
    Column("pending", Text),
    Column("update_planned", Boolean, nullable=False),
    Column("planned_sha256", Text),
    Column("reason_code", Text),
    Column("reason_facts", Text),
    Column("document_sha256", Text),
    Column("texts_sha256", Text),
    Column("planned_update", Text),
    Column("draft_state", Text),
    Column("invoice_number", Text),
    Column("finalised_at", UtcTimestamp),
    Column("due_date", Date),
    Column("paid_at", Date),
    Column("paid_cents", BigInteger),
    Column("released_at", UtcTimestamp),
    Column("layout_sha256", Text),
    UniqueConstraint("account", "month", "customer_number", "sequence", name="exports_key"),
    CheckConstraint(_one_of("state", list(ExportState)), name="exports_state"),
    CheckConstraint("sequence >= 1", name="exports_sequence"),
    CheckConstraint(_one_of("pending", list(Pending)), name="exports_pending"),
    CheckConstraint(_one_of("draft_state", list(DraftState)), name="exports_draft_state"),
)

csv_layouts = Table(
    "csv_layouts",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("first_used_at", UtcTimestamp, nullable=False),
)

billed_services = Table(
    "billed_services",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("export", Key, ForeignKey("exports.id", name="billed_services_of"), nullable=False),
    Column("line_sha256", Text),
    Column("net_cents", BigInteger),
    Column("released_at", UtcTimestamp),
    Column("released_by", Text),
    CheckConstraint(_one_of("kind", ["service", "cancellation_fee"]), name="billed_services_kind"),
    Index("billed_services_export", "export"),
    Index(
        "billed_services_once",
        *("account", "service_id", "kind"),
        unique=True,
        sqlite_where=text("released_at IS NULL"),
        postgresql_where=text("released_at IS NULL"),
    ),
)

draft_looks = Table(
    "draft_looks",
    metadata,
    Column("account", Text, primary_key=True),
    Column("looked_at", UtcTimestamp, nullable=False),
    Column("edited_from", Date, nullable=False),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("account", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("customer_number", Text, nullable=False),
    Column("document_id", BigInteger, nullable=False),
    Column("other_document_ids", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("flow_run_id", Text),
    Index("acceptances_month", "account", "month"),
)

leases = Table(
    "leases",
    metadata,
    Column("account", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("renewals", BigInteger, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("taken_at", UtcTimestamp, nullable=False),
    Column("renewed_at", UtcTimestamp, nullable=False),
    PrimaryKeyConstraint("account", "month", name="leases_key"),
    CheckConstraint("seconds >= 1", name="leases_seconds"),
)

api_calls = Table(
    "api_calls",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("account", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("customer_number", Text),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("status", Integer),
    Column("outcome", Text, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("error", Text),
    Column("flow_run_id", Text),
    CheckConstraint(
        _one_of("outcome", ["success", "failure", "unknown"]), name="api_calls_outcome"
    ),
    Index("api_calls_customer", "account", "month", "customer_number"),
)

account_logins = Table(
    "account_logins",
    metadata,
    Column("id", Key, primary_key=True),
    Column("account", Text, nullable=False),
    Column("login_id", BigInteger, nullable=False),
    Column("first_seen_at", UtcTimestamp, nullable=False),
    UniqueConstraint("account", "login_id", name="account_logins_once"),
)

created_customers = Table(
    "created_customers",
    metadata,
    Column("account", Text, nullable=False),
    Column("customer_number", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("easybill_id", BigInteger),
    Column("flow_run_id", Text),
    Column("at", UtcTimestamp, nullable=False),
    PrimaryKeyConstraint("account", "customer_number", name="created_customers_key"),
    CheckConstraint(_one_of("state", list(CreationState)), name="created_customers_state"),
)

easybill_requests_accounts = Table(
    "easybill_requests_accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("next_slot", BigInteger, nullable=False),
    Column("latest_ms", BigInteger, nullable=False),
    Column("paused_until_ms", BigInteger, nullable=False),
)

easybill_requests = Table(
    "easybill_requests",
    metadata,
    Column("account", Text, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)

# The view for the OMS, which is no table of the ledger's own.
invoiced_services = TableClause(
    "invoiced_services",
    *map(ColumnClause, ("account", "service_id", "kind", "month", "customer_number")),
    *map(ColumnClause, ("document_id", "invoice_number", "state", "net_cents")),
    ColumnClause("finalised_at", UtcTimestamp),
    ColumnClause("paid_at", Date),
)
