"""Expressions about runs, as lessons write them: measures of methods, numbers, comparisons, `and`, `or`, `not`.

`excess(uniform, 1) < 0.5 * excess(uniform, 2) and not solved(uniform)` is read by Python's own parser and computed by
this file alone: nothing else that Python could say is taken.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.lessons.measures import MEASURES
from toy_problems import Trajectory

Runs = Mapping[str, Trajectory]
FORMULA = re.compile(r"\{= *([^{}]+?) *\}")  # in a text: an expression, and after " : " how it is written
_COMPARED: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
}  # fmt: skip
_COMPUTED: Mapping[type, Callable[[Any, Any], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
TAKES = (
    "measures of the step's methods, as excess(uniform, 1), numbers, + - * /, < <= == >= >, and, or, not; measures "
    f"are {', '.join(sorted(MEASURES))}"
)


@dataclass(frozen=True)
class Condition:
    """An expression that has been checked; equal texts are equal."""

    text: str

    def value(self, runs: Runs) -> float:
        """Returns what the expression is for these runs, True and False among the numbers."""
        return _value(ast.parse(self.text, mode="eval").body, runs)

    def holds(self, runs: Runs) -> bool:
        """Returns whether the expression is true of these runs."""
        return bool(self.value(runs))


def condition(text: str, methods: Sequence[str]) -> Condition:
    """Returns an expression about these methods. Raises ValueError with what is wrong in it."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"{text.strip()!r} is no expression") from error
    _check(tree, methods)
    return Condition(text.strip())


def _check(node: ast.expr, methods: Sequence[str]) -> None:
    parts: Sequence[ast.expr] = ()
    match node:
        case ast.Constant(value=int() | float()):
            pass
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            parts = (operand,)
        case ast.BoolOp(values=values):
            parts = values
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _COMPUTED:
            parts = (left, right)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARED for op in ops):
            parts = (left, *others)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=method), *rest], keywords=[]):
            _check_measure(name, method, rest, methods)
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is nothing that can be measured")
    for part in parts:
        _check(part, methods)


def _check_measure(name: str, method: str, rest: Sequence[ast.expr], methods: Sequence[str]) -> None:
    if name not in MEASURES:
        raise ValueError(f"there is no measure {name!r}")
    if method not in methods:
        raise ValueError(f"{method!r} is none of the step's methods, {', '.join(methods)}")
    wanted = MEASURES[name][0]
    if len(rest) != wanted or not all(isinstance(_constant(one), int) for one in rest):
        raise ValueError(f"{name} takes a method{' and a task from 1' * wanted}")


def _constant(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _value(node: ast.expr, runs: Runs) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, runs)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, runs)
        case ast.BoolOp(op=op, values=values):
            return (all if isinstance(op, ast.And) else any)(_value(value, runs) for value in values)
        case ast.BinOp(left=left, op=op, right=right):
            return _COMPUTED[type(op)](_value(left, runs), _value(right, runs))
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [_value(value, runs) for value in (left, *others)]
            pairs = zip(values, ops, values[1:], strict=False)
            return all(_COMPARED[type(op)](a, b) for a, op, b in pairs)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=method), *rest]):
            return MEASURES[name][1](runs[method], *map(_constant, rest))
    raise AssertionError(f"{ast.unparse(node)} was not checked.")
