"""The pages for people as the tests see them: tables, links, and what they name of the code."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.rules import ROOMS_OF_TASKS
from tests.architecture.source import BESIDE_THE_FLOORS, FLOORS, modules

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_FOLDERS = "|".join((*FLOORS, *BESIDE_THE_FLOORS, "docs"))
_PATH = re.compile(rf"`((?:{_FOLDERS})/[\w./-]*|[\w-]+\.(?:py|md|toml|yaml|lock))`")
_NAME = re.compile(r"`([A-Za-z_]+)`")
_MAKE = re.compile(r"\bmake ([a-z]+)\b")
_PYTHON = re.compile(r"python -m\s+((?:flows|tasks|blocks|tests|demo|bench)[\w.]*)")


def pages(root: Path) -> list[Path]:
    """README, CONTRIBUTING, CHANGELOG and docs/."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def section(text: str, heading: str) -> str:
    """What is below a heading, up to the next one that is not deeper."""
    level = heading.split(" ")[0]
    _, _, below = f"\n{text}".partition(f"\n{heading}\n")
    return re.split(rf"^#{{1,{len(level)}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The rows of the first table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def rooms(root: Path) -> list[list[str]]:
    """Each room and the first line of its docstring, those of tasks/ in their order."""
    names = ["flows", "tasks", *(f"tasks/{room}" for room in ROOMS_OF_TASKS), "blocks"]
    names += sorted(f"blocks/{file.parent.name}" for file in root.glob("blocks/*/__init__.py"))
    return [[f"`{name}/`", _first_line(root / name / "__init__.py")] for name in names]


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[0]


def paths_not_there(root: Path, text: str) -> list[str]:
    """Files and folders that the text names and that are not there."""
    return [path for path in _PATH.findall(text) if not (root / path).exists()]


def names_not_there(root: Path, text: str) -> list[str]:
    """Names in code marks that no class, function, constant or field of the code has."""
    known = {name for module in modules(root, FLOORS) for name in _names(module.tree)}
    return [name for name in _NAME.findall(text) if name not in known]


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def commands_not_there(root: Path, text: str) -> list[str]:
    """`make` targets that the Makefile lacks, and modules of `python -m` that are not there."""
    code = " ".join(_CODE.findall(text))
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    return [
        *(f"make {name}" for name in _MAKE.findall(code) if name not in targets),
        *(f"python -m {name}" for name in _PYTHON.findall(code) if not _is_module(name)),
    ]


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def broken_links(root: Path) -> list[str]:
    """Relative links to a file that is not there, or to a heading that its page lacks."""
    return [
        f"{page.relative_to(root)} links to {target}{f'#{anchor}' if anchor else ''}"
        for page in pages(root)
        for target, anchor in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
        if not _is_there(page.parent / target if target else page, anchor)
    ]


def _is_there(file: Path, anchor: str) -> bool:
    if not anchor:
        return file.exists()
    return file.is_file() and anchor in _anchors(file.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    """How a heading is linked to: in small letters, without marks, with dashes for blanks."""
    headings = _HEADING.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}
