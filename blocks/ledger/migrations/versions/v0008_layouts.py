"""In which import layout each file was written, so that it can be read and restored as it was."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add an empty table and a column that is empty for older rows: they are in custom-csv."""
    op.create_table(
        "csv_layouts",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("exports", sa.Column("layout_sha256", sa.Text))
