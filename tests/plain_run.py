"""A month's run without Prefect, and without its pauses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flows.invoice_month import invoice_month
from tasks.easybill.upload import MonthDelivery
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections
from tasks.run.executor import Executor, PlainExecutor
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.request import RunRequest
from tasks.run.steps import Step

Result = TypeVar("Result")


def _no_pause(_: float) -> None:
    return None


WITHOUT_PAUSES = PlainExecutor(sleep=_no_pause)


class Meanwhile(PlainExecutor):
    """Something happens outside right before one of the steps."""

    def __init__(self, before: Step, happens: Callable[[], object]) -> None:
        super().__init__(sleep=_no_pause)
        self._before, self._happens = before, happens

    def run(self, step: Step, work: Callable[[], Result]) -> Result:
        if step is self._before:
            self._happens()
        return super().run(step, work)


@contextmanager
def held(
    connections: Connections, request: RunRequest, executor: Executor = WITHOUT_PAUSES
) -> Iterator[tuple[MonthRun, MonthDelivery]]:
    """The run and its delivery, while it holds the month."""
    with hold_month(connections, request, executor) as run:
        yield run, MonthDelivery(run.connections, request.month)


def run_plainly(
    connections: Connections, request: RunRequest, executor: Executor = WITHOUT_PAUSES
) -> RunReport:
    """Invoice the month in this process."""
    with held(connections, request, executor) as (run, delivery):
        return invoice_month(run, delivery)
