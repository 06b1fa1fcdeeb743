"""A run over a month: what was asked, and what it works with while it holds the month."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from prefect.runtime import flow_run

from blocks.ledger.preview import PreviewLedger, ReadOnlyLedger
from tasks.run.connections import Connections
from tasks.run.executor import Executor
from tasks.run.lease import month_held, this_process
from tasks.run.request import RunRequest


@dataclass(frozen=True, slots=True)
class MonthRun:
    """What was asked, and what the run works with."""

    request: RunRequest
    connections: Connections
    executor: Executor

    @property
    def folder(self) -> Path:
        """Where the files of this run go."""
        base = self.connections.export_dir
        return (base / "preview" if self.request.preview else base) / str(self.request.month)


@contextmanager
def hold_month(
    connections: Connections, request: RunRequest, executor: Executor
) -> Iterator[MonthRun]:
    """The run, which holds the month while the block lasts; a preview holds nothing.

    Raises MonthHeld where another run is working on the month.
    """
    if request.preview:
        preview = connections.ledger.seen_as(ReadOnlyLedger if request.compare else PreviewLedger)
        yield MonthRun(request, replace(connections, ledger=preview), executor)
        return
    holder = f"run {flow_run.name}" if flow_run.name else this_process()
    month = str(request.month)
    seconds = connections.lease_seconds
    with _frozen(), month_held(connections.ledger, month, holder, seconds) as (keeper, gate):
        ledger = connections.ledger.under(keeper.lease)
        yield MonthRun(request, replace(connections, ledger=ledger, gate=gate), executor)


@contextmanager
def _frozen() -> Iterator[None]:
    """Look for no garbage in what is there by now: that takes a twentieth of a run."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
