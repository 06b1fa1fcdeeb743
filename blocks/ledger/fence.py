"""The fence: whether the lease of a write is held, and stays so until it is written."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, select

from blocks.ledger.errors import LeaseLost
from blocks.ledger.records import Lease
from blocks.ledger.tables import leases
from blocks.ledger.transactions import ADVISORY_LOCK, lock_key

# Other writes and renewals pass this lock; a change of the holder waits for it.
_HOLDER = (
    select(leases.c.token, leases.c.held, leases.c.holder)
    .where(leases.c.account == bindparam("of_account"), leases.c.month == bindparam("lease_month"))
    .with_for_update(read=True, key_share=True)
)
_HELD = (
    _HOLDER.where(leases.c.token == bindparam("lease_token"), leases.c.held).cte("held").select()
)
# PostgreSQL locks the row before it comes to what is asked of it.
_OF_HOLDER = _HOLDER.cte("holder")
_HOLDER_THEN_LOCK = select(_OF_HOLDER, ADVISORY_LOCK)
# For the WHERE of another statement: one way to the database less.
LEASE_IS_HELD = exists(_HELD)


def fence_of(lease: Lease) -> dict[str, object]:
    """What LEASE_IS_HELD asks for."""
    return {"of_account": lease.account, "lease_month": lease.month, "lease_token": lease.token}


def require(connection: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless it is held; then nobody takes it before our transaction ends."""
    _require(connection, lease, _HOLDER, {})


def _require(
    connection: Connection, lease: Lease, query: Select[Any], given: Mapping[str, object]
) -> None:
    key = {"of_account": lease.account, "lease_month": lease.month}
    found = connection.execute(query, {**key, **given}).one_or_none()
    if found is None or not found.held or found.token != lease.token:
        raise lost(lease, found)


def require_and_lock(connection: Connection, lease: Lease, name: str) -> None:
    """The same, and the lock of this name in the same statement, the lease first."""
    if connection.dialect.name != "postgresql":
        # SQLite lets in one writer at a time anyway.
        require(connection, lease)
        return
    _require(connection, lease, _HOLDER_THEN_LOCK, {"lock_name": lock_key(name)})


def lost(lease: Lease, found: Lease | Row[Any] | None) -> LeaseLost:
    """The error that says who has the lease instead."""
    return LeaseLost(lease.month, found.holder if found is not None and found.held else None)
