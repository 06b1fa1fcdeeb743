"""Every story that once ended badly, or takes a path too rare for seeds, is told again for good."""

import pytest

from tests.simulation.cast import Cast
from tests.simulation.guards import SendsWithoutLease
from tests.simulation.invariants import broken
from tests.simulation.kept import kept_stories
from tests.simulation.play import play
from tests.simulation.telling import quiet

STORIES = kept_stories()


@pytest.mark.parametrize("name", STORIES)
def test_a_kept_story_ends_well(name: str) -> None:
    quiet()
    assert broken(play(STORIES[name])) == []


def test_a_run_that_slept_would_send_again_if_it_did_not_look_at_its_lease() -> None:
    """A pause at just this place is too rare for the seeds."""
    story = STORIES["a-run-sleeps-before-it-sends-and-another-takes-the-month-over"]
    wrong = broken(play(story, cast=Cast(gate=SendsWithoutLease)))
    assert "2 documents have oms:2026-11:K1" in wrong
