"""The layouts that a story's files were written in, as the ledger keeps them."""

from blocks.ledger.ledger import Ledger
from tests.simulation.ledger_tables import LedgerTables


class SimLayouts(Ledger):
    """The methods of `Ledger` about `csv_layouts`; they never fail, as a run keeps one once."""

    _tables: LedgerTables

    def keep_layout(self, layout_sha256: str, text: str) -> None:
        self._tables.layouts.setdefault(layout_sha256, text)

    def layout_text(self, layout_sha256: str) -> str:
        return self._tables.layouts[layout_sha256]

    def layout_texts(self) -> list[str]:
        return list(self._tables.layouts.values())
