"""What Prefect may try again by itself: what easybill provably did not do, or what is looked up."""

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from blocks.easybill.errors import Unavailable
from tasks.run.failures import CustomerFailure


def easybill_had_no_time(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether a step that only reads, or looks before it writes, met a passing fault."""
    return isinstance(state.result(raise_on_failure=False), Unavailable)


def may_be_repeated(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether a customer's delivery may be taken up again; never after a refusal."""
    failure = state.result(raise_on_failure=False)
    return isinstance(failure, CustomerFailure) and failure.repeatable
