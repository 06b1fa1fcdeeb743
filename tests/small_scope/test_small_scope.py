"""All that can befall two runs with up to two disturbances ends well; what is planted is found."""

from functools import partial

import pytest

from tests.simulation.cast import Cast
from tests.simulation.guards import GUARDS, NeverLooks, TrustsTheFirstLook
from tests.small_scope.__main__ import NEED_MORE
from tests.small_scope.combinations import Change, Combination, Point, branches, endings_from
from tests.small_scope.playing import play
from tests.small_scope.telling import first_failure, play_all


def test_every_combination_of_up_to_two_disturbances_ends_well() -> None:
    """`python -m tests.small_scope` plays those of three, too."""
    summary = play_all(at_most=2, workers=1)
    assert [(str(ending.combination), ending.complaints) for ending in summary.failed] == []
    assert summary.counts[0] == len(Change)
    assert summary.counts[1] > 100
    assert summary.counts[2] > 1000


def test_each_combination_is_played_once() -> None:
    found = [
        ending.combination
        for branch in branches(play)
        if branch.change is Change.NOTHING
        for ending in endings_from(branch, play, at_most=2)
    ]
    assert len(found) == len(set(found)) > 100


def test_a_process_dies_where_it_is_said() -> None:
    for when, sent in [("before", 0), ("after", 1)]:
        ending = play(Combination(crash=(Point("run 1", 4), when)))  # type: ignore[arg-type]
        assert [r.number for r in ending.requests if r.run == "run 1"] == [1, 2, 3, 4]
        again = [r for r in ending.requests if r.run == "run 2" and r.path == "/attachments"]
        assert sum(r.method == "POST" for r in again) == 1 - sent


def test_what_the_accountant_has_finalised_is_not_updated() -> None:
    def is_updated(combination: Combination) -> bool:
        requests = play(combination).requests
        return any((r.method, r.is_of_documents) == ("PUT", True) for r in requests)

    assert is_updated(Combination(Change.PRICE))
    assert not is_updated(Combination(Change.PRICE, act=(Point("run 2", 2), "finalises")))


@pytest.mark.parametrize("cast", [Cast(delivery=NeverLooks), Cast(gate=TrustsTheFirstLook)])
def test_a_planted_bug_is_found(cast: Cast) -> None:
    ending = first_failure(cast, at_most=1)
    assert ending is not None
    assert partial(play, cast=cast)(ending.combination).complaints == ending.complaints


def test_only_guards_are_named_as_needing_more() -> None:
    assert NEED_MORE.keys() <= {guard.name for guard in GUARDS}
