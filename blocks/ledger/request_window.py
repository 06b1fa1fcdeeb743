"""The window of requests that processes share: at most a number of them in any time.

Every request takes the next slot of its account. Slot n is free once slot n - limit was taken
long enough ago: one look-up by key, however many requests the window holds.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from blocks.ledger.statements import insert_into
from blocks.ledger.tables import easybill_requests, easybill_requests_accounts
from blocks.ledger.transactions import writing

_SLOTS_BETWEEN_SWEEPS = 256
# A limit so high is a rehearsal's, and the database would be its bottleneck: turns are then
# taken by the hundred (at 1,000,000), and those not used within a second are lost.
_LIMIT_PER_TURN_TAKEN = 10_000
_HOLD_MS = 1000


class _State(NamedTuple):
    next_slot: int
    latest_ms: int
    paused_until_ms: int


def monotonic_ms() -> int:
    """Read a clock that nobody can set."""
    return time.monotonic_ns() // 1_000_000


class RequestWindow:
    """At most `limit` requests of an account in any `seconds`, across threads and processes.

    PostgreSQL's clock counts, so that machines need not agree on the time; on SQLite the
    machine's monotonic clock, which all its processes share and nobody can set. Both may start
    again lower (a reboot, a clock put back): what then seems to be in the future is taken to
    have happened just now, which can only make a request wait.

    From a limit of 20,000 on, a process takes several turns at a time, and may notice another's
    pause a second late.
    """

    def __init__(
        self,
        engine: Engine,
        account: str,
        limit: int,
        seconds: float,
        *,
        now_ms: Callable[[], int] = monotonic_ms,
        turns_at_a_time: int | None = None,
    ) -> None:
        if limit < 1:
            raise ValueError("The limit is at least one request.")
        self._engine = engine
        # No database holds every character (PostgreSQL refuses NUL); escaped, any name fits.
        self._account = account.encode("unicode_escape").decode("ascii")
        column = easybill_requests_accounts.c
        self._change_account = update(easybill_requests_accounts).where(
            column.account == self._account
        )
        self._lock_account = (
            select(column.next_slot, column.latest_ms, column.paused_until_ms)
            .where(column.account == self._account)
            .with_for_update()
        )
        self.limit = limit
        self._turns = turns_at_a_time or max(1, limit // _LIMIT_PER_TURN_TAKEN)
        self._held_turns = 0
        self._held_until_ms = 0
        self._interval_ms = round(seconds * 1000) + (_HOLD_MS if self._turns > 1 else 0)
        self._now_ms = now_ms
        # The threads of a process queue here, with one of the ledger's connections between them.
        self._one_at_a_time = threading.Lock()

    def take(self, requests: int = 1) -> float:
        """Let this number of requests through and return 0, or return the seconds to wait first.

        All of them or none; at most `limit`.
        LedgerUnavailable or LedgerError where the database cannot be used: send nothing then.
        """
        with self._one_at_a_time:
            if self._held_turns < requests or monotonic_ms() >= self._held_until_ms:
                held_until_ms = monotonic_ms() + _HOLD_MS
                turns = max(self._turns, requests)
                if (wait_ms := self._take_turns(turns)) > 0:
                    return wait_ms / 1000
                self._held_turns, self._held_until_ms = turns, held_until_ms
            self._held_turns -= requests
            return 0.0

    def pause(self, seconds: float) -> None:
        """Let nothing through for this time; of two pauses, the one that ends later counts."""
        with self._one_at_a_time, writing(self._engine) as db:
            self._held_turns = 0
            state, now = self._locked_state(db)
            until = max(state.paused_until_ms, now + round(seconds * 1000))
            db.execute(self._change_account.values(paused_until_ms=until, latest_ms=now))

    def _take_turns(self, turns: int) -> int:
        with writing(self._engine) as db:
            state, now = self._locked_state(db)
            slots = range(state.next_slot, state.next_slot + turns)
            free_ms = max(state.paused_until_ms, self._freed_ms(db, slots[-1] - self.limit))
            if free_ms <= now:
                self._record(db, slots, now)
            return max(free_ms - now, 0)

    def _locked_state(self, db: Connection) -> tuple[_State, int]:
        row = db.execute(self._lock_account).one_or_none()
        if row is None:
            new = {"account": self._account, "next_slot": 0, "latest_ms": 0, "paused_until_ms": 0}
            # Of several first processes, all but one find the row there by now.
            first = insert_into(db, easybill_requests_accounts).on_conflict_do_nothing()
            db.execute(first, new)
            row = db.execute(self._lock_account).one()
        state = _State(*row)
        # Read after the lock is held: a moment from before would stamp the request too early.
        now = self._now(db)
        return (self._pull_back(db, state, now) if now < state.latest_ms else state), now

    def _now(self, db: Connection) -> int:
        if db.dialect.name != "postgresql":
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
        request = easybill_requests.c
        query = select(request.at_ms).where(request.account == self._account, request.slot == slot)
        at_ms = db.execute(query).scalar_one_or_none()
        # Moments are cut to whole milliseconds, hence one more.
        return 0 if at_ms is None else at_ms + self._interval_ms + 1

    def _record(self, db: Connection, slots: range, now: int) -> None:
        db.execute(
            insert(easybill_requests),
            [{"account": self._account, "slot": one, "at_ms": now} for one in slots],
        )
        db.execute(self._change_account.values(next_slot=slots.stop, latest_ms=now))
        if slots.start % _SLOTS_BETWEEN_SWEEPS < len(slots):
            request, long_ago = easybill_requests.c, now - self._interval_ms - 1
            db.execute(
                delete(easybill_requests).where(
                    request.account == self._account, request.at_ms < long_ago
                )
            )

    def _pull_back(self, db: Connection, state: _State, now: int) -> _State:
        request = easybill_requests.c
        db.execute(
            update(easybill_requests)
            .where(request.account == self._account, request.at_ms > now)
            .values(at_ms=now)
        )
        paused_until_ms = state.paused_until_ms - (state.latest_ms - now)
        db.execute(self._change_account.values(latest_ms=now, paused_until_ms=paused_until_ms))
        return state._replace(latest_ms=now, paused_until_ms=paused_until_ms)
