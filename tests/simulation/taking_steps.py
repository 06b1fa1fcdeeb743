"""How a process of a story runs the steps of a run: as Prefect would, in virtual time."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import msgspec

from blocks.easybill.layout import Lines
from blocks.easybill.layout_text import FileForm
from blocks.easybill.layout_vocabulary import FIELDS
from tasks.run.steps import BUILD, KEEP_REPORT, Step
from tests.plain_run import PlainExecutor
from tests.simulation.process import Process

Result = TypeVar("Result")


class QuickLayout:
    """A layout as the steps see one; the real one takes longer to write than a whole story."""

    text = sha256 = "quick"
    form = FileForm()
    fields = tuple(FIELDS)
    names_lines = True

    def write_all(self, files: Sequence[Lines]) -> list[bytes]:
        """Each file as JSON."""
        return [msgspec.json.encode(lines) for lines in files]

    def read_all(self, contents: Sequence[bytes]) -> list[Lines]:
        """The lines of each file."""
        return [self.read(content) for content in contents]

    def read(self, content: bytes) -> Lines:
        """The lines of one file."""
        return msgspec.json.decode(content, type=dict[str, list[str]])

    parse = read


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
            return self._process.step("build a file", 0.001, work)
        return super().run(step, work)
