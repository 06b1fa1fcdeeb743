"""The source tree as the rules see it: modules by name, and what each imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FLOORS = ("flows", "tasks", "blocks")
BESIDE_THE_FLOORS = ("tests", "demo", "bench")


@dataclass(frozen=True, slots=True)
class Module:
    """One .py file: its path below the root, its dotted name and its syntax tree."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def floor(self) -> str:
        """The top-level folder it lies in."""
        return self.path.parts[0]

    @property
    def package(self) -> tuple[str, ...]:
        """The package it lies in, part by part."""
        return self.path.parent.parts

    def is_in(self, package: str) -> bool:
        """Whether it belongs to this package or one below it."""
        return is_below(self.name, package)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of all that it imports, also inside functions."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = self._source(node)
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)

    def _source(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        base = self.package[: len(self.package) - node.level + 1]
        return ".".join((*base, *([node.module] if node.module else [])))


def is_below(name: str, package: str) -> bool:
    """Whether a dotted name is this package or something in it."""
    return f"{name}.".startswith(f"{package}.")


def modules(root: Path, folders: tuple[str, ...] = FLOORS) -> list[Module]:
    """All modules in these folders below the root, sorted by path."""
    files = sorted(file for folder in folders for file in (root / folder).rglob("*.py"))
    return [_module(root, file) for file in files]


@cache
def _module(root: Path, file: Path) -> Module:
    path = file.relative_to(root)
    parts = path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts
    return Module(path, ".".join(parts), ast.parse(file.read_text(encoding="utf-8"), str(path)))
