"""Nodes of a syntax tree with a part that is another, or one part less."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

_PAIRS = (
    *((ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn), (ast.Lt, ast.LtE)),
    *((ast.Gt, ast.GtE), (ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div)),
    (ast.BitOr, ast.BitAnd),
)
_SWAPPED: dict[type, type] = {**dict(_PAIRS), **{b: a for a, b in _PAIRS}}
# Their opposite is the other one of the pair.
_EXACT = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)


def swapped(op: ast.AST) -> Any:
    """The other operator of its pair; None where it has none."""
    return _SWAPPED[type(op)]() if type(op) in _SWAPPED else None


def negated(condition: ast.expr) -> ast.expr:
    """The opposite of a condition."""
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return condition.operand
    if isinstance(condition, ast.Compare) and isinstance(condition.ops[0], _EXACT):
        return ast.Compare(condition.left, [swapped(condition.ops[0])], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)


def with_fewer(node: ast.AST, field: str) -> Iterator[Any]:
    """The node without one of several of its parts, each in turn."""
    parts: Sequence[ast.AST] = getattr(node, field)
    if len(parts) > 1:
        yield from (without(node, place, field) for place in range(len(parts)))


def without(node: ast.AST, place: int, *fields: str) -> Any:
    """The node without what is at this place of these lists."""
    lists = {field: list(getattr(node, field)) for field in fields}
    for parts in lists.values():
        del parts[place]
    return replaced(node, **lists)


def replaced(node: ast.AST, **fields: object) -> Any:
    """The node with other values in these fields."""
    values = {name: getattr(node, name) for name in node._fields if hasattr(node, name)}
    return ast.copy_location(type(node)(**{**values, **fields}), node)
