"""Which export holds which line: the rows of `billed_services` that were not released."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, text, update

from blocks.ledger.errors import AlreadyBilled
from blocks.ledger.protocol import changes, permits
from blocks.ledger.records import BilledLine, Claim, Export
from blocks.ledger.statements import KEY, export_of, lock_export, update_export
from blocks.ledger.states import Event
from blocks.ledger.tables import billed_services, exports

# Below the number of parameters that either database takes in one statement.
VALUES_PER_QUERY = 5000
# What was released is another's to bill.
IS_HELD = billed_services.c.released_at.is_(None)
# An export's lines go in with one statement, as a JSON list of lists. As text, because SQLAlchemy
# compiles an INSERT with ON CONFLICT anew each time.
_ROWS = {
    "postgresql": "line ->> 0, line ->> 1, CAST(line ->> 2 AS bigint), line ->> 3"
    " FROM json_array_elements(CAST(:lines AS json)) AS line",
    "sqlite": "json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(:lines) WHERE true",
}
_CLAIM = {
    database: text(
        "INSERT INTO billed_services (account, export, service_id, kind, net_cents, line_sha256)"
        f" SELECT :account, :export, {rows} ON CONFLICT DO NOTHING"
    )
    for database, rows in _ROWS.items()
}

T = TypeVar("T")


def add_claims(
    connection: Connection, export: Export, lines: Mapping[BilledLine, str | None]
) -> None:
    """Give the export these lines beside those it holds; raises as `replace_claims` does."""
    replace_claims(connection, export, {**held_lines(connection, export), **lines})


def held_lines(connection: Connection, export: Export) -> dict[BilledLine, str | None]:
    """Read the lines that the export holds, with their digests."""
    line = billed_services.c
    query = select(line.service_id, line.kind, line.net_cents, line.line_sha256).where(
        line.account == export.account, line.export == export.id, IS_HELD
    )
    return {BilledLine(*key): digest for *key, digest in connection.execute(query)}


def replace_claims(
    connection: Connection, export: Export, lines: Mapping[BilledLine, str | None]
) -> None:
    """Give the export exactly these lines; AlreadyBilled where another one keeps any.

    A plan that has no document, and nothing in doubt, gives its lines up.
    """
    free_claims(connection, export.account, [export.id])
    claim_lines(connection, export, lines)


def claim_lines(
    connection: Connection, export: Export, lines: Mapping[BilledLine, str | None]
) -> None:
    """Give these lines to an export that holds none; raises as `replace_claims` does."""
    refused = _insert_claims(connection, export, lines)
    if refused:
        _take_from_plans(connection, export.account, refused)
        _insert_claims(connection, export, {line: lines[line] for line in refused})


def _insert_claims(
    connection: Connection, export: Export, lines: Mapping[BilledLine, str | None]
) -> frozenset[BilledLine]:
    """Claim what nobody holds; the lines that others hold."""
    if not lines:
        return frozenset()
    rows = [(line.service_id, line.kind, line.net_cents, lines[line]) for line in sorted(lines)]
    given = {"account": export.account, "export": export.id, "lines": json.dumps(rows)}
    if connection.execute(_CLAIM[connection.dialect.name], given).rowcount == len(rows):
        return frozenset()
    return frozenset(lines) - held_lines(connection, export).keys()


def _take_from_plans(connection: Connection, account: str, lines: Collection[BilledLine]) -> None:
    for line, claim in sorted(find_claims(connection, account, lines).items()):
        holder = lock_export(connection, {name: getattr(claim.export, name) for name in KEY})
        if holder is None or not permits(holder, Event.LOSE_LINES):
            raise already_billed(line, claim.export)
        # A run that is at work on the plan has read it as it was: it can't go on with it.
        update_export(connection, account, holder, changes(holder, Event.LOSE_LINES))
        free_claims(connection, account, [holder.id])


def already_billed(line: BilledLine, by: Export) -> AlreadyBilled:
    """The error that says which export keeps the line."""
    return AlreadyBilled(line.service_id, line.kind, by.month, by.customer_number, by.sequence)


def free_claims(connection: Connection, account: str, export_ids: Iterable[int]) -> None:
    """Let other exports bill the lines of these."""
    for ids in chunks(export_ids):
        connection.execute(
            delete(billed_services)
            .where(billed_services.c.account == account)
            .where(billed_services.c.export.in_(ids), IS_HELD)
        )


def release_claims(connection: Connection, export: Export, at: datetime, by: str) -> None:
    """Let other exports bill the lines of this one, and keep that it billed them."""
    connection.execute(
        update(billed_services)
        .where(billed_services.c.account == export.account)
        .where(billed_services.c.export == export.id, IS_HELD)
        .values(released_at=at, released_by=by)
    )


def find_claims(
    connection: Connection, account: str, lines: Collection[BilledLine]
) -> dict[BilledLine, Claim]:
    """Find which of the lines are claimed, by which export, and as what they were billed."""
    wanted = frozenset(lines)
    found: dict[BilledLine, Claim] = {}
    for service_ids in chunks(sorted({line.service_id for line in wanted})):
        found |= read_claims(connection, account, billed_services.c.service_id.in_(service_ids))
    return {line: claim for line, claim in found.items() if line in wanted}


def read_claims(
    connection: Connection, account: str, which: ColumnElement[bool]
) -> dict[BilledLine, Claim]:
    """Read the claims for which `which` holds; those of one export share its value.

    A month has tens of thousands of lines, so the exports are read apart from them.
    """
    claim = billed_services.c
    query = select(
        *(claim.service_id, claim.kind, claim.net_cents, claim.line_sha256, claim.export)
    ).where(claim.account == account, which, IS_HELD)
    rows = connection.execute(query).all()
    holders: dict[int, Export] = {}
    for ids in chunks(sorted({row.export for row in rows})):
        found = connection.execute(select(exports).where(is_among(exports.c.id, ids)))
        holders |= {row[exports.c.id]: export_of(row) for row in found.mappings()}
    return {BilledLine(*key): Claim(holders[holder], digest) for *key, digest, holder in rows}


def is_among(column: ColumnElement[int], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column is one of the ids, which are written into the statement.

    Of parameters PostgreSQL makes a plan that compares each row with each id, once a statement has
    run ten times: 15 times as slow.
    """
    return column.in_(bindparam(None, list(ids), expanding=True, literal_execute=True))


def chunks(values: Iterable[T], size: int = VALUES_PER_QUERY) -> Iterator[list[T]]:
    """The values in lists that one statement can take."""
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk
