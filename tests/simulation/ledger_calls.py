"""The log of calls as a process of a story meets it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any, Self

from blocks.ledger.ledger import CallToLog
from blocks.ledger.statements import storable
from tests.simulation.ledger_tables import LedgerTables


class SimCallLog:
    """Logs each call at once, or one customer's with what came of it."""

    account: str
    _tables: LedgerTables
    _around: Callable[[str, Callable[[], Any]], Any]
    _unlogged: list[CallToLog] | None = None

    def record_call(self, call: CallToLog) -> None:
        call = replace(call, error=storable(call.error))
        if self._unlogged is None:
            self._around("record_call", lambda: self._tables.log([call]))
        else:
            self._unlogged.append(call)

    @contextmanager
    def for_one_customer(self) -> Iterator[Self]:
        ledger = copy(self)
        waiting = ledger._unlogged = []
        self._tables.unlogged.append(waiting)
        try:
            yield ledger
        finally:
            ledger._unlogged = None
            if waiting:
                self._around("record_call", lambda: self._log(waiting))

    def _log_waiting(self) -> None:
        if self._unlogged:
            self._log(self._unlogged)

    def _log(self, waiting: list[CallToLog]) -> None:
        self._tables.log(waiting)
        waiting.clear()
