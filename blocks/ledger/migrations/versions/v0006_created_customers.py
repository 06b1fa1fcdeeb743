"""Who creates which customer in easybill, so that two runs do not create one twice."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add an empty table: who created customers before is not known."""
    op.create_table(
        "created_customers",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("customer_number", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("easybill_id", sa.BigInteger),
        sa.Column("flow_run_id", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "customer_number", name="created_customers_key"),
        sa.CheckConstraint(
            "state IN ('sending', 'created', 'not_created')", name="created_customers_state"
        ),
    )
