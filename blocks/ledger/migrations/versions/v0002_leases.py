"""Leases of months; and what tells a draft of ours that is untouched from one that was edited."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table and columns that may be empty: the rows that are there stay as they are."""
    op.add_column("exports", sa.Column("document_edited_at", sa.Text))
    op.add_column("exports", sa.Column("content_sha256", sa.Text))
    op.add_column("exports", sa.Column("replaced_attachment_id", sa.BigInteger))
    op.add_column("billed_services", sa.Column("line_sha256", sa.Text))
    op.create_table(
        "leases",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("renewals", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("taken_at", TIMESTAMP, nullable=False),
        sa.Column("renewed_at", TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("account", "month", name="leases_key"),
        sa.CheckConstraint("seconds >= 1", name="leases_seconds"),
    )
