"""Every story that once ended badly, or takes a path too rare for seeds, is told again for good."""

import pytest

from tests.simulation.invariants import broken
from tests.simulation.kept import kept_stories
from tests.simulation.play import play
from tests.simulation.telling import quiet

STORIES = kept_stories()


@pytest.mark.parametrize("name", STORIES)
def test_a_kept_story_ends_well(name: str) -> None:
    quiet()
    assert broken(play(STORIES[name])) == []
