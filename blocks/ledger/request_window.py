"""The window that processes share, in a SQLite file or in PostgreSQL.

Every request takes the next slot of its account. Slot n is free once slot n - limit was taken
long enough ago: one look-up by key, however many requests the window holds.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from blocks.easybill.errors import Unavailable
from blocks.easybill.memory_window import monotonic_ms
from blocks.easybill.window_database import open_window_database

_METADATA = MetaData()
ACCOUNTS = Table(
    "easybill_requests_accounts",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("next_slot", BigInteger, nullable=False),
    Column("latest_ms", BigInteger, nullable=False),
    Column("paused_until_ms", BigInteger, nullable=False),
)
REQUESTS = Table(
    "easybill_requests",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)
_SLOTS_BETWEEN_SWEEPS = 256
# A limit so high is a rehearsal's, and the database would be its bottleneck: turns are then
# taken by the hundred (at 1,000,000), and those not used within a second are forgone.
_LIMIT_PER_TURN_TAKEN = 10_000
_HOLD_MS = 1000


class _State(NamedTuple):
    next_slot: int
    latest_ms: int
    paused_until_ms: int


class SharedWindow:
    """At most `limit` requests of an account in any `seconds`, across threads and processes.

    PostgreSQL's clock counts, so that machines need not agree on the time; on SQLite the
    machine's monotonic clock, which all its processes share and nobody can set. Both may start
    again lower (a reboot, a clock put back): what then seems to lie in the future is taken to
    have happened just now, which can only make a request wait.

    From a limit of 20,000 on, a process takes several turns at a time, and may notice another's
    pause a second late.
    """

    def __init__(
        self,
        database_url: str,
        account: str,
        limit: int,
        seconds: float,
        *,
        now_ms: Callable[[], int] = monotonic_ms,
        turns_at_a_time: int | None = None,
    ) -> None:
        # No database holds every character (PostgreSQL refuses NUL); escaped, any name fits.
        self._account = account.encode("unicode_escape").decode("ascii")
        self._change_account = update(ACCOUNTS).where(ACCOUNTS.c.account == self._account)
        self._limit = limit
        self._turns = turns_at_a_time or max(1, limit // _LIMIT_PER_TURN_TAKEN)
        self._held_turns = 0
        self._held_until_ms = 0
        self._interval_ms = round(seconds * 1000) + (_HOLD_MS if self._turns > 1 else 0)
        self._now_ms = now_ms
        self._engine = open_window_database(database_url)
        self._on_postgres = self._engine.dialect.name == "postgresql"
        # One connection per process: its threads queue here, not at the database.
        self._lock = threading.Lock()
        self._is_ready = False

    def take(self) -> float:
        """Let one request through and say 0, or say how many seconds to wait first."""
        with self._lock:
            if self._held_turns == 0 or monotonic_ms() >= self._held_until_ms:
                held_until_ms = monotonic_ms() + _HOLD_MS
                if (wait_ms := self._take_turns()) > 0:
                    return wait_ms / 1000
                self._held_turns, self._held_until_ms = self._turns, held_until_ms
            self._held_turns -= 1
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long."""
        with self._lock, self._transaction() as db:
            self._held_turns = 0
            state, now = self._locked_state(db)
            until = max(state.paused_until_ms, now + round(seconds * 1000))
            db.execute(self._change_account.values(paused_until_ms=until, latest_ms=now))

    def close(self) -> None:
        """Close the connection to the database."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            self._make_ready()
            with self._engine.begin() as db:
                yield db
        except SQLAlchemyError as error:
            raise Unavailable(
                "No request was sent: the window of requests, which lies in the ledger's "
                f"database, cannot be used ({type(error).__name__}). Check LEDGER_DATABASE_URL "
                "and that the database answers."
            ) from error

    def _make_ready(self) -> None:
        if self._is_ready:
            return
        with self._engine.begin() as db:
            if self._on_postgres:
                # CREATE TABLE IF NOT EXISTS fails where two processes issue it at once.
                db.execute(select(func.pg_advisory_xact_lock(func.hashtext(REQUESTS.name))))
            _METADATA.create_all(db)
            known = select(ACCOUNTS.c.account).where(ACCOUNTS.c.account == self._account)
            if db.execute(known).first() is None:
                new = {"next_slot": 0, "latest_ms": 0, "paused_until_ms": 0}
                db.execute(insert(ACCOUNTS).values(account=self._account, **new))
        self._is_ready = True

    def _take_turns(self) -> int:
        with self._transaction() as db:
            state, now = self._locked_state(db)
            last_slot = state.next_slot + self._turns - 1
            free_ms = max(state.paused_until_ms, self._freed_ms(db, last_slot - self._limit))
            if free_ms <= now:
                self._record(db, state.next_slot, now)
            return max(free_ms - now, 0)

    def _locked_state(self, db: Connection) -> tuple[_State, int]:
        locked = (
            select(ACCOUNTS.c.next_slot, ACCOUNTS.c.latest_ms, ACCOUNTS.c.paused_until_ms)
            .where(ACCOUNTS.c.account == self._account)
            .with_for_update()
        )
        state = _State(*db.execute(locked).one())
        # Read after the lock is held: a moment from before would stamp the request too early.
        now = self._now(db)
        if now < state.latest_ms:
            self._pull_back(db, state, now)
            state = _State(*db.execute(locked).one())
        return state, now

    def _now(self, db: Connection) -> int:
        if not self._on_postgres:
            return self._now_ms()
        # What a crash of the server may lose are the last moments of a window, no invoices:
        # not worth waiting for its disk at every request.
        return int(
            db.execute(
                text(
                    "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
                    " set_config('synchronous_commit', 'off', true)"
                )
            ).scalar_one()
        )

    def _freed_ms(self, db: Connection, slot: int) -> int:
        at_ms = db.execute(
            select(REQUESTS.c.at_ms).where(
                REQUESTS.c.account == self._account, REQUESTS.c.slot == slot
            )
        ).scalar_one_or_none()
        # Moments are cut to whole milliseconds, hence one more.
        return 0 if at_ms is None else at_ms + self._interval_ms + 1

    def _record(self, db: Connection, slot: int, now: int) -> None:
        slots = range(slot, slot + self._turns)
        db.execute(
            insert(REQUESTS),
            [{"account": self._account, "slot": one, "at_ms": now} for one in slots],
        )
        db.execute(self._change_account.values(next_slot=slots.stop, latest_ms=now))
        if slot % _SLOTS_BETWEEN_SWEEPS < self._turns:
            long_ago = now - self._interval_ms - 1
            db.execute(
                delete(REQUESTS).where(
                    REQUESTS.c.account == self._account, REQUESTS.c.at_ms < long_ago
                )
            )

    def _pull_back(self, db: Connection, state: _State, now: int) -> None:
        db.execute(
            update(REQUESTS)
            .where(REQUESTS.c.account == self._account, REQUESTS.c.at_ms > now)
            .values(at_ms=now)
        )
        paused_until_ms = state.paused_until_ms - (state.latest_ms - now)
        db.execute(self._change_account.values(latest_ms=now, paused_until_ms=paused_until_ms))
