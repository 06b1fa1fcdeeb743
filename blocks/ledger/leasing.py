"""The ledger's side of "one writer per month": leases, and writes that are bound to one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine

from blocks.ledger import leases
from blocks.ledger.reads import LedgerReads
from blocks.ledger.records import Lease
from blocks.ledger.transactions import writing


class LeasedLedger(LedgerReads):
    """A ledger that gives out leases and may itself be bound to one."""

    def __init__(self, engine: Engine, account: str, *, lease: Lease | None = None) -> None:
        super().__init__(engine, account)
        self._lease = lease

    def under(self, lease: Lease) -> Self:
        """Return the same ledger with its writes bound to the lease.

        Each writes nothing and raises LeaseLost once the lease is given back or another run's.
        Only `record_call` and `recognise_logins` go on: what was sent was sent.
        """
        return type(self)(self._engine, self.account, lease=lease)

    def take_lease(
        self, month: str, holder: str, seconds: int, *, instead_of: Lease | None = None
    ) -> Lease | None:
        """Take the month's lease if it is free; None where somebody holds it.

        `instead_of` takes it over from a holder that has not renewed since that was read: watch
        for its `seconds` first. `holder` is for people: which run, and where.
        """
        with writing(self._engine) as connection:
            return leases.take_lease(connection, self.account, month, holder, seconds, instead_of)

    def renew_lease(self, lease: Lease) -> Lease:
        """Show watchers that we are alive; LeaseLost where the lease is no longer ours."""
        with writing(self._engine) as connection:
            return leases.renew_lease(connection, lease)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours, so that the next run need not watch."""
        with writing(self._engine) as connection:
            leases.give_back_lease(connection, lease)

    def require_lease(self) -> None:
        """Raise LeaseLost where the lease that this ledger is bound to is no longer held."""
        with self._fenced():
            pass

    @contextmanager
    def _fenced(self) -> Iterator[Connection]:
        """One transaction that writes under the lease, if there is one."""
        with writing(self._engine) as connection:
            if self._lease is not None:
                leases.require_lease(connection, self._lease)
            yield connection
