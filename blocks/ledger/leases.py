"""Who may write a month: the rows of `leases`.

No clock decides. A watcher that has seen a lease unchanged for its whole length takes it over;
its token grows with each new holder, and a write under an older token is refused.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, Select, Update, select, update

from blocks.ledger.errors import LeaseLost
from blocks.ledger.records import Lease
from blocks.ledger.statements import insert_into
from blocks.ledger.tables import leases


def find_lease(connection: Connection, account: str, month: str) -> Lease | None:
    """Read the month's lease, held or given back; None where nobody has had one."""
    row = connection.execute(_select(account, month)).mappings().one_or_none()
    return None if row is None else _lease_of(row)


def take_lease(
    connection: Connection,
    account: str,
    month: str,
    holder: str,
    seconds: int,
    instead_of: Lease | None,
) -> Lease | None:
    """Take the lease if it is free, or still as `instead_of` was read; None where it is not."""
    found = _find_to_change(connection, account, month)
    if found is not None and found.held and not _is_unrenewed(found, instead_of):
        return None
    now = datetime.now(UTC)
    values = {
        "token": 1 if found is None else found.token + 1,
        "holder": holder,
        "renewals": 0,
        "seconds": seconds,
        "held": True,
        "taken_at": now,
        "renewed_at": now,
    }
    if found is None:
        # Of several first takers, all but one find the row there by now.
        first = insert_into(connection, leases).on_conflict_do_nothing().returning(leases)
        result = connection.execute(first.values(account=account, month=month, **values))
    else:
        result = connection.execute(_update(found).values(values).returning(leases))
    row = result.mappings().one_or_none()
    return None if row is None else _lease_of(row)


def renew_lease(connection: Connection, lease: Lease) -> Lease:
    """Show watchers that the holder is alive; LeaseLost where it no longer holds the lease."""
    renewed = (
        _update(lease)
        .where(leases.c.held)
        .values(renewals=leases.c.renewals + 1, renewed_at=datetime.now(UTC))
        .returning(leases)
    )
    row = connection.execute(renewed).mappings().one_or_none()
    if row is None:
        raise _lost(lease, find_lease(connection, lease.account, lease.month))
    return _lease_of(row)


def give_back_lease(connection: Connection, lease: Lease) -> None:
    """Let the next run begin at once; does nothing where another run has the lease by now."""
    _find_to_change(connection, lease.account, lease.month)
    connection.execute(_update(lease).values(held=False))


def require_lease(connection: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless it is held; then nobody takes it before our transaction ends."""
    # Other writes and renewals pass this lock; a change of the holder waits for it.
    query = _select(lease.account, lease.month).with_for_update(read=True, key_share=True)
    row = connection.execute(query).mappings().one_or_none()
    found = None if row is None else _lease_of(row)
    if found is None or not found.held or found.token != lease.token:
        raise _lost(lease, found)


def _find_to_change(connection: Connection, account: str, month: str) -> Lease | None:
    # An UPDATE alone would not wait for the writes that go on under the lease.
    query = _select(account, month).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _lease_of(row)


def _is_unrenewed(found: Lease, read: Lease | None) -> bool:
    return read is not None and (found.account, found.month, found.token, found.renewals) == (
        read.account,
        read.month,
        read.token,
        read.renewals,
    )


def _select(account: str, month: str) -> Select[tuple[object, ...]]:
    return select(leases).where(leases.c.account == account, leases.c.month == month)


def _update(lease: Lease) -> Update:
    return update(leases).where(
        leases.c.account == lease.account,
        leases.c.month == lease.month,
        leases.c.token == lease.token,
    )


def _lost(lease: Lease, found: Lease | None) -> LeaseLost:
    return LeaseLost(lease.month, found.holder if found is not None and found.held else None)


def _lease_of(row: RowMapping) -> Lease:
    return Lease(
        account=row["account"],
        month=row["month"],
        token=row["token"],
        holder=row["holder"],
        renewals=row["renewals"],
        seconds=row["seconds"],
        held=row["held"],
        renewed_at=row["renewed_at"],
    )
