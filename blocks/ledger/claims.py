"""Which export holds which line: the rows of `billed_services`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, Select, delete, select

from blocks.ledger.errors import AlreadyBilled
from blocks.ledger.records import BilledLine, Claim, Export
from blocks.ledger.statements import export_of, insert_into
from blocks.ledger.tables import billed_services, exports

# Below the number of parameters that either database takes in one statement.
VALUES_PER_QUERY = 5000

T = TypeVar("T")


def add_claims(connection: Connection, export: Export, lines: Mapping[BilledLine, str]) -> None:
    """Give the export these lines beside those it holds; raises as `replace_claims` does."""
    query = select(
        billed_services.c.service_id, billed_services.c.kind, billed_services.c.line_sha256
    ).where(billed_services.c.account == export.account, billed_services.c.export == export.id)
    held: dict[BilledLine, str | None] = {
        BilledLine(service_id, kind): digest
        for service_id, kind, digest in connection.execute(query)
    }
    replace_claims(connection, export, {**held, **lines})


def replace_claims(
    connection: Connection, export: Export, lines: Mapping[BilledLine, str | None]
) -> None:
    """Give the export exactly these lines; AlreadyBilled where another one holds any."""
    free_claims(connection, export.account, [export.id])
    if not lines:
        return
    claim = {"account": export.account, "export": export.id}
    claimed = connection.execute(
        insert_into(connection, billed_services)
        .on_conflict_do_nothing()
        .returning(billed_services.c.service_id, billed_services.c.kind),
        [
            claim | {"service_id": line.service_id, "kind": line.kind, "line_sha256": digest}
            for line, digest in sorted(lines.items())
        ],
    )
    refused = lines.keys() - {BilledLine(*row) for row in claimed}
    if refused:
        found = find_claims(connection, export.account, refused)
        line = min(found)
        holder = found[line].export
        raise AlreadyBilled(
            line.service_id, line.kind, holder.month, holder.customer_number, holder.sequence
        )


def free_claims(connection: Connection, account: str, export_ids: Iterable[int]) -> None:
    """Let other exports bill the lines of these."""
    for ids in _chunks(export_ids):
        connection.execute(
            delete(billed_services)
            .where(billed_services.c.account == account)
            .where(billed_services.c.export.in_(ids))
        )


def find_claims(
    connection: Connection, account: str, lines: Collection[BilledLine]
) -> dict[BilledLine, Claim]:
    """Find which of the lines are claimed, by which export, and as what they were billed."""
    wanted = frozenset(lines)
    found: dict[BilledLine, Claim] = {}
    for service_ids in _chunks(sorted({line.service_id for line in wanted})):
        query = select_claims(account).where(billed_services.c.service_id.in_(service_ids))
        found |= claims_of(connection.execute(query).mappings())
    return {line: claim for line, claim in found.items() if line in wanted}


def select_claims(account: str) -> Select[tuple[object, ...]]:
    """Select all claims with their exports."""
    claim = billed_services.c
    return (
        select(claim.service_id, claim.kind, claim.line_sha256, exports)
        .join(exports, exports.c.id == claim.export)
        .where(claim.account == account)
    )


def claims_of(rows: Iterable[RowMapping]) -> dict[BilledLine, Claim]:
    """The claims by line; those of one export share its value."""
    column = billed_services.c
    holders: dict[int, Export] = {}
    found: dict[BilledLine, Claim] = {}
    for row in rows:
        holder = holders.get(row[exports.c.id]) or export_of(row)
        holders[holder.id] = holder
        line = BilledLine(row[column.service_id], row[column.kind])
        found[line] = Claim(holder, row[column.line_sha256])
    return found


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, VALUES_PER_QUERY)):
        yield chunk
