"""What became of drafts, as a process of a story keeps it in the ledger."""

from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TypeVar

from blocks.ledger.protocol import changes
from blocks.ledger.records import DraftLook, DraftSeen, Export
from blocks.ledger.states import Event
from tests.simulation.ledger_tables import LedgerTables, key_of
from tests.simulation.paths import path_of

Answer = TypeVar("Answer")


class SimLooks:
    """The methods of `DraftLooks` and what frees a cancelled invoice, none of its database."""

    _tables: LedgerTables
    _now: Callable[[], datetime]

    def drafts(self) -> list[Export]:
        def read() -> list[Export]:
            found = [e for e in self._tables.exports.values() if e.document_id is not None]
            return sorted(found, key=key_of)

        return self._read("drafts", read)

    def last_look(self) -> DraftLook | None:
        return self._read("last_look", lambda: self._tables.looks.get("last"))

    def keep_look(
        self,
        seen: Collection[tuple[Export, DraftSeen]],
        *,
        looked_at: datetime,
        edited_from: date,
        today: date,
    ) -> list[Export]:
        rows = self._tables.exports

        def keep() -> list[Export]:
            passed = []
            for export, found in seen:
                row = rows.get(key_of(export))
                if row is None or (row.id, row.updated_at) != (export.id, export.updated_at):
                    passed.append(export)
                else:
                    rows[key_of(export)] = replace(row, **asdict(found))
            self._tables.looks["last"] = DraftLook(looked_at, edited_from if passed else today)
            return passed

        return self._read("keep_look", keep)

    def release(self, export: Export, *, released_by: str) -> Export:
        values = changes(export, Event.RELEASE) | {"released_at": self._now()}

        def write() -> Export:
            released = self._tables.update(export, self._now(), values)
            self._tables.paths.add(path_of(export, Event.RELEASE))
            self._tables.free([key_of(export)])
            return released

        return self._write(f"release {key_of(export)} for {released_by}", export.month, write)

    def _write(self, label: str, month: str, act: Callable[[], Answer]) -> Answer:
        raise NotImplementedError

    def _read(self, label: str, act: Callable[[], Answer]) -> Answer:
        raise NotImplementedError
