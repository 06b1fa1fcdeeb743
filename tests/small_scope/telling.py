"""Play every combination, on several processor cores, and sum up how they ended."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.telling import quiet
from tests.small_scope.combinations import Combination, Ending, branches, endings_from
from tests.small_scope.playing import play


@dataclass(slots=True)
class Summary:
    """How many combinations there are, by the number of their disturbances, and which end badly."""

    counts: Counter[int] = field(default_factory=Counter)
    failed: list[Ending] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, ending: Ending) -> None:
        self.counts[ending.combination.disturbances] += 1
        if ending.complaints:
            self.failed.append(ending)

    def __str__(self) -> str:
        by_number = ", ".join(f"{self.counts[n]} with {n}" for n in sorted(self.counts))
        return (
            f"{self.counts.total()} combinations ({by_number} disturbances) in"
            f" {self.seconds:.0f} s; {len(self.failed)} failures"
        )


def play_all(at_most: int, workers: int) -> Summary:
    """Play every combination with at most this number of disturbances."""
    quiet()
    summary, began = Summary(), time.monotonic()
    for endings in _endings(at_most, workers):
        for ending in endings:
            summary.add(ending)
    summary.seconds = time.monotonic() - began
    return summary


def first_failure(cast: Cast, at_most: int) -> Ending | None:
    """The first combination that ends badly with this cast; those with the fewest first."""
    quiet()
    play_it = partial(play, cast=cast)
    for fewest in range(1, at_most + 1):
        for branch in branches(play_it):
            for ending in endings_from(branch, play_it, fewest):
                if ending.complaints:
                    return ending
    return None


def _endings(at_most: int, workers: int) -> Iterator[Sequence[Ending]]:
    play_branch = partial(_endings_from, at_most=at_most)
    if workers == 1:
        yield from map(play_branch, branches(play))
        return
    with multiprocessing.get_context("forkserver").Pool(workers, initializer=quiet) as pool:
        yield from pool.imap_unordered(play_branch, branches(play))
        # Ended, not terminated: each worker removes its folder.
        pool.close()
        pool.join()


def _endings_from(branch: Combination, at_most: int) -> list[Ending]:
    return list(endings_from(branch, partial(play, cast=AS_IN_PRODUCTION), at_most))
