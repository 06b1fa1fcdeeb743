"""A story that ends badly is cut down, and what is left is kept and told the same way."""

from collections.abc import Sequence
from pathlib import Path

from tests.simulation.cast import Cast
from tests.simulation.guards import NeverLooks
from tests.simulation.kept import read, write
from tests.simulation.play import play
from tests.simulation.shrink import as_told, fewest, rules_broken, shrunk
from tests.simulation.story import tell
from tests.simulation.telling import first_failure, quiet

CAST = Cast(delivery=NeverLooks)


def test_the_fewest_items_are_found_wherever_they_are() -> None:
    def fails(some: Sequence[int]) -> bool:
        return {3, 17, 18} <= set(some)

    assert list(fewest(range(40), fails)) == [3, 17, 18]


def test_a_story_is_told_from_what_befell_as_it_was_drawn() -> None:
    quiet()
    for seed in range(1, 30):
        story = tell(seed)
        drawn: list[str] = []
        told: list[str] = []
        play(story, told=drawn)
        play(as_told(story), told=told)
        assert _without_chances(told) == _without_chances(drawn)


def test_a_failing_story_is_cut_down_and_kept(tmp_path: Path) -> None:
    found = first_failure(range(1, 300), CAST)
    assert found is not None
    story = tell(found.seed)
    short = shrunk(story, CAST)
    assert short is not None
    assert short.befalls is not None
    assert len(short.steps) <= 4
    assert len(short.befalls) <= 3
    write(short, tmp_path / "short.json")
    kept = read(tmp_path / "short.json")
    assert rules_broken(kept, CAST) == rules_broken(short, CAST)
    assert rules_broken(kept) == frozenset()


def _without_chances(told: list[str]) -> list[str]:
    """Without the rates at which troubles are drawn: a told story has none."""
    return [line.partition(" (faults ")[0] for line in told]
