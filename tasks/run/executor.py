"""What runs the steps of a run, in order; Prefect's way is in prefect_executor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

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
