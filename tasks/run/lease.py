"""One writer per month: a run holds the month's lease while it works.

No clocks are compared between machines. A holder renews its lease; who finds the month held watches
it for as long as the lease lasts, by its own clock, and takes over only what was not renewed.
easybill checks no token: a process that is paused between its last check and the send can still
send. Needs no Prefect.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from blocks.easybill.errors import NotSent
from blocks.ledger.errors import LeaseLost, LedgerUnavailable
from blocks.ledger.ledger import Ledger
from blocks.ledger.records import Lease
from tasks.run.gate import Clock, Gate

RENEWALS_PER_LEASE = 6
LOOKS_PER_LEASE = 60


def request_lasts_at_most_s(lease_seconds: int) -> float:
    """How long an attempt at easybill may take in all, for a lease of that length."""
    return lease_seconds * 0.75


class MonthHeld(Exception):
    """Another run holds the month and is alive: nothing was sent."""

    def __init__(self, month: str, holder: str) -> None:
        super().__init__(month, holder)
        self.month = month
        self.holder = holder

    def __str__(self) -> str:
        return f"{self.month} is being worked on by {self.holder}; nothing was sent"


class LeaseTooShort(NotSent):
    """What is left of the lease is shorter than a request may last, so none is begun."""


class LeaseKeeper:
    """Keeps a lease that was taken: renews it, and tells whether a request may be begun."""

    def __init__(self, ledger: Ledger, lease: Lease, taken_at: float, clock: Clock) -> None:
        """`taken_at`: the clock's time before the lease was asked for."""
        self.lease = lease
        self._ledger = ledger
        self._clock = clock
        self._alive_at = taken_at

    def renew(self) -> bool:
        """Show watchers that we are alive; False where the lease is lost for good.

        One that ran out is not taken up again, even if nobody took it: what was looked up before
        the pause may be otherwise by now.
        """
        begun = self._clock.monotonic()
        if begun - self._alive_at > self.lease.seconds:
            return False
        try:
            self.lease = self._ledger.renew_lease(self.lease)
        except LeaseLost:
            return False
        except LedgerUnavailable:
            # The next renewal may still come in time; until then less and less may be sent.
            return True
        self._alive_at = begun
        return True

    def check(self) -> None:
        """Raise LeaseTooShort unless what is left of the lease outlasts a request."""
        left = self.lease.seconds - (self._clock.monotonic() - self._alive_at)
        if left <= request_lasts_at_most_s(self.lease.seconds):
            raise LeaseTooShort(
                f"the lease of {self.lease.month} has {max(left, 0):.0f} s left, less than a"
                " request may last: nothing more is sent; run the month again"
            )

    def release(self) -> None:
        """Let go of the month; a lease that cannot be given back runs out by itself."""
        with suppress(LedgerUnavailable):
            self._ledger.release_lease(self.lease)


def take(ledger: Ledger, month: str, holder: str, seconds: int, clock: Clock) -> LeaseKeeper:
    """Take the month's lease, from a holder that died after watching it for one lease.

    Raises MonthHeld where the holder shows that it is alive.
    """
    watched: Lease | None = None
    while True:
        begun = clock.monotonic()
        lease = ledger.take_lease(month, holder, seconds, instead_of=watched)
        if lease is not None:
            return LeaseKeeper(ledger, lease, begun, clock)
        watched = _watch(ledger, month, clock)


def _watch(ledger: Ledger, month: str, clock: Clock) -> Lease | None:
    """The lease that was not renewed for as long as it lasts; None where it became free."""
    held = ledger.read_lease(month)
    since = clock.monotonic()
    while held is not None and held.held:
        if clock.monotonic() - since >= held.seconds:
            return held
        clock.sleep(held.seconds / LOOKS_PER_LEASE)
        now = ledger.read_lease(month)
        if now is None or not now.held:
            return None
        if now.token != held.token:
            held, since = now, clock.monotonic()
        elif now.renewals != held.renewals:
            raise MonthHeld(month, held.holder)
    return None


@contextmanager
def month_held(
    ledger: Ledger, month: str, holder: str, seconds: int, clock: Clock | None = None
) -> Iterator[tuple[LeaseKeeper, Gate]]:
    """Hold the month while the block runs; a thread renews the lease meanwhile.

    The month is given back when all that was let out of the gate is known to be over; else the
    lease runs out by itself.
    """
    keeper = take(ledger, month, holder, seconds, clock or Clock())
    done = Event()
    thread = Thread(target=_renew_until, args=(keeper, done), name="lease", daemon=True)
    thread.start()
    gate = Gate(keeper.check, clock or Clock())
    try:
        yield keeper, gate
    finally:
        try:
            is_over = gate.close(at_most_s=seconds)
        finally:
            done.set()
            thread.join()
        if is_over:
            keeper.release()


def _renew_until(keeper: LeaseKeeper, done: Event) -> None:
    while not done.wait(keeper.lease.seconds / RENEWALS_PER_LEASE):
        if not keeper.renew():
            return


def this_process() -> str:
    """How a holder is called when nothing better is known."""
    return f"process {os.getpid()} on {socket.gethostname()}"
