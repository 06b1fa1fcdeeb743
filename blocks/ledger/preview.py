"""Ledgers for previews: what would be taken in is kept beside them, and nothing in them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from blocks.ledger.claims import already_billed
from blocks.ledger.ledger import CallToLog, Ledger
from blocks.ledger.logins import new_logins
from blocks.ledger.protocol import permits
from blocks.ledger.records import BilledLine, Claim, Export, Lease, TakenIn
from blocks.ledger.states import Event
from blocks.ledger.transactions import reading

# Month, customer number and sequence.
_Key = tuple[str, str, int]


class PreviewLedger(Ledger):
    """The ledger as it would be after `take_in`; every other write goes into it as before."""

    def __init__(self, engine: Engine, account: str, *, lease: Lease | None = None) -> None:
        super().__init__(engine, account, lease=lease)
        self._exports: dict[_Key, Export] = {}
        self._claims: dict[BilledLine, Claim] = {}
        self._layouts: dict[str, str] = {}

    def take_in(
        self,
        month: str,
        customer_number: str,
        sequence: int,
        taken: TakenIn,
        *,
        flow_run_id: str | None,
    ) -> Export:
        """Answer what the ledger would keep."""
        key = (month, customer_number, sequence)
        found = self._exports.get(key) or self.find_export(*key)
        row: dict[str, Any] = self._row_taken_in(found, taken, flow_run_id)
        row |= {"month": month, "customer_number": customer_number, "sequence": sequence}
        for line, claim in sorted(self.billed_lines(taken.lines).items()):
            if _key(claim.export) != key and not permits(claim.export, Event.LOSE_LINES):
                raise already_billed(line, claim.export)
        if found is None:
            now, id_ = datetime.now(UTC), -1 - len(self._exports)
            export = Export(id=id_, attempts=0, created_at=now, updated_at=now, **row)
        else:
            export = replace(found, **row)
        if key in self._exports:
            self._claims = {line: c for line, c in self._claims.items() if _key(c.export) != key}
        self._exports[key] = export
        self._claims |= {line: Claim(export, digest) for line, digest in taken.lines.items()}
        return export

    def exports(self, month: str) -> list[Export]:
        """The month's exports, those that would be taken in among them."""
        known = {_key(export): export for export in super().exports(month)}
        ours = {key: export for key, export in self._exports.items() if key[0] == month}
        return [export for _, export in sorted((known | ours).items())]

    def billed_lines(self, lines: Collection[BilledLine]) -> dict[BilledLine, Claim]:
        """Which of the lines would be claimed, by which export."""
        ours = {line: self._claims[line] for line in lines if line in self._claims}
        return self._left(super().billed_lines(lines)) | ours

    def claims_of(self, month: str) -> dict[BilledLine, Claim]:
        """All the lines that the month's exports would hold."""
        ours = {line: c for line, c in self._claims.items() if c.export.month == month}
        return self._left(super().claims_of(month)) | ours

    def lines_of(self, export: Export) -> frozenset[BilledLine]:
        """Which lines the export would hold."""
        if _key(export) in self._exports:
            return frozenset(line for line, c in self._claims.items() if c.export.id == export.id)
        return frozenset(line for line in super().lines_of(export) if line not in self._claims)

    def keep_layout(self, layout_sha256: str, text: str) -> None:
        """Keep the text beside the ledger, which has no export that names it."""
        self._layouts[layout_sha256] = text

    def layout_text(self, layout_sha256: str) -> str:
        """The layout of this hash; LedgerError as `Ledger` raises."""
        return self._layouts.get(layout_sha256) or super().layout_text(layout_sha256)

    def _left(self, claims: dict[BilledLine, Claim]) -> dict[BilledLine, Claim]:
        """Without those of exports that would hold other lines."""
        return {line: c for line, c in claims.items() if _key(c.export) not in self._exports}


class ReadOnlyLedger(PreviewLedger):
    """The same, and nothing at all is written into the ledger: no call and no login either."""

    def record_call(self, _: CallToLog) -> None:
        """Keep nothing."""

    def recognise_logins(self, login_ids: Collection[int]) -> None:
        """Keep nothing; AccountMismatch where the account is known by other logins only."""
        with reading(self._engine) as connection:
            new_logins(connection, self.account, login_ids)


def _key(export: Export) -> _Key:
    return export.month, export.customer_number, export.sequence
