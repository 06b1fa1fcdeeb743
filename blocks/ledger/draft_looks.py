"""What became of the drafts: columns of `exports` that no delivery decides by, and the looks."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from blocks.ledger.reads import LedgerReads
from blocks.ledger.records import DraftLook, DraftSeen, Export
from blocks.ledger.statements import export_of, insert_into
from blocks.ledger.tables import draft_looks, exports, invoiced_services
from blocks.ledger.transactions import reading, writing


class DraftLooks(LedgerReads):
    """What a look into easybill finds of drafts; it holds no month and changes no version."""

    def drafts(self) -> list[Export]:
        """List the exports of all months that have a document, by month and customer number."""
        query = (
            select(exports)
            .where(exports.c.account == self.account, exports.c.document_id.is_not(None))
            .order_by(exports.c.month, exports.c.customer_number, exports.c.sequence)
        )
        with reading(self._engine) as connection:
            return [export_of(row) for row in connection.execute(query).mappings()]

    def last_look(self) -> DraftLook | None:
        """Read when the drafts were looked at last; None where they never were."""
        query = select(draft_looks.c.looked_at, draft_looks.c.edited_from).where(
            draft_looks.c.account == self.account
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else DraftLook(*row)

    def invoiced_services(self, month: str) -> tuple[list[str], list[tuple[object, ...]]]:
        """Read the month's rows of the view `invoiced_services`, after the names of its columns."""
        view = invoiced_services.c
        query = select(invoiced_services).where(view.account == self.account, view.month == month)
        with reading(self._engine) as connection:
            found = connection.execute(
                query.order_by(view.customer_number, view.document_id, view.service_id, view.kind)
            )
            return list(found.keys()), [tuple(row) for row in found]

    def keep_look(
        self,
        seen: Collection[tuple[Export, DraftSeen]],
        *,
        looked_at: datetime,
        edited_from: date,
        today: date,
    ) -> list[Export]:
        """Keep what was seen of these exports, as they were read before the look.

        Answers those that were written since, of which nothing is kept; the next look then lists
        again from `edited_from`, the first day of this one, else from `today`.
        """
        with writing(self._engine) as connection:
            passed = [export for export, found in seen if not _keep(connection, export, found)]
            row = {
                "account": self.account,
                "looked_at": looked_at,
                "edited_from": edited_from if passed else today,
            }
            insert = insert_into(connection, draft_looks).values(row)
            connection.execute(insert.on_conflict_do_update(index_elements=["account"], set_=row))
        return passed


def _keep(connection: Connection, export: Export, seen: DraftSeen) -> bool:
    """Write it unless a run has written the row since; `updated_at` is the runs' alone."""
    is_as_read = (exports.c.id == export.id, exports.c.updated_at == export.updated_at)
    kept = connection.execute(update(exports).where(*is_as_read).values(asdict(seen)))
    return kept.rowcount == 1
