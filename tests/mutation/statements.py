"""The small changes of statements: conditions the other way round, and statements left out."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.mutation.parts import negated, replaced, with_fewer


def _conditional(node: ast.If | ast.While) -> Iterator[ast.AST]:
    yield replaced(node, test=negated(node.test))


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is None:
        yield ast.Pass()
    elif _is_truth(node.value):
        yield replaced(node, value=negated(node.value))


def _is_truth(value: ast.expr) -> bool:
    """Whether it looks like true or false."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in {"any", "all", "isinstance"}
    is_not = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    return is_not or isinstance(value, ast.Compare | ast.BoolOp)


def _left_out(_: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


def _continue(_: ast.Continue) -> Iterator[ast.AST]:
    yield from (ast.Pass(), ast.Break())


def _expression(node: ast.Expr) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


def _assign(node: ast.Assign) -> Iterator[ast.AST]:
    """Left out where it changes something that has been there before."""
    target = node.targets[0]
    names = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
    is_again = isinstance(target, ast.Name) and target.id in names
    if is_again or isinstance(target, ast.Attribute | ast.Subscript):
        yield ast.Pass()


def _with(node: ast.With) -> Iterator[ast.AST]:
    items = node.items
    if all(isinstance(i.context_expr, ast.Call) and i.optional_vars is None for i in items):
        yield ast.If(ast.Constant(value=True), node.body, [])


def _handler(node: ast.ExceptHandler) -> Iterator[ast.AST]:
    yield replaced(node, body=[ast.Raise()])
    if isinstance(node.type, ast.Tuple):
        yield from (replaced(node, type=fewer) for fewer in with_fewer(node.type, "elts"))


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for place, condition in enumerate(node.ifs):
        before, after = node.ifs[:place], node.ifs[place + 1 :]
        yield replaced(node, ifs=[*before, negated(condition), *after])
        yield replaced(node, ifs=[*before, *after])


def _case(node: ast.match_case) -> Iterator[ast.AST]:
    yield replaced(node, guard=ast.Constant(value=False))
    if node.guard is not None:
        yield replaced(node, guard=negated(node.guard))
        yield replaced(node, guard=None)


STATEMENTS: Mapping[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.If: _conditional,
    ast.While: _conditional,
    ast.Return: _return,
    ast.Raise: _left_out,
    ast.AugAssign: _left_out,
    ast.Break: _left_out,
    ast.Continue: _continue,
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.With: _with,
    ast.ExceptHandler: _handler,
    ast.comprehension: _comprehension,
    ast.match_case: _case,
}
