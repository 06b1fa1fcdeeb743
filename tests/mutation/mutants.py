"""The mutants of a module: its source with one small change, each with a name that lasts."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.operators import instead_of

# A change of something so short says nothing without what is around it.
_SHORT = 24
_ANNOTATIONS = frozenset({"annotation", "returns", "decorator_list", "bases", "ctx", "op", "ops"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module; the name stays the same while the code around it changes."""

    name: str
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a node hangs in the tree: in a field of its owner, or at a place of a list there."""

    owner: ast.AST
    field: str
    place: int | None
    node: ast.AST
    scope: str

    def put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.place] = node


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of the module, without those that are the module itself or one another."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    variadic = frozenset(each.name for each in functions if each.args.vararg is not None)
    seen, names = {ast.unparse(tree)}, Counter[str]()
    found = []
    for site in list(_sites(tree, "")):
        for node in list(instead_of(site.node, variadic)):
            name, mutated = _with(tree, site, node)
            if mutated in seen:
                continue
            seen.add(mutated)
            names[name] += 1
            numbered = name if names[name] == 1 else f"{name} ({names[name]})"
            found.append(Mutant(numbered, _line_of(site.node), mutated))
    return found


def _with(tree: ast.Module, site: _Site, node: ast.AST) -> tuple[str, str]:
    """The name of the change, and the whole source with it."""
    shown = site.node
    is_short = isinstance(shown, ast.expr) and len(ast.unparse(shown)) < _SHORT
    is_around = isinstance(site.owner, ast.expr | ast.keyword | ast.Return)
    around = site.owner if is_short and is_around else None
    before = _text(around or shown)
    site.put(node)
    try:
        change = _without_row(shown, node) or f"{before} -> {_text(around or node)}"
        return f"{site.scope}: {change}", ast.unparse(tree)
    finally:
        site.put(shown)


def _without_row(shown: ast.AST, node: ast.AST) -> str | None:
    """Of a table only the row that is left out."""
    if not isinstance(shown, ast.Tuple) or not isinstance(node, ast.Tuple):
        return None
    (row,) = set(shown.elts) - set(node.elts)
    return f"without {_text(row)}"


def _line_of(node: ast.AST) -> int:
    return next(each.lineno for each in ast.walk(node) if isinstance(each, ast.expr | ast.stmt))


def _text(node: ast.AST) -> str:
    """The node in one line; of a statement that holds others, its first line."""
    text = ast.unparse(node)
    is_block = isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case)
    if isinstance(node, ast.ExceptHandler):
        return " ".join(line.strip() for line in text.splitlines())
    return text.strip().splitlines()[0] if is_block and "\n" in text else text.strip()


def _sites(node: ast.AST, scope: str) -> Iterator[_Site]:
    """All that may be changed below the node."""
    for field, value in ast.iter_fields(node):
        if field in _ANNOTATIONS:
            continue
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _decides_nothing(child):
                continue
            inner = _scope(child, scope)
            yield _Site(node, field, place, child, inner or "module")
            yield from _sites(child, inner)


def _scope(node: ast.AST, scope: str) -> str:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return f"{scope}.{name}" if scope else name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return scope or name
    return scope


def _decides_nothing(node: ast.AST) -> bool:
    """Words, types and imports; the constants of enums, which are names; what goes to the log."""
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return "run_log" in ast.unparse(func)
        case ast.Assign(value=ast.Subscript()):
            return not isinstance(node.targets[0], ast.Attribute)
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.ClassDef(bases=bases):
            return any(ast.unparse(base).endswith(("Enum", "Protocol")) for base in bases)
    return False
