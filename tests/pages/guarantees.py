"""What is guaranteed, and what shows it: docs/guarantees.md, and guarantees.de.md in German."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from pathlib import Path

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from tests.simulation.faults import Fault
from tests.simulation.troubles import Switch, Trouble

TABLE = Path(__file__).with_suffix(".toml")
GERMAN_TABLE = Path(__file__).with_suffix(".de.toml")
# What shows a cell is a test (path::name), or one of these with its name.
GUARD, KEPT, STORIES = "guard: ", "kept: ", "stories: "
PROMISES: Mapping[str, str] = {
    "billed_once": "billed once",
    "nothing_missing": "nothing missing unnoticed",
    "customers_apart": "one customer's trouble is that customer's alone",
    "cents_agree": "the cents agree",
    "touched_left_alone": "what you touched is left alone",
}


class Verdict(StrEnum):
    """How a promise fares when something fails."""

    KEPT = "kept"
    KEPT_BY_THE_NEXT_RUN = "kept after the next run"
    NAMED = "named"
    NOT_KEPT = "not kept"
    DOES_NOT_APPLY = "does not apply"


ENGLISH: Mapping[str, str] = {verdict: str(verdict) for verdict in Verdict}


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Cell:
    """How one promise fares at one failure, what shows that, and why where that is not plain."""

    verdict: Verdict = Field(alias="is")
    shown_by: tuple[str, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Failure:
    """What fails, with a cell for each promise."""

    words: str
    billed_once: Cell
    nothing_missing: Cell
    customers_apart: Cell
    cents_agree: Cell
    touched_left_alone: Cell

    def cells(self) -> dict[str, Cell]:
        """The cells by their promise."""
        return {promise: getattr(self, promise) for promise in PROMISES}


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Guarantees:
    """The whole page as data."""

    introduction: str
    matrix: str
    evidence: str
    limits: str
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class GermanWords:
    """The same page in German: its parts, and the words of its table by the English ones."""

    introduction: str
    matrix: str
    limits: str
    evidence: str
    promises: Mapping[str, str]
    verdicts: Mapping[str, str]
    failures: Mapping[str, str]
    notes: Mapping[str, str]


def german_words() -> GermanWords:
    """The German words; raises where a part is missing."""
    content = tomllib.loads(GERMAN_TABLE.read_text(encoding="utf-8"))
    return TypeAdapter(GermanWords).validate_python(content)


def guarantees() -> Guarantees:
    """The table; raises where it lacks a cell or has a word that nobody knows."""
    content = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return TypeAdapter(Guarantees).validate_python(content)


def guarantees_page() -> str:
    """The promises, the matrix, what is not kept, and what shows each cell."""
    told = guarantees()
    notes = notes_of(told.failures)
    parts = (
        told.introduction,
        told.matrix,
        _matrix(told.failures, notes),
        _list(notes),
        told.limits,
        told.evidence,
        *map(_shown, told.failures),
    )
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def german_guarantees_page() -> str:
    """The same without what shows each cell: that is on the English page."""
    failures, words = guarantees().failures, german_words()
    notes = notes_of(failures)
    rows = ["", *(words.promises[promise] for promise in PROMISES.values())]
    table = [f"| {' | '.join(rows)} |", f"|{' --- |' * len(rows)}"]
    for failure in failures:
        place = f"guarantees.md#{_anchor(failure.words)}"
        cells = (_cell(cell, notes, words.verdicts) for cell in failure.cells().values())
        table.append(f"| [{words.failures[failure.words]}]({place}) | {' | '.join(cells)} |")
    parts = (
        words.introduction,
        words.matrix,
        "\n".join(table),
        _list([words.notes[note] for note in notes]),
        words.limits,
        words.evidence,
    )
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def notes_of(failures: Iterable[Failure]) -> list[str]:
    """The reasons of all cells, each once."""
    return list(dict.fromkeys(cell.why for cell in _cells(failures) if cell.why))


def switch_of(name: str) -> Switch:
    """The kind of trouble of that name; raises KeyError."""
    return Trouble[name] if name in Trouble.__members__ else Fault[name]


def _cells(failures: Iterable[Failure]) -> Iterator[Cell]:
    for failure in failures:
        yield from failure.cells().values()


def _matrix(failures: Iterable[Failure], notes: list[str]) -> str:
    head = f"| | {' | '.join(PROMISES.values())} |\n|{' --- |' * (len(PROMISES) + 1)}\n"
    return head + "".join(_row(failure, notes) for failure in failures)


def _row(failure: Failure, notes: list[str]) -> str:
    cells = (_cell(cell, notes) for cell in failure.cells().values())
    return f"| [{failure.words}](#{_anchor(failure.words)}) | {' | '.join(cells)} |\n"


def _cell(cell: Cell, notes: list[str], verdicts: Mapping[str, str] = ENGLISH) -> str:
    note = f" ({notes.index(cell.why) + 1})" if cell.why else ""
    words = verdicts[cell.verdict]
    return (f"**{words}**" if cell.verdict is Verdict.NOT_KEPT else words) + note


def _list(notes: list[str]) -> str:
    return "".join(f"{number}. {note}\n" for number, note in enumerate(notes, 1))


def _shown(failure: Failure) -> str:
    """What shows the cells of a failure; promises that the same things show are one item."""
    together: dict[tuple[str, ...], list[str]] = {}
    for promise, cell in failure.cells().items():
        if cell.shown_by:
            together.setdefault(cell.shown_by, []).append(PROMISES[promise])
    items = (
        [f"- {'; '.join(promises)}:", *(f"  - {item}" for item in _evidence(shown_by))]
        for shown_by, promises in together.items()
    )
    lines = [f"### {failure.words}", "", *chain.from_iterable(items)]
    return "\n".join(lines)


def _evidence(shown_by: Iterable[str]) -> Iterator[str]:
    troubles = []
    for one in shown_by:
        if one.startswith(GUARD):
            yield f"[guard](internals/guards.md): {one.removeprefix(GUARD)}"
        elif one.startswith(KEPT):
            yield f"`tests/simulation/kept/{one.removeprefix(KEPT)}.json`, a story that is kept"
        elif one.startswith(STORIES):
            troubles.append(str(switch_of(one.removeprefix(STORIES))))
        else:
            yield f"`{one}`"
    if troubles:
        yield f"stories with: {'; '.join(troubles)}"


def _anchor(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in "_- ")
    return kept.replace(" ", "-")
