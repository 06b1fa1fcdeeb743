"""Tell many stories, on several processor cores, and sum up how they ended."""

import gc
import logging
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.cast import AS_IN_PRODUCTION, Cast
from tests.simulation.invariants import broken
from tests.simulation.paths import all_paths
from tests.simulation.play import play
from tests.simulation.story import Kind, Story, tell

SEEDS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Ending:
    """How the story of a seed ended."""

    seed: int
    kind: Kind
    faults: int
    doubles: int
    complaints: tuple[str, ...]
    paths: frozenset[str] = frozenset()


@dataclass(slots=True)
class Summary:
    """How many stories ended how."""

    stories: int = 0
    faults: int = 0
    doubles_told: int = 0
    seconds: float = 0.0
    failed: list[Ending] = field(default_factory=list)
    paths: Counter[str] = field(default_factory=Counter)

    def add(self, ending: Ending) -> None:
        self.stories += 1
        self.faults += ending.faults
        self.paths.update(ending.paths)
        if ending.complaints:
            self.failed.append(ending)
        else:
            self.doubles_told += ending.doubles

    def with_paths_of(self, kept: Mapping[str, Story]) -> "Summary":
        """The same, and the paths of the stories that are kept for paths too rare for seeds."""
        quiet()
        for story in kept.values():
            self.paths.update(set(play(story).stage.tables.paths))
        return self

    def rarest(self) -> list[tuple[str, int]]:
        """The paths that have to be taken, and how many stories took each; the rarest first."""
        return sorted(((path, self.paths[path]) for path in all_paths()), key=lambda each: each[1])

    def __str__(self) -> str:
        rate = self.stories / self.seconds if self.seconds else 0
        return (
            f"{self.stories} stories, {self.faults} faults, {rate:.0f} stories per second;"
            f" {self.doubles_told} doubles in the two cases that nothing can exclude, each reported"
            f" by the next run; {len(self.failed)} failures"
        )


def end_of(seed: int, cast: Cast = AS_IN_PRODUCTION) -> Ending:
    """Play the story of the seed; an exception that nobody expects is a complaint, too."""
    story = tell(seed)
    try:
        played = play(story, cast=cast)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} ({last.name}, line {last.lineno})"
        return Ending(seed, story.kind, 0, 0, (said,))
    documents = played.stage.easybill.documents.values()
    # Beside an invoice that is cancelled another may stand.
    names = [document.external_id for document in documents if document.cancel_id is None]
    doubles = len(names) - len(set(names))
    complaints, paths = tuple(broken(played)), frozenset(map(sys.intern, played.stage.tables.paths))
    return Ending(seed, story.kind, played.faults, doubles, complaints, paths)


def replay(seed: int) -> list[str]:
    """The story of the seed step by step, and what is wrong at its end."""
    return told_of(tell(seed), f"Story {seed}")


def told_of(story: Story, name: str) -> list[str]:
    """The story step by step, and what is wrong at its end."""
    told = [f"{name} ({story.kind}), customers {', '.join(story.customers)}"]
    try:
        played = play(story, told=told)
    except Exception:
        return [*told, traceback.format_exc()]
    return [*told, *(f"WRONG: {complaint}" for complaint in broken(played))]


def tell_many(seeds: Sequence[int], workers: int) -> Summary:
    """Tell the stories of these seeds."""
    summary, began = Summary(), time.monotonic()
    for ending in _endings(seeds, workers):
        summary.add(ending)
    summary.seconds = time.monotonic() - began
    return summary


def first_failure(seeds: Iterable[int], cast: Cast) -> Ending | None:
    """The first story that ends badly with this cast."""
    quiet()
    return next(
        (ending for ending in map(partial(end_of, cast=cast), seeds) if ending.complaints), None
    )


def quiet() -> None:
    """What the runs log is not read here."""
    logging.getLogger("invoicing").disabled = True


def _begin() -> None:
    """What a worker does first; what is loaded by then need not be looked through for garbage."""
    quiet()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _endings(seeds: Sequence[int], workers: int) -> Iterator[Ending]:
    if workers == 1:
        quiet()
        yield from map(end_of, seeds)
        return
    with multiprocessing.get_context("forkserver").Pool(workers, initializer=_begin) as pool:
        yield from pool.imap_unordered(end_of, seeds, chunksize=SEEDS_AT_ONCE)
        # Ended, not terminated: each worker removes its folder.
        pool.close()
        pool.join()
