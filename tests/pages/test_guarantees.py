"""Each cell of the matrix names something that is there and is played."""

import ast
from functools import cache
from itertools import chain

import pytest

from tests.pages.guarantees import (
    GUARD,
    KEPT,
    PROMISES,
    STORIES,
    Cell,
    Failure,
    Verdict,
    german_words,
    guarantees,
    notes_of,
    switch_of,
)
from tests.shared import ROOT
from tests.simulation.guards import GUARDS
from tests.simulation.kept import kept_stories

FAILURES = guarantees().failures
CELLS = list(chain.from_iterable(failure.cells().values() for failure in FAILURES))


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.words)
def test_all_that_shows_a_cell_is_there(failure: Failure) -> None:
    for promise, cell in failure.cells().items():
        assert [each for each in cell.shown_by if not is_there(each)] == [], promise


def test_what_is_kept_or_named_is_shown_and_what_is_not_kept_says_why() -> None:
    assert [cell for cell in CELLS if not is_filled(cell)] == []


def test_a_failure_is_there_once() -> None:
    words = [failure.words for failure in FAILURES]
    assert len(set(words)) == len(words) >= 30


@pytest.mark.parametrize(
    "shown_by",
    [
        "tests/pages/test_guarantees.py::test_that_is_not_there",
        "tests/pages/test_gone.py::test_a_failure_is_there_once",
        "tests/pages/guarantees.py::guarantees",
        f"{GUARD}a guard of nobody",
        f"{KEPT}a-story-that-nobody-kept",
        f"{STORIES}NO_TROUBLE",
    ],
)
def test_what_is_not_there_is_seen(shown_by: str) -> None:
    assert not is_there(shown_by)


def test_every_word_of_the_table_has_a_german_one_and_none_is_left_over() -> None:
    words = german_words()
    assert words.promises.keys() == set(PROMISES.values())
    assert words.verdicts.keys() == set(Verdict)
    assert words.failures.keys() == {failure.words for failure in FAILURES}
    assert words.notes.keys() == set(notes_of(FAILURES))


def test_the_german_page_has_as_many_sections_promises_and_limits() -> None:
    english, german = guarantees(), german_words()
    for part in ("introduction", "matrix", "limits"):
        ours, theirs = getattr(english, part), getattr(german, part)
        for mark in ("\n#", "\n- **", "\n| "):
            assert theirs.count(mark) == ours.count(mark), (part, mark)
    tables = [evidence.count("\n| ") for evidence in (english.evidence, german.evidence)]
    assert tables[0] == tables[1]


def is_filled(cell: Cell) -> bool:
    if cell.verdict is Verdict.NOT_KEPT:
        return cell.why is not None
    return bool(cell.shown_by) or cell.verdict is Verdict.DOES_NOT_APPLY


def is_there(shown_by: str) -> bool:
    if shown_by.startswith(GUARD):
        return shown_by.removeprefix(GUARD) in {guard.name for guard in GUARDS}
    if shown_by.startswith(KEPT):
        return shown_by.removeprefix(KEPT) in kept_stories()
    if shown_by.startswith(STORIES):
        return is_played(shown_by.removeprefix(STORIES))
    path, _, name = shown_by.partition("::")
    return name in names_in(path)


def is_played(trouble: str) -> bool:
    """Whether stories have it."""
    try:
        switch_of(trouble)
    except KeyError:
        return False
    return True


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not (file.name.startswith("test_") and file.is_file()):
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in found if node.name.startswith("test_"))
