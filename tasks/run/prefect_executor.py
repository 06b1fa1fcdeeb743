"""The executor that runs steps as Prefect tasks, so that a person sees and retries them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.futures import as_completed

from tasks.run.executor import Keyed
from tasks.run.failures import may_be_repeated
from tasks.run.steps import Step, Way

Subject = TypeVar("Subject")
Result = TypeVar("Result")

# Customers that failed together are not tried again together.
JITTER = 0.5


class PrefectExecutor:
    """Runs steps as tasks of the flow run under way.

    A task run has keys, not invoices: what it works on stays here, and a retried run brings it
    again.
    """

    def run(self, step: Step, work: Callable[[], Result]) -> Result:
        """Run the step, as a task where the table says so."""
        if step.way is Way.PLAIN:
            return work()

        def one_task() -> Result:
            return work()

        return cast("Result", _task(step, one_task)())

    def map(
        self,
        step: Step,
        work: Callable[[Subject], Result],
        subjects: Sequence[Keyed[Subject]],
        *,
        refresh: bool = False,
        on_done: Callable[[], None] | None = None,
    ) -> list[Result | Exception]:
        """Run the step as one task per subject."""
        if not subjects:
            return []
        store = {keyed.key: keyed.subject for keyed in subjects}

        def of_key(key: str, digest: str) -> Result:  # noqa: ARG001 - part of the task run's key
            return work(store[key])

        task = _task(step, of_key).with_options(
            task_run_name=f"{step.name} {{key}}", refresh_cache=refresh
        )
        futures = task.map([keyed.key for keyed in subjects], [keyed.digest for keyed in subjects])
        if on_done is not None:
            for _ in as_completed(list(futures)):
                on_done()
        return [future.result(raise_on_failure=False) for future in futures]


def _task(step: Step, work: Callable[..., Any]) -> Task[..., Any]:
    task = Task(
        work,
        name=step.name,
        persist_result=step.is_cached,
        **({"cache_key_fn": _cache_key} if step.is_cached else {"cache_policy": NO_CACHE}),
        retries=step.attempts - 1,
        retry_delay_seconds=step.pauses_s or None,
        retry_jitter_factor=JITTER if step.way is Way.MAPPED and step.attempts > 1 else None,
        retry_condition_fn=_may_be_repeated,
    )
    # By itself Prefect names all our tasks after the one function that makes them.
    task.task_key = step.name
    return task


def _cache_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    return f"{context.task.name}-{parameters['key']}-{parameters['digest']}"


def _may_be_repeated(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    return may_be_repeated(state.result(raise_on_failure=False))
