"""The trial of many mutants: several processes at once, each mutant until its first kill."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from tests.mutation.copies import Copy
from tests.mutation.judging import Judge, judge, run_tests, tell_stories
from tests.mutation.modules import Judged
from tests.mutation.mutants import Mutant

# The seeds of the stories: a few kill most mutants in seconds, many are for what lives on.
QUICK_STORIES = range(1, 101)
STORIES = (range(101, 2_001), range(2_001, 10_001))
# Whoever has found no end by then is ended, with all that it has started.
LONGEST_TRIAL_S = 3600.0
_FORK = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Case:
    """A mutant, the judges that have not seen it, and what killed it."""

    judged: Judged
    mutant: Mutant
    judges: deque[tuple[str, Judge]]
    killed_by: str | None = None
    said: str | None = None

    @property
    def name(self) -> str:
        return f"{self.judged.path}:{self.mutant.line} {self.mutant.name}"


@dataclass(slots=True)
class _Sitting:
    """A process that judges, in its copy of the checkout."""

    copy: Copy
    case: Case
    process: ForkProcess
    verdict: Connection
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def case_of(judged: Judged, mutant: Mutant, *, is_listed: bool) -> Case:
    """The mutant before its judges, the quickest first; a listed one meets the tests alone."""
    judges: deque[tuple[str, Judge]] = deque(
        ("tests", partial(run_tests, (each,))) for each in judged.tests
    )
    if judged.has_stories and not is_listed:
        judges.appendleft(_stories(QUICK_STORIES))
        judges += map(_stories, STORIES)
    return Case(judged, mutant, judges)


def unchanged(judged: Judged, source: str) -> Case:
    """The module as it is, which no judge may find fault with."""
    judges: deque[tuple[str, Judge]] = deque([("tests", partial(run_tests, judged.tests))])
    if judged.has_stories:
        judges.append(_stories(QUICK_STORIES))
    return Case(judged, Mutant("unchanged", 0, source), judges)


def _stories(seeds: range) -> tuple[str, Judge]:
    return "stories", partial(tell_stories, seeds.start, seeds.stop)


def tried(cases: Sequence[Case], jobs: int, longest_s: float = LONGEST_TRIAL_S) -> Iterator[Case]:
    """Each case once it is closed; a judge that takes longer than `longest_s` is ended."""
    open_ = deque(cases)
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(jobs)]
        free = [Copy(Path(folder)) for folder in folders]
        sitting: list[_Sitting] = []
        stack.callback(_end_all, sitting)
        while open_ or sitting:
            while open_ and free:
                sitting.append(_sit(free.pop(), open_.popleft()))
            wait([each.verdict for each in sitting], timeout=1)
            for over in [s for s in sitting if s.verdict.poll() or s.seconds > longest_s]:
                sitting.remove(over)
                case = _rise(over)
                free.append(over.copy)
                if case.killed_by is None and case.judges:
                    open_.append(case)
                else:
                    yield case


def _sit(copy: Copy, case: Case) -> _Sitting:
    copy.write(case.judged.path, case.mutant.source)
    receiver, sender = _FORK.Pipe(duplex=False)
    _, work = case.judges[0]
    process = _FORK.Process(target=judge, args=(copy.root, work, sender))
    process.start()
    sender.close()
    return _Sitting(copy, case, process, receiver)


def _rise(sitting: _Sitting) -> Case:
    """End the process, and hear what it found."""
    case = sitting.case
    name, _ = case.judges.popleft()
    try:
        case.said = sitting.verdict.recv() if sitting.verdict.poll() else "never ended"
    except EOFError:
        case.said = "the process died"
    case.killed_by = name if case.said is not None else None
    sitting.process.join(10)
    _end_all([sitting])
    sitting.copy.restore(case.judged.path)
    return case


def _end_all(sittings: Sequence[_Sitting]) -> None:
    for each in sittings:
        if each.process.is_alive() and each.process.pid is not None:
            os.killpg(each.process.pid, signal.SIGKILL)
        each.process.join()
