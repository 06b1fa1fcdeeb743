"""What is under way and whether an update is planned: said in columns, not by empty ones."""

from alembic import op

revision = "0003"
down_revision = "0002"

ADDED = (
    "pending TEXT CONSTRAINT exports_pending"
    " CHECK (pending IN ('upload', 'draft', 'update', 'link', 'delete'))",
    "update_planned BOOLEAN DEFAULT FALSE NOT NULL",
    "planned_sha256 TEXT",
    "reason_code TEXT",
    "reason_facts TEXT",
)
# As the release before read its rows: the first that fits is the call.
PENDING = """
UPDATE exports SET pending = CASE
    WHEN substr(error, 1, 18) = 'is being withdrawn' THEN 'delete'
    WHEN attachment_id IS NULL THEN 'upload'
    WHEN document_id IS NULL THEN 'draft'
    WHEN content_sha256 IS NULL THEN 'update'
    ELSE 'link' END
WHERE state IN ('sending', 'unknown')
"""
# Without a digest, a draft that is there, or is found, was to be updated.
UPDATE_PLANNED = """
UPDATE exports SET update_planned = TRUE
WHERE content_sha256 IS NULL
    AND (document_id IS NOT NULL OR pending = 'draft' OR state = 'conflict')
"""
PLANNED = "UPDATE exports SET planned_sha256 = content_sha256"
NO_DRAFT = "UPDATE exports SET content_sha256 = NULL WHERE document_id IS NULL"


def upgrade() -> None:
    """Add the columns and fill them from what the rows said by their patterns."""
    for column in ADDED:
        # In SQL: alembic can't add a column with a constraint on SQLite.
        op.execute(f"ALTER TABLE exports ADD COLUMN {column}")
    for statement in (PENDING, UPDATE_PLANNED, PLANNED, NO_DRAFT):
        op.execute(statement)
