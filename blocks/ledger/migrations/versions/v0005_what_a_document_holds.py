"""What a document is to hold, what an update goes back to, and what people accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns, empty for older rows, and the table of acceptances."""
    for name in ("document_sha256", "texts_sha256", "planned_update"):
        op.add_column("exports", sa.Column(name, sa.Text))
    key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "acceptances",
        sa.Column("id", key, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("customer_number", sa.Text, nullable=False),
        sa.Column("document_id", sa.BigInteger, nullable=False),
        sa.Column("other_document_ids", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("accepted_by", sa.Text, nullable=False),
        sa.Column("flow_run_id", sa.Text),
    )
    op.create_index("acceptances_month", "acceptances", ["account", "month"])
