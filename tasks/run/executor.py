"""The executor: runs the steps of a run in order; Prefect's version is in prefect_executor."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tasks.run.failures import may_be_repeated
from tasks.run.steps import Step

Subject = TypeVar("Subject")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Keyed(Generic[Subject]):
    """What one mapped piece of work is about.

    `key` is for people, `digest` tells whether it is the same as before.
    """

    key: str
    digest: str
    subject: Subject


class Executor(Protocol):
    """Runs steps, each as the table of steps says."""

    def run(self, step: Step, work: Callable[[], Result]) -> Result:
        """Run a step and answer its result; raises what its last attempt raised."""
        ...

    def map(
        self,
        step: Step,
        work: Callable[[Subject], Result],
        subjects: Sequence[Keyed[Subject]],
        *,
        refresh: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> list[Result | Exception]:
        """Run a step for each subject; its result or the exception it ended with, in their order.

        `refresh`: results that the cache knows are made again. `on_done` is called after each.
        """
        ...


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
        refresh: bool = False,  # noqa: ARG002 - nothing is cached here
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
