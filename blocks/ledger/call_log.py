"""The log of calls: a row of `api_calls` per HTTP attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Self

from sqlalchemy import Connection, insert

from blocks.ledger.leases import LeasedLedger
from blocks.ledger.records import CallToLog
from blocks.ledger.statements import storable
from blocks.ledger.tables import api_calls
from blocks.ledger.transactions import writing

# dataclasses.asdict copies each value deeply, which takes longer than the rest of a call's row.
CALL_COLUMNS = CallToLog.__slots__
# Built once: to build a statement takes longer than to run it.
_INSERT = insert(api_calls)


class CallLog(LeasedLedger):
    """A ledger that logs calls: each at once, or one customer's with what came of it."""

    # The rows that wait for the next write; None where each is written at once.
    _waiting: list[dict[str, object]] | None = None

    @contextmanager
    def for_one_customer(self) -> Iterator[Self]:
        """The same ledger, for one customer in one thread.

        Its calls wait for its next write, which says what came of them, and go into the same
        transaction; where none comes, they are written when the block ends.
        """
        ledger = copy(self)
        waiting: list[dict[str, object]] = []
        ledger._waiting = waiting  # noqa: SLF001 - it is one of us
        try:
            yield ledger
        finally:
            # An answer that comes after the end of the block is logged at once.
            ledger._waiting = None  # noqa: SLF001 - the same
            if waiting:
                with writing(self._engine) as connection:
                    connection.execute(_INSERT, waiting)

    def record_call(self, call: CallToLog) -> None:
        """Append one HTTP attempt."""
        row = {"account": self.account} | {name: getattr(call, name) for name in CALL_COLUMNS}
        row["error"] = storable(call.error)
        if self._waiting is not None:
            self._waiting.append(row)
            return
        with writing(self._engine) as connection:
            connection.execute(_INSERT, row)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with super()._writing() as connection:
            yield connection
            if self._waiting:
                connection.execute(_INSERT, self._waiting)
                # If the commit's answer is lost, they may be there: none is written twice.
                self._waiting.clear()
