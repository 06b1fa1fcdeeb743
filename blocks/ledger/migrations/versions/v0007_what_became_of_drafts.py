"""What became of drafts, lines that were released and what each comes to, and the OMS's view."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIMESTAMP = sa.DateTime(timezone=True)
# In SQL: alembic can't add a column with a constraint on SQLite.
DRAFT_STATE = (
    "ALTER TABLE exports ADD COLUMN draft_state TEXT CONSTRAINT exports_draft_state"
    " CHECK (draft_state IN ('draft', 'edited', 'finalised', 'cancelled', 'deleted'))"
)
COLUMNS = (
    ("invoice_number", sa.Text()),
    ("finalised_at", TIMESTAMP),
    ("due_date", sa.Date()),
    ("paid_at", sa.Date()),
    ("paid_cents", sa.BigInteger()),
    ("released_at", TIMESTAMP),
)
RELEASES = (
    ("net_cents", sa.BigInteger()),
    ("released_at", TIMESTAMP),
    ("released_by", sa.Text()),
)
COPIED = "id, account, service_id, kind, export, line_sha256"
VIEW = """
CREATE VIEW invoiced_services AS
SELECT b.account, b.service_id, b.kind, e.month, e.customer_number, e.document_id,
    e.invoice_number, coalesce(e.draft_state, 'draft') AS state, b.net_cents, e.finalised_at,
    e.paid_at
FROM billed_services b JOIN exports e ON e.id = b.export
WHERE b.released_at IS NULL AND e.document_id IS NOT NULL
"""


def upgrade() -> None:
    """Add columns that are empty for older rows, and let the unique key leave out what is free."""
    op.execute(DRAFT_STATE)
    for name, kind in COLUMNS:
        op.add_column("exports", sa.Column(name, kind))
    if op.get_bind().dialect.name == "sqlite":
        _make_anew_on_sqlite()
    else:
        for name, kind in RELEASES:
            op.add_column("billed_services", sa.Column(name, kind))
        op.drop_constraint("billed_services_once", "billed_services")
    where = sa.text("released_at IS NULL")
    op.create_index(
        "billed_services_once",
        "billed_services",
        ["account", "service_id", "kind"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "draft_looks",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("looked_at", TIMESTAMP, nullable=False),
        sa.Column("edited_from", sa.Date, nullable=False),
    )
    op.execute(VIEW)


def _make_anew_on_sqlite() -> None:
    """SQLite drops no constraint of a table: the rows move into a new one."""
    op.create_table(
        "billed_services_anew",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column(
            "export", KEY, sa.ForeignKey("exports.id", name="billed_services_of"), nullable=False
        ),
        sa.Column("line_sha256", sa.Text),
        *(sa.Column(name, kind) for name, kind in RELEASES),
        sa.CheckConstraint("kind IN ('service', 'cancellation_fee')", name="billed_services_kind"),
    )
    op.execute(
        f"INSERT INTO billed_services_anew ({COPIED}) SELECT {COPIED} FROM billed_services"  # noqa: S608 - our own names, no input
    )
    op.drop_table("billed_services")
    op.rename_table("billed_services_anew", "billed_services")
    op.create_index("billed_services_export", "billed_services", ["export"])
