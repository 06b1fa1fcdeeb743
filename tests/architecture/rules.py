"""Each rule takes a source tree and returns its complaints, one plain line each."""

import ast
import importlib.util
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import BESIDE_THE_FLOORS, FLOORS, Module, is_below, modules

LONGEST_MODULE = 350
# Each room of tasks/ may import those before it.
ROOMS_OF_TASKS = (
    *("billing", "run", "load", "plan", "checks", "easybill", "compare", "report", "questions"),
    "messages",
)
COMMANDS = ("ask",)
LOCKED_BELOW = {
    # Every Prefect 3.8.8 flow run dies at start.
    "fastapi": (0, 151),
    # Prefect 3.8.8 silently schedules no cron run.
    "sqlalchemy": (2, 1),
}
LOCKED_PREFECT = "3.8.8"


def imports_against_the_arrows(root: Path) -> list[str]:
    """flows → tasks → blocks; billing knows itself alone; systems do not know each other."""
    return [
        f"{module.path}:{line} may not import {name}"
        for module in modules(root)
        for line, name in module.imports()
        if any(is_below(name, package) for package in _out_of_reach(module))
        and not any(is_below(name, package) for package in _in_reach(module))
    ]


def _out_of_reach(module: Module) -> tuple[str, ...]:
    if module.is_in("tasks.billing"):
        return (*BESIDE_THE_FLOORS, *FLOORS, "prefect")
    if module.floor == "tasks":
        return (*BESIDE_THE_FLOORS, "flows")
    if module.floor == "blocks" and len(module.package) > 1:
        return (*BESIDE_THE_FLOORS, *FLOORS)
    if module.floor == "blocks":
        return (*BESIDE_THE_FLOORS, "flows", "tasks")
    return BESIDE_THE_FLOORS


def _in_reach(module: Module) -> tuple[str, ...]:
    if module.is_in("tasks.billing"):
        return ("tasks.billing",)
    if module.floor == "blocks":
        return (".".join(module.package[:2]),)
    return ()


def imports_against_the_order_of_rooms(root: Path) -> list[str]:
    """A room of tasks/ imports only rooms that come before it; beside them only commands lie."""
    complaints = [
        f"{module.path} lies loose in tasks/"
        for module in modules(root, ("tasks",))
        if len(module.package) == 1 and module.path.stem not in ("__init__", *COMMANDS)
    ]
    for module in modules(root, ("tasks",)):
        if len(module.package) == 1:
            continue
        room = module.package[1]
        if room not in ROOMS_OF_TASKS:
            complaints.append(f"{module.path} is in no room of ROOMS_OF_TASKS")
            continue
        later = ROOMS_OF_TASKS[ROOMS_OF_TASKS.index(room) + 1 :]
        complaints += [
            f"{module.path}:{line} may not import {name}"
            for line, name in module.imports()
            if any(is_below(name, f"tasks.{other}") for other in later)
        ]
    return complaints


def folders_without_init(root: Path) -> list[str]:
    """Every folder with Python in it is a regular package."""
    folders = {module.path.parent for module in modules(root, (*FLOORS, *BESIDE_THE_FLOORS))}
    return [
        f"{folder} has no __init__.py"
        for folder in sorted(folders)
        if not (root / folder / "__init__.py").is_file()
    ]


def packages_not_as_listed(root: Path) -> list[str]:
    """pyproject lists for setuptools just the packages of the three floors."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(pyproject["tool"]["setuptools"]["packages"])
    there = {".".join(module.package) for module in modules(root)}
    return [
        *(f"pyproject.toml does not list {package}" for package in sorted(there - listed)),
        *(
            f"pyproject.toml lists {package}, which is not there"
            for package in sorted(listed - there)
        ),
    ]


def files_left_out_of_packages(root: Path) -> list[str]:
    """What lies beside the modules of a package, such as a template, is in its package-data."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed: dict[str, list[str]] = pyproject["tool"]["setuptools"].get("package-data", {})
    return [
        f"pyproject.toml does not list {file.relative_to(root)}"
        for package in {module.package for module in modules(root)}
        for file in sorted(root.joinpath(*package).iterdir())
        if file.is_file() and file.suffix not in (".py", ".pyc")
        if not any(file.match(pattern) for pattern in listed.get(".".join(package), ()))
    ]


def flows_named_like_modules(root: Path) -> list[str]:
    """Prefect loads a flow file by its bare name, so that name must not be taken."""
    return [
        f"{module.path} bears the name of the importable module {module.path.stem}"
        for module in modules(root, ("flows",))
        if module.path.stem != "__init__" and _is_taken(root, module.path.stem)
    ]


def _is_taken(root: Path, name: str) -> bool:
    return (
        name in sys.stdlib_module_names
        or (root / name).is_dir()
        or (root / f"{name}.py").is_file()
        or importlib.util.find_spec(name) is not None
    )


def classes_in_flows(root: Path) -> list[str]:
    """Prefect loads a flow file a second time, so a class in it would exist twice."""
    return [
        f"{module.path}:{node.lineno} defines class {node.name}"
        for module in modules(root, ("flows",))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]


def long_modules(root: Path) -> list[str]:
    """A module that no longer fits into one head is two."""
    everything = modules(root, (*FLOORS, *BESIDE_THE_FLOORS))
    lengths = {
        module.path: len((root / module.path).read_text(encoding="utf-8").splitlines())
        for module in everything
    }
    return [
        f"{path} has {length} lines, {LONGEST_MODULE} is the most"
        for path, length in lengths.items()
        if length > LONGEST_MODULE
    ]


def exceptions_without_a_reason(root: Path) -> list[str]:
    """A line that the linter is to pass over says why, after the code: ` - our own command`."""
    return [
        f"{module.path}:{token.start[0]} has {token.string} without a reason"
        for module in modules(root, (*FLOORS, *BESIDE_THE_FLOORS))
        for token in _comments(root / module.path)
        if re.search(r"\bnoqa\b(?!: [A-Z0-9, ]+ - \w)", token.string)
    ]


def _comments(file: Path) -> Iterator[tokenize.TokenInfo]:
    with file.open("rb") as lines:
        for token in tokenize.tokenize(lines.readline):
            if token.type == tokenize.COMMENT:
                yield token


def floats_in_billing(root: Path) -> list[str]:
    """Money is Decimal or integer cents: no float is called, written or named in billing."""
    return [
        f"{module.path}:{line} has the float {found}"
        for module in modules(root, ("tasks",))
        if module.is_in("tasks.billing")
        for line, found in _floats(module.tree)
    ]


def _floats(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float()):
                yield node.lineno, repr(node.value)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                if name.lower() in {"float", "float32", "float64"}:
                    yield node.lineno, name


def locked_traps(root: Path) -> list[str]:
    """Releases that Prefect can't live with have not come into the lock."""
    lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    versions = {package["name"]: package.get("version", "") for package in lock["package"]}
    complaints = [
        f"uv.lock has {name} {versions.get(name)}, it must be below {'.'.join(map(str, bound))}"
        for name, bound in LOCKED_BELOW.items()
        if not _is_below_version(versions.get(name, ""), bound)
    ]
    if versions.get("prefect") != LOCKED_PREFECT:
        complaints.append(f"uv.lock has prefect {versions.get('prefect')}, not {LOCKED_PREFECT}")
    return complaints


def _is_below_version(version: str, bound: tuple[int, int]) -> bool:
    major_minor = version.split(".")[:2]
    return len(major_minor) == 2 and tuple(map(int, major_minor)) < bound
