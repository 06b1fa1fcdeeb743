"""Processes that start quickly, because all that they import is there already."""

import gc
import multiprocessing
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from threading import Lock
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")
LONGEST_RUN_S = 1800

# Forked from a process that has no threads: a fork of pytest's own could inherit a held lock.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.crash.preloaded"])
# Two threads that ask for the same exit code at once: one of them is told 255.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Ended(Generic[Answer]):
    """How a process ended: its exit code (-9: killed), and its answer or its traceback."""

    exit_code: int | None
    answer: Answer | None
    traceback: str

    def answered(self) -> Answer:
        """Its answer, which it is asserted to have given."""
        assert self.answer is not None, f"exit code {self.exit_code}: {self.traceback}"
        return self.answer


class Started(Generic[Answer]):
    """A process that works on one call."""

    def __init__(self, work: Callable[..., Answer], *values: object) -> None:
        self._here, there = _context.Pipe(duplex=False)
        self._process = _context.Process(target=_work, args=(there, work, values), daemon=True)
        with _one_at_a_time:
            self._process.start()
        there.close()

    def kill(self) -> None:
        """Kill it from outside, whatever it is doing."""
        self._process.kill()

    def ended(self) -> Ended[Answer]:
        """Wait for its end."""
        answer, told = None, ""
        try:
            if self._here.poll(LONGEST_RUN_S):
                answer, told = self._here.recv()
        except EOFError:
            told = "it said nothing"
        wait([self._process.sentinel], LONGEST_RUN_S)
        with _one_at_a_time:
            exit_code = self._process.exitcode
            if exit_code is None:
                self._process.kill()
            self._process.join()
            self._process.close()
        self._here.close()
        return Ended(exit_code, answer, told)


def _work(there: Connection, work: Callable[..., Any], values: tuple[object, ...]) -> None:
    # A module that cannot be imported is passed over in silence, and all takes five times as long.
    assert gc.get_freeze_count() > 0, "tests.crash.preloaded was not imported"
    try:
        answer, told = work(*values), ""
    except BaseException:
        answer, told = None, traceback.format_exc()
    there.send((answer, told))
    there.close()
