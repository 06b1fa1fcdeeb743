"""Rare paths are counted, and one that no story takes fails the run."""

import pytest

from blocks.ledger.protocol import TABLE
from tests.simulation import __main__ as command
from tests.simulation.paths import FIXED_STORIES, all_paths
from tests.simulation.story import Kind
from tests.simulation.telling import Ending, Summary

ALL = frozenset(all_paths())


def _told(stories: int, paths: frozenset[str]) -> Summary:
    summary = Summary()
    for seed in range(stories):
        summary.add(Ending(seed, Kind.USUAL, 0, 0, (), paths))
    return summary


def test_each_row_of_the_table_is_a_path() -> None:
    rows = sum(path.startswith("ledger: ") for path in ALL)
    # Four events that stories do not have, and a row for what older releases wrote.
    assert rows == len(TABLE) - 5


@pytest.mark.parametrize(
    ("stories", "paths", "code"),
    [
        (FIXED_STORIES, ALL, 0),
        (FIXED_STORIES, ALL - {min(ALL)}, 1),
        (FIXED_STORIES - 1, ALL - {min(ALL)}, 0),
    ],
)
def test_a_path_that_is_never_taken_fails_the_fixed_stories(
    stories: int, paths: frozenset[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.judged(_told(stories, paths)) == code
    assert (f"never taken: {min(ALL)}" in capsys.readouterr().out) == (min(ALL) not in paths)
