"""The first tables: exports, billed services, API calls, logins of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, and keep `api_calls` append-only."""
    _create_exports()
    _create_billed_services()
    _create_api_calls()
    _create_account_logins()
    if op.get_bind().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _create_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("customer_number", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("csv_sha256", sa.Text),
        sa.Column("csv_path", sa.Text),
        sa.Column("line_count", sa.Integer, nullable=False),
        sa.Column("net_cents", sa.BigInteger, nullable=False),
        sa.Column("gross_cents", sa.BigInteger, nullable=False),
        sa.Column("attachment_id", sa.BigInteger),
        sa.Column("document_id", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("flow_run_id", sa.Text),
        sa.Column("created_at", TIMESTAMP, nullable=False),
        sa.Column("updated_at", TIMESTAMP, nullable=False),
        sa.UniqueConstraint("account", "month", "customer_number", "sequence", name="exports_key"),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'uploaded', 'drafted', 'linked', 'delivered', "
            "'failed', 'unknown', 'conflict', 'withdrawn', 'skipped')",
            name="exports_state",
        ),
        sa.CheckConstraint("sequence >= 1", name="exports_sequence"),
    )


def _create_billed_services() -> None:
    op.create_table(
        "billed_services",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column(
            "export", KEY, sa.ForeignKey("exports.id", name="billed_services_of"), nullable=False
        ),
        sa.UniqueConstraint("account", "service_id", "kind", name="billed_services_once"),
        sa.CheckConstraint("kind IN ('service', 'cancellation_fee')", name="billed_services_kind"),
    )
    op.create_index("billed_services_export", "billed_services", ["export"])


def _create_api_calls() -> None:
    op.create_table(
        "api_calls",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("customer_number", sa.Text),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("flow_run_id", sa.Text),
        sa.CheckConstraint(
            "outcome IN ('success', 'failure', 'unknown')", name="api_calls_outcome"
        ),
    )
    op.create_index("api_calls_customer", "api_calls", ["account", "month", "customer_number"])


def _create_account_logins() -> None:
    op.create_table(
        "account_logins",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("login_id", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", TIMESTAMP, nullable=False),
        sa.UniqueConstraint("account", "login_id", name="account_logins_once"),
    )


def _refuse_changes_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION api_calls_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'api_calls is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER api_calls_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON api_calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION api_calls_refuse_change()"
    )


def _refuse_changes_on_sqlite() -> None:
    _refuse_on_sqlite("api_calls_no_update", "BEFORE UPDATE ON api_calls")
    _refuse_on_sqlite("api_calls_no_delete", "BEFORE DELETE ON api_calls")
    # INSERT OR REPLACE removes the old row without asking the delete trigger.
    _refuse_on_sqlite(
        "api_calls_no_replace",
        "BEFORE INSERT ON api_calls WHEN NEW.id IN (SELECT id FROM api_calls)",
    )


def _refuse_on_sqlite(trigger: str, occasion: str) -> None:
    op.execute(
        f"CREATE TRIGGER {trigger} {occasion} "
        "BEGIN SELECT RAISE(ABORT, 'api_calls is append-only'); END"
    )
