"""The small changes: what may replace one node of a syntax tree."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.mutation.parts import negated, replaced, swapped, with_fewer, without
from tests.mutation.statements import STATEMENTS

_OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Calls that take any number of conditions.
_VARIADIC = frozenset({"where", "and_", "or_"})


def instead_of(node: ast.AST, variadic: frozenset[str]) -> Iterator[ast.AST]:
    """Each node that may replace this one; `variadic` functions take any number."""
    if isinstance(node, ast.Call) and _called(node) in variadic | _VARIADIC:
        yield from with_fewer(node, "args")
    if (changes := CHANGES.get(type(node))) is not None:
        yield from changes(node)


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        yield replaced(node, ops=[*node.ops[:place], swapped(op), *node.ops[place + 1 :]])


def _bool_op(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield replaced(node, op=swapped(node.op))
    for fewer in with_fewer(node, "values"):
        values = fewer.values
        yield values[0] if len(values) == 1 else fewer


def _bin_op(node: ast.BinOp) -> Iterator[ast.AST]:
    yield from (node.left, node.right)
    if (other := swapped(node.op)) is not None:
        yield replaced(node, op=other)


def _unary_op(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _if_exp(node: ast.IfExp) -> Iterator[ast.AST]:
    # What is only worded decides nothing.
    if not isinstance(node.body, ast.JoinedStr):
        yield from (node.body, node.orelse, replaced(node, test=negated(node.test)))


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    match node.func:
        case ast.Name(id=name) if name in _OPPOSITES:
            yield replaced(node, func=ast.Name(_OPPOSITES[name], ast.Load()))
        case ast.Name(id="sorted"):
            yield node.args[0]
        case ast.Attribute(value=ast.Call() as before):
            yield before
    yield from (without(node, place, "keywords") for place in range(len(node.keywords)))


def _dict(node: ast.Dict) -> Iterator[ast.AST]:
    yield from (without(node, place, "keys", "values") for place in range(len(node.keys)))


def _elements(node: ast.Set | ast.List) -> Iterator[ast.AST]:
    yield from with_fewer(node, "elts")


def _tuple(node: ast.Tuple) -> Iterator[ast.AST]:
    # The rows of a table.
    if all(isinstance(each, ast.Call) for each in node.elts):
        yield from with_fewer(node, "elts")


def _match_or(node: ast.MatchOr) -> Iterator[ast.AST]:
    yield from with_fewer(node, "patterns")


CHANGES: Mapping[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    **STATEMENTS,
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.BinOp: _bin_op,
    ast.UnaryOp: _unary_op,
    ast.IfExp: _if_exp,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Dict: _dict,
    ast.Set: _elements,
    ast.List: _elements,
    ast.Tuple: _tuple,
    ast.MatchOr: _match_or,
}
