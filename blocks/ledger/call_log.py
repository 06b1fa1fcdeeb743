"""The log of calls: a row of `api_calls` per HTTP attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, insert

from blocks.ledger.leases import LeasedLedger
from blocks.ledger.statements import storable
from blocks.ledger.tables import api_calls
from blocks.ledger.transactions import writing


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
                    connection.execute(insert(api_calls), waiting)

    def record_call(
        self,
        *,
        at: datetime,
        month: str,
        customer_number: str | None,
        method: str,
        path: str,
        status: int | None,
        outcome: str,
        duration_ms: int,
        error: str | None,
        flow_run_id: str | None,
    ) -> None:
        """Append one HTTP attempt; `at` aware, no customer number where it concerns several."""
        row = {
            "at": at,
            "account": self.account,
            "month": month,
            "customer_number": customer_number,
            "method": method,
            "path": path,
            "status": status,
            "outcome": outcome,
            "duration_ms": duration_ms,
            "error": storable(error),
            "flow_run_id": flow_run_id,
        }
        if self._waiting is not None:
            self._waiting.append(row)
            return
        with writing(self._engine) as connection:
            connection.execute(insert(api_calls), row)

    @contextmanager
    def _fenced(self) -> Iterator[Connection]:
        with super()._fenced() as connection:
            yield connection
            if self._waiting:
                connection.execute(insert(api_calls), self._waiting)
                # If the commit's answer is lost, they may be there: none is written twice.
                self._waiting.clear()
