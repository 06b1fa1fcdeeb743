"""The texts of the layouts that files were written in, each by its hash."""

from datetime import UTC, datetime

from sqlalchemy import select

from blocks.ledger.errors import LedgerError
from blocks.ledger.reads import LedgerReads
from blocks.ledger.statements import insert_into
from blocks.ledger.tables import csv_layouts
from blocks.ledger.transactions import reading, writing


class KeptLayouts(LedgerReads):
    """The part of a ledger that keeps layouts; they are the same for all accounts."""

    def keep_layout(self, layout_sha256: str, text: str) -> None:
        """Keep the text of a layout, before an export names it; nothing where it is kept."""
        row = {"sha256": layout_sha256, "text": text, "first_used_at": datetime.now(UTC)}
        with writing(self._engine) as connection:
            connection.execute(insert_into(connection, csv_layouts).on_conflict_do_nothing(), row)

    def layout_text(self, layout_sha256: str) -> str:
        """Read the layout of this hash; LedgerError where the ledger never kept it."""
        query = select(csv_layouts.c.text).where(csv_layouts.c.sha256 == layout_sha256)
        with reading(self._engine) as connection:
            text: str | None = connection.execute(query).scalar()
        if text is None:
            raise LedgerError(f"The ledger has no layout {layout_sha256}, which an export names.")
        return text

    def layout_texts(self) -> list[str]:
        """List the layouts that files were ever written in, the newest first."""
        query = select(csv_layouts.c.text).order_by(csv_layouts.c.first_used_at.desc())
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())
