"""How a process of a story runs the steps of a run: as Prefect would, in virtual time."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

import msgspec

from blocks.easybill.layout import COLUMNS, Layout
from tasks.run.steps import BUILD, KEEP_REPORT, Step
from tests.plain_run import PlainExecutor
from tests.simulation.process import Process

Result = TypeVar("Result")


def _write(rows: Iterable[Mapping[str, str]]) -> bytes:
    return msgspec.json.encode(list(rows))


def _read(content: bytes) -> list[dict[str, str]]:
    return msgspec.json.decode(content, type=list[dict[str, str]])


# The import layout takes longer to write than all the rest of a story.
QUICK_LAYOUT = Layout(COLUMNS, _write, _read)


class SimExecutor(PlainExecutor):
    """The steps of production; a file is built in a step of the process, which may die in it."""

    def __init__(self, process: Process) -> None:
        super().__init__(sleep=process.sleep)
        self._process = process

    def run(self, step: Step, work: Callable[[], Result]) -> Result:
        if step is KEEP_REPORT:
            # Nobody reads the page of a story, and it takes long to write.
            return cast("Result", None)
        if step is BUILD:
            return self._process.step(0.001, work)
        return super().run(step, work)
