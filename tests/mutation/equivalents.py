"""The mutants that no judge can tell from the module, each with the reason: `equivalents.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

FILE = Path(__file__).with_name("equivalents.toml")


def equivalents_of(path: str) -> Mapping[str, str]:
    """The reasons of the module's equivalent mutants, by name."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))["equivalent"]
    return {each["mutant"]: each["why"] for each in listed if each["module"] == path}


def outdated(path: str, names: Iterable[str]) -> list[str]:
    """Listed mutants of the module that do not exist any more."""
    return sorted(equivalents_of(path).keys() - set(names))
