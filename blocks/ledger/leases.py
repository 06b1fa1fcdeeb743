"""Who may write a month: the rows of `leases`, and a ledger whose writes are bound to one.

No clock decides. A watcher that has seen a lease unchanged for its whole length takes it over;
its token grows with each new holder, and a write under an older token is refused.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, Select, Update, select, update

from blocks.ledger.fence import lost, require
from blocks.ledger.reads import LedgerReads
from blocks.ledger.records import Lease
from blocks.ledger.statements import insert_into
from blocks.ledger.tables import leases
from blocks.ledger.transactions import reading, writing

Kind = TypeVar("Kind", bound="LeasedLedger")
_AS_WATCHED = attrgetter("account", "month", "token", "renewals")


class LeasedLedger(LedgerReads):
    """A ledger that gives out leases and may itself be bound to one."""

    def __init__(self, engine: Engine, account: str, *, lease: Lease | None = None) -> None:
        super().__init__(engine, account)
        self._lease = lease

    def under(self, lease: Lease) -> Self:
        """Return the same ledger with its writes bound to the lease.

        Each writes nothing and raises LeaseLost once the lease is given back or another run's.
        Only `record_call`, `settle_customer` and `recognise_logins` go on: what was sent was sent.
        """
        return type(self)(self._engine, self.account, lease=lease)

    def seen_as(self, kind: type[Kind]) -> Kind:
        """The same ledger as one of this kind."""
        return kind(self._engine, self.account, lease=self._lease)

    def read_lease(self, month: str) -> Lease | None:
        """Read the month's lease, held or given back; None where nobody has had one."""
        with reading(self._engine) as connection:
            return _found(connection, _select(self.account, month))

    def take_lease(
        self, month: str, holder: str, seconds: int, *, instead_of: Lease | None = None
    ) -> Lease | None:
        """Take the month's lease if it is free; None where somebody holds it.

        `instead_of` takes it over from a holder that has not renewed since that was read: watch
        for its `seconds` first. `holder` is for people: which run, and where.
        """
        with writing(self._engine) as connection:
            # An UPDATE alone would not wait for the writes that go on under the lease.
            found = _found(connection, _select(self.account, month).with_for_update())
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
            if found is not None:
                changed = _update(found).values(values).returning(leases)
                return _lease_of(connection.execute(changed).mappings().one())
            # Of several first takers, all but one find the row there by now.
            first = insert_into(connection, leases).on_conflict_do_nothing().returning(leases)
            key = {"account": self.account, "month": month}
            row = connection.execute(first.values(key | values)).mappings().one_or_none()
            return None if row is None else _lease_of(row)

    def renew_lease(self, lease: Lease) -> Lease:
        """Show watchers that we are alive; LeaseLost where the lease is no longer ours."""
        renewed = (
            _update(lease)
            .where(leases.c.held)
            .values(renewals=leases.c.renewals + 1, renewed_at=datetime.now(UTC))
            .returning(leases)
        )
        with writing(self._engine) as connection:
            row = connection.execute(renewed).mappings().one_or_none()
            if row is None:
                raise lost(lease, _found(connection, _select(lease.account, lease.month)))
            return _lease_of(row)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours, so that the next run need not watch."""
        with writing(self._engine) as connection:
            _found(connection, _select(lease.account, lease.month).with_for_update())
            connection.execute(_update(lease).values(held=False))

    def require_lease(self) -> None:
        """Raise LeaseLost where the lease that this ledger is bound to is no longer held."""
        with self._fenced():
            pass

    def _writing(self) -> AbstractContextManager[Connection]:
        """One transaction that writes, and asks for the lease itself."""
        return writing(self._engine)

    @contextmanager
    def _fenced(self) -> Iterator[Connection]:
        """One transaction that writes under the lease, if there is one."""
        with self._writing() as connection:
            if self._lease is not None:
                require(connection, self._lease)
            yield connection


def _select(account: str, month: str) -> Select[tuple[object, ...]]:
    return select(leases).where(leases.c.account == account, leases.c.month == month)


def _found(connection: Connection, query: Select[tuple[object, ...]]) -> Lease | None:
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _lease_of(row)


def _is_unrenewed(found: Lease, read: Lease | None) -> bool:
    return read is not None and _AS_WATCHED(found) == _AS_WATCHED(read)


def _update(lease: Lease) -> Update:
    return update(leases).where(
        leases.c.account == lease.account,
        leases.c.month == lease.month,
        leases.c.token == lease.token,
    )


def _lease_of(row: RowMapping) -> Lease:
    return Lease(**{name: row[name] for name in Lease.__dataclass_fields__})
