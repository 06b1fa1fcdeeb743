"""The window of requests that processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create its tables, or keep those that an earlier release made at its first request."""
    op.create_table(
        "easybill_requests_accounts",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("next_slot", sa.BigInteger, nullable=False),
        sa.Column("latest_ms", sa.BigInteger, nullable=False),
        sa.Column("paused_until_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "easybill_requests",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("slot", sa.BigInteger, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
