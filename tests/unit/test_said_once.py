"""What is one fact stands in one place: whoever needs it asks there."""

import ast
from pathlib import Path

from source_tree import ROOT, name_of, sources, tree

EVERYWHERE = ("mtlcore", "toy_problems", "experiments", "app", "tools", "benchmarks")


def decides_for_itself(path: Path) -> list[int]:
    """Returns the lines that work out from a rule's `needs` whether it looks at gradients."""
    asked = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Compare | ast.BinOp))
    return [node.lineno for node in asked if _reads_needs(node) and _words(node) & {"gram", "gradients"}]


def _reads_needs(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "needs" for inner in ast.walk(node))


def _words(node: ast.AST) -> set[object]:
    return {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)}


def test_whether_a_rule_looks_at_gradients_is_asked_of_its_specification():
    asking = [path for path in sources(*EVERYWHERE) if path != ROOT / "mtlcore/spec.py"]
    found = {name_of(path): decides_for_itself(path) for path in asking}
    assert not {name: lines for name, lines in found.items() if lines}
    assert decides_for_itself(ROOT / "mtlcore/spec.py")
