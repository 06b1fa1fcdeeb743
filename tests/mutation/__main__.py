"""`python -m tests.mutation [--module FILE] [--jobs 2]`: which small changes go unnoticed."""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.mutation.equivalents import equivalents_of, outdated
from tests.mutation.judging import read_libraries
from tests.mutation.modules import Judged, modules_named
from tests.mutation.mutants import mutants_of
from tests.mutation.trial import Case, case_of, tried, unchanged
from tests.shared import ROOT, SHARED

HEADINGS = ("module", "mutants", "by tests", "by stories", "equivalent", "survived", "score")


def main() -> int:
    """Try all mutants; 0 where each is killed, or listed as equivalent and not killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--module", help="only the mutants of this file")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes judge at once")
    options = parser.parse_args()
    modules = modules_named(options.module)
    # Whoever ends this ends all that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ.setdefault("INVOICING_SHARED", str(SHARED))
    read_libraries()
    began = time.monotonic()
    faulty = [case for case in tried([_unchanged(m) for m in modules], options.jobs) if case.said]
    for case in faulty:
        _say(f"{case.judged.path} fails without any change: {case.said}")
    if faulty:
        return 1
    cases = [case for module in modules for case in _cases(module)]
    _say(f"{len(cases)} mutants of {len(modules)} modules")
    closed = []
    for case in tried(cases, options.jobs):
        closed.append(case)
        _say(f"[{len(closed)}/{len(cases)}] {case.name}: {case.said or 'SURVIVES'}")
    complaints = [line for module in modules for line in _complaints(module, closed)]
    _say("", *_table(modules, closed), f"{time.monotonic() - began:.0f} s", *complaints)
    return int(bool(complaints))


def _unchanged(module: Judged) -> Case:
    return unchanged(module, (ROOT / module.path).read_text(encoding="utf-8"))


def _cases(module: Judged) -> list[Case]:
    listed = equivalents_of(module.path)
    found = mutants_of((ROOT / module.path).read_text(encoding="utf-8"))
    return [case_of(module, mutant, is_listed=mutant.name in listed) for mutant in found]


def _complaints(module: Judged, closed: Sequence[Case]) -> list[str]:
    """Survivors that are not listed, and entries of the list that are not true any more."""
    cases = [case for case in closed if case.judged is module]
    listed = equivalents_of(module.path)
    names = [case.mutant.name for case in cases]
    return [
        *(f"survived: {c.name}" for c in cases if not c.killed_by and c.mutant.name not in listed),
        *(
            f"listed as equivalent, and killed by {case.said}: {case.name}"
            for case in cases
            if case.killed_by and case.mutant.name in listed
        ),
        *(f"listed, and no mutant: {module.path} {name}" for name in outdated(module.path, names)),
    ]


def _table(modules: Sequence[Judged], closed: Sequence[Case]) -> list[str]:
    counts = {
        module.path: Counter(_end_of(case) for case in closed if case.judged is module)
        for module in modules
    }
    if len(modules) > 1:
        counts["all"] = sum(counts.values(), Counter[str]())
    rows = [_row(path, ends) for path, ends in counts.items()]
    return [f"| {' | '.join(cells)} |" for cells in [HEADINGS, ["---"] * len(HEADINGS), *rows]]


def _row(path: str, ends: Counter[str]) -> list[str]:
    killed = ends["tests"] + ends["stories"]
    numbers = [ends.total(), ends["tests"], ends["stories"], ends["equivalent"], ends["survived"]]
    score = killed / max(killed + ends["survived"], 1)
    return [path, *map(str, numbers), f"{score:.1%}"]


def _end_of(case: Case) -> str:
    is_listed = case.mutant.name in equivalents_of(case.judged.path)
    return case.killed_by or ("equivalent" if is_listed else "survived")


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
