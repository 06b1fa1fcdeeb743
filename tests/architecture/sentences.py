"""Nothing decides by a sentence: control flow goes by types, codes and states.

A sentence is the text of an exception, what a person reads of an issue or a state, or a field
that keeps such words. To show it, to keep it, or to see whether there is one is no decision.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import Module, modules

# Fields whose values are words for people.
WORDS = frozenset({"args", "error", "message", "msg", "reason", "text", "next_step"})
# What puts an issue, an exception or a report into words.
SAYS_IT = frozenset({"text_of", "next_step_of", "sentences_of", "said_of", "headline"})
LOOKS_INTO = frozenset(
    {
        *("startswith", "endswith", "find", "rfind", "index", "count", "contains"),
        *("match", "search", "fullmatch", "findall", "finditer", "like", "ilike", "regexp_match"),
    }
)
# Filled in by Prefect's server; a match on it is a match on a sentence.
LABELS = frozenset({"prefect.state-message"})
IN_SQL = re.compile(
    r"\b(substr|instr|lower|upper)\((error|message)\b|\b(error|message) (NOT )?(LIKE|GLOB|IN)\b"
    r"|\b(error|message) ?(=|<>|!=|~) ?'",
    re.IGNORECASE,
)
# Where there is nothing else to go by, with the reason why.
UNAVOIDABLE = {
    # Ledgers of the first release say in no other way that a draft is being withdrawn.
    "blocks/ledger/migrations/versions/v0003_states_said.py",
}


def decisions_by_sentence(root: Path) -> list[str]:
    """Each place in flows, tasks and blocks that decides by a sentence."""
    return [
        f"{module.path}:{line} decides by a sentence"
        for module in modules(root)
        if str(module.path) not in UNAVOIDABLE
        for line in sorted(set(_decisions(module)))
    ]


def _decisions(module: Module) -> Iterator[int]:
    for scope in ast.walk(module.tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _Scope(scope).decisions()


class _Scope:
    """A function, or a module, with the names that hold exceptions or sentences in it."""

    def __init__(self, scope: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._nodes = list(_of_scope(scope))
        self._errors = set(_errors_of(scope, self._nodes))
        self._sentences: set[str] = set()
        for node in self._nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if self._is_sentence(node.value):
                    self._sentences |= {t.id for t in targets if isinstance(t, ast.Name)}

    def decisions(self) -> Iterator[int]:
        for node in self._nodes:
            if isinstance(node, ast.expr | ast.stmt) and self._decides(node):
                yield node.lineno

    def _decides(self, node: ast.expr | ast.stmt) -> bool:
        match node:
            case ast.Compare(ops=ops, left=left, comparators=others):
                by_presence = all(isinstance(op, ast.Is | ast.IsNot) for op in ops)
                return not by_presence and any(map(self._is_sentence, (left, *others)))
            case ast.Call(func=ast.Attribute(attr=name, value=value), args=arguments):
                return name in LOOKS_INTO and any(map(self._is_sentence, (value, *arguments)))
            case ast.Match(subject=subject):
                return self._is_sentence(subject)
            case ast.Dict(keys=keys):
                return any(isinstance(k, ast.Constant) and k.value in LABELS for k in keys)
            case ast.Constant(value=str(text)):
                return IN_SQL.search(text) is not None
        return False

    def _is_sentence(self, node: ast.expr) -> bool:
        return self._is_said(node) or any(map(self._is_sentence, _made_of(node)))

    def _is_said(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._sentences
            case ast.Call(func=ast.Name(id="str" | "repr"), args=[said]):
                return self._is_error(said)
            case ast.FormattedValue(value=said):
                return self._is_error(said)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=name), *_]):
                return name in WORDS
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return name in SAYS_IT
            case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=name)):
                return name in WORDS
        return False

    def _is_error(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._errors


def _made_of(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression of which it is a sentence if one of them is."""
    match node:
        case ast.Subscript(value=value) | ast.NamedExpr(value=value):
            return [value]
        case ast.Call(func=ast.Attribute(value=value)) | ast.FormattedValue(value=value):
            return [value]
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[value]):
            return [value]
        case ast.JoinedStr(values=values) | ast.BoolOp(values=values):
            return values
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            return [left, right]
    return []


def _of_scope(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, in order, without those of functions in it."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of_scope(node)


def _errors_of(scope: ast.AST, nodes: list[ast.AST]) -> Iterator[str]:
    """Names of caught exceptions, and of parameters that are annotated as one."""
    for node in nodes:
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        for argument in (*scope.args.args, *scope.args.kwonlyargs):
            kinds = ast.unparse(argument.annotation) if argument.annotation else ""
            if re.search(r"(Error|Exception|Failure)\b", kinds):
                yield argument.arg
