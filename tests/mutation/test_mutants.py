"""The small changes that are made of a module, their names, and how a trial of them ends."""

import ast
import importlib
from collections import deque
from pathlib import Path

import pytest

from tests.mutation.copies import Copy
from tests.mutation.equivalents import FILE, equivalents_of, outdated
from tests.mutation.modules import MODULES, Judged, modules_named
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.trial import Case, tried
from tests.shared import ROOT


def changes(source: str) -> set[str]:
    """What each mutant says in the only line of a function."""
    body = f"def f(a, b, c):\n    {source}\n"
    whole = ast.unparse(ast.parse(body))
    for mutant in mutants_of(body):
        assert mutant.source != whole
    return {mutant.name.removeprefix("f: ") for mutant in mutants_of(body)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("return a < b", {"return a < b -> return not a < b", "return a < b -> return a <= b"}),
        ("x = a and b", {"a and b -> a or b", "a and b -> a", "a and b -> b"}),
        ("x = a - b", {"a - b -> a + b", "a - b -> a", "a - b -> b"}),
        ("a.go(b, c=c)", {"a.go(b, c=c) -> pass", "a.go(b, c=c) -> a.go(b)"}),
        ("x = go(a).on(b)", {"go(a).on(b) -> go(a)"}),
        ("x = q.where(a, b)", {"q.where(a, b) -> q.where(a)", "q.where(a, b) -> q.where(b)"}),
        ("raise a", {"raise a -> pass"}),
        ("a.b = c", {"a.b = c -> pass"}),
        ("a = f(a)", {"a = f(a) -> pass"}),
        ("x = {a, b}", {"{a, b} -> {a}", "{a, b} -> {b}"}),
        ("return 1", {"return 1 -> return 2"}),
        ("return False", {"return False -> return True"}),
        ("run_log().info('done', a)", set()),
        ("x: int | None = None", set()),
        ("x = f'{a + b}'", set()),
    ],
)
def test_a_node_is_changed_in_each_small_way(source: str, expected: set[str]) -> None:
    assert changes(source) == expected


def test_conditions_are_negated_once() -> None:
    source = "def f(a):\n    if a is None:\n        return\n    while a:\n        a = 0\n"
    names = [mutant.name for mutant in mutants_of(source)]
    assert names == [
        "f: if a is None: -> if a is not None:",
        "f: return -> pass",
        "f: while a: -> while not a:",
        "f: 0 -> 1",
    ]


def test_cases_handlers_and_rows_are_left_out() -> None:
    source = (
        "ROWS = (row(1), row(2))\n"
        "def f(a):\n"
        "    match a:\n"
        "        case 1 | 2:\n"
        "            pass\n"
        "    try:\n"
        "        pass\n"
        "    except (E1, E2):\n"
        "        return 0\n"
    )
    names = {mutant.name for mutant in mutants_of(source)}
    assert {
        "ROWS: without row(2)",
        "f: case 1 | 2: -> case 1 | 2 if False:",
        "f: 1 | 2 -> 1",
        "f: except (E1, E2): return 0 -> except (E1, E2): raise",
        "f: except (E1, E2): return 0 -> except (E1,): return 0",
    } <= names


def test_the_constants_of_enums_stay() -> None:
    assert mutants_of("class Size(Enum):\n    SMALL = 1\n") == []


@pytest.mark.parametrize("judged", MODULES, ids=lambda judged: judged.path)
def test_each_mutant_has_a_name_and_a_line(judged: Judged) -> None:
    found = mutants_of((ROOT / judged.path).read_text(encoding="utf-8"))
    assert len({mutant.name for mutant in found}) == len(found) > 10
    assert all(mutant.line for mutant in found)
    assert outdated(judged.path, [mutant.name for mutant in found]) == []
    assert all((ROOT / test).exists() for test in judged.tests)


def test_each_listed_equivalent_is_of_a_judged_module_and_has_a_reason() -> None:
    text = FILE.read_text(encoding="utf-8")
    listed = [equivalents_of(judged.path) for judged in MODULES]
    assert sum(map(len, listed)) == text.count("[[equivalent]]")
    assert all(why.strip() for reasons in listed for why in reasons.values())


def test_only_a_judged_module_can_be_named() -> None:
    (judged,) = modules_named("tasks/run/gate.py")
    assert judged.path == "tasks/run/gate.py"
    assert modules_named(None) == MODULES
    with pytest.raises(ValueError, match=r"setup\.py is not judged"):
        modules_named("setup.py")


def test_a_copy_is_changed_and_put_back(tmp_path: Path) -> None:
    copy, path = Copy(tmp_path), "tasks/run/gate.py"
    before = (tmp_path / path).read_text(encoding="utf-8")
    copy.write(path, "odd")
    assert (tmp_path / path).read_text(encoding="utf-8") == "odd"
    copy.restore(path)
    assert (tmp_path / path).read_text(encoding="utf-8") == before
    assert (ROOT / path).read_text(encoding="utf-8") == before


def test_a_mutant_ends_at_its_first_kill_and_an_unchanged_module_survives() -> None:
    judged = Judged("tests/mutation/parts.py", ())
    source = (ROOT / judged.path).read_text(encoding="utf-8")
    sources = {
        "same": source,
        "faulty": source.replace("ast.Not(), condition", "ast.USub(), condition"),
        "deaf": f"{source}\nraise SystemExit\n",
        "endless": f"{source}\nwhile True: pass\n",
    }
    cases = [
        Case(judged, Mutant(name, 1, each), deque([("first", _opposite), ("last", _opposite)]))
        for name, each in sources.items()
    ]
    closed = {case.mutant.name: case for case in tried(cases, jobs=2, longest_s=8)}
    assert {name: (case.killed_by, case.said) for name, case in closed.items()} == {
        "same": (None, None),
        "faulty": ("first", "-(a < b)"),
        "deaf": ("first", "SystemExit: "),
        "endless": ("first", "never ended"),
    }
    assert not closed["same"].judges


def _opposite() -> str | None:
    parts = importlib.import_module("tests.mutation.parts")
    said = ast.unparse(parts.negated(ast.parse("a < b", mode="eval").body))
    return None if said == "not a < b" else said
