"""What can befall two runs: one crash, one lost or late answer, one act, one change; all of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, get_args

from tests.simulation.faults import Fault

Act = Literal["retitles", "finalises", "deletes"]
# A request is lost on its way, its answer is, or it takes effect after the client gave up.
FAULTS = (Fault.LOST, Fault.TIMED_OUT, Fault.SLOW)


class Change(StrEnum):
    """What happens in the OMS between the runs."""

    NOTHING = "nothing"
    LATE = "S2 comes late"
    GONE = "S1 is gone"
    PRICE = "S1 has another price"


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the two runs, as it was sent: the n-th of its run."""

    run: str
    number: int
    method: str
    path: str
    has_draft: bool

    @property
    def point(self) -> "Point":
        return Point(self.run, self.number)

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_of_documents(self) -> bool:
        return self.path.startswith("/documents")


@dataclass(frozen=True, slots=True)
class Point:
    """The moment of the n-th request of a run."""

    run: str
    number: int

    def __str__(self) -> str:
        return f"request {self.number} of {self.run}"


@dataclass(frozen=True, slots=True)
class Combination:
    """One way in which it can go; what is None does not happen."""

    change: Change = Change.NOTHING
    crash: tuple[Point, Literal["before", "after"]] | None = None
    answer: tuple[Point, Fault] | None = None
    act: tuple[Point, Act] | None = None

    def __str__(self) -> str:
        said = [f"OMS: {self.change}"]
        if self.crash is not None:
            point, when = self.crash
            said.append(f"the process dies {when} it has sent {point}")
        if self.answer is not None:
            point, fault = self.answer
            said.append(f"{point}: {fault}")
        if self.act is not None:
            point, act = self.act
            said.append(f"the accountant {act} the draft before {point}")
        return "; ".join(said)

    @property
    def disturbances(self) -> int:
        """How many of crash, answer and act there are."""
        return sum(each is not None for each in (self.crash, self.answer, self.act))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a combination ended: the requests of its two runs, and what is not as it must be."""

    combination: Combination
    requests: tuple[Request, ...]
    complaints: tuple[str, ...]


Play = Callable[[Combination], Ending]
Options = Callable[[Combination, Request], Iterator[Combination]]


def branches(play: Play) -> list[Combination]:
    """Each change without and with each crash; every combination grows from one of these."""
    calm = [play(Combination(change)) for change in Change]
    return [each for ending in calm for each in _each(ending, _crashes)]


def endings_from(branch: Combination, play: Play, at_most: int) -> Iterator[Ending]:
    """How each combination ends that grows from the branch.

    What the two runs never come to is no combination.
    """
    crashed = play(branch)
    yield crashed
    for options in (_answers, _acts):
        for combination in _each(crashed, options):
            if combination.disturbances > at_most or combination is branch:
                continue
            ending = play(combination)
            yield ending
            if options is _answers and combination.disturbances < at_most:
                yield from (play(each) for each in _each(ending, _acts) if each is not combination)


def _each(ending: Ending, options: Options) -> Iterator[Combination]:
    """The combination, and it with each option at each of the requests that it comes to."""
    yield ending.combination
    for request in ending.requests:
        yield from options(ending.combination, request)


def _crashes(base: Combination, request: Request) -> Iterator[Combination]:
    if request.writes:
        yield replace(base, crash=(request.point, "before"))
        yield replace(base, crash=(request.point, "after"))


def _answers(base: Combination, request: Request) -> Iterator[Combination]:
    # What died before it was sent has no answer.
    if not request.writes or base.crash == (request.point, "before"):
        return
    for fault in FAULTS:
        if fault is not Fault.SLOW or request.is_of_documents:
            yield replace(base, answer=(request.point, fault))


def _acts(base: Combination, request: Request) -> Iterator[Combination]:
    # Between two requests that read nothing of the draft, nothing is different.
    if request.has_draft and (request.writes or request.is_of_documents):
        yield from (replace(base, act=(request.point, act)) for act in get_args(Act))
