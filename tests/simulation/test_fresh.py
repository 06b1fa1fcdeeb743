"""Fresh stories are other ones than the fixed, and the same ones for the same commit."""

from tests.simulation.fresh import first_fresh_seed
from tests.simulation.paths import FIXED_STORIES


def test_fresh_stories_begin_beyond_the_fixed_ones() -> None:
    assert first_fresh_seed() > FIXED_STORIES
