"""Stories end well, are the same each time, and find a bug that is planted."""

import pytest

from tests.simulation.cast import Cast
from tests.simulation.guards import IncludesTheEnd, NeverLooks
from tests.simulation.story import Kind, tell
from tests.simulation.telling import end_of, first_failure, replay, tell_many

SEEDS = range(1, 301)


def test_all_stories_end_well() -> None:
    """`make simulate` tells many more."""
    summary = tell_many(SEEDS, workers=1)
    assert [(ending.seed, ending.complaints) for ending in summary.failed] == []
    assert summary.faults >= 10 * len(SEEDS)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_story_is_told_the_same_way_each_time(seed: int) -> None:
    assert replay(seed) == replay(seed)


def test_a_double_that_nothing_can_exclude_is_reported_by_the_next_run() -> None:
    seeds = [seed for seed in range(1, 1500) if tell(seed).kind is not Kind.USUAL]
    endings = [end_of(seed) for seed in seeds]
    assert any(ending.doubles for ending in endings)
    assert [ending for ending in endings if ending.complaints] == []


@pytest.mark.parametrize("cast", [Cast(delivery=NeverLooks), Cast(oms=IncludesTheEnd)])
def test_a_planted_bug_is_found(cast: Cast) -> None:
    assert first_failure(SEEDS, cast) is not None
