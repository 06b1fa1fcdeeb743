"""A month's run without Prefect: its connections, its executor, and no pauses."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from blocks.bounds.settings import SenseSettings
from blocks.easybill.settings import EasybillSettings
from blocks.ledger.settings import LedgerSettings
from blocks.oms.settings import OmsSettings
from flows.invoice_month import invoice_month
from tasks.easybill.upload import MonthDelivery
from tasks.report.run_report import RunReport
from tasks.run.connections import Connections, connect
from tasks.run.executor import Executor, Keyed
from tasks.run.failures import may_be_repeated
from tasks.run.month_run import MonthRun, hold_month
from tasks.run.request import RunRequest
from tasks.run.steps import Step

Subject = TypeVar("Subject")
Result = TypeVar("Result")


def connect_by_settings() -> Connections:
    """Open what the environment says, without asking Prefect for blocks."""
    return connect(
        OmsSettings().to_block(),
        EasybillSettings().to_block(),
        LedgerSettings().to_block(),
        SenseSettings().to_block(),
    )


class PlainExecutor:
    """Runs the steps without Prefect; nothing is cached.

    `customers_at_once`: threads for the steps that are mapped.
    """

    def __init__(
        self, sleep: Callable[[float], None] = time.sleep, customers_at_once: int = 1
    ) -> None:
        self._sleep = sleep
        self._customers_at_once = customers_at_once

    def run(self, step: Step, work: Callable[[], Result]) -> Result:
        """Run the step, and again where that may help."""
        for pause_s in step.pauses_s:
            try:
                return work()
            except Exception as error:
                if not may_be_repeated(error):
                    raise
            self._sleep(pause_s)
        return work()

    def map(
        self,
        step: Step,
        work: Callable[[Subject], Result],
        subjects: Sequence[Keyed[Subject]],
        *,
        refresh: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> list[Result | Exception]:
        """Run the step for each subject, one after another or in threads."""

        def outcome(keyed: Keyed[Subject]) -> Result | Exception:
            try:
                return self.run(step, lambda: work(keyed.subject))
            except Exception as error:
                return error
            finally:
                if on_done is not None:
                    on_done()

        if self._customers_at_once == 1:
            return [outcome(keyed) for keyed in subjects]
        with ThreadPoolExecutor(self._customers_at_once) as pool:
            return list(pool.map(outcome, subjects))


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
