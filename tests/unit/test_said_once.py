"""What is one fact stands in one place: whoever needs it asks there."""

import ast
from collections import Counter
from pathlib import Path

from source_tree import ROOT, name_of, sources, tree

from mtlcore.spec import PROPERTIES

EVERYWHERE = ("mtlcore", "toy_problems", "experiments", "app", "tools", "benchmarks")
MOST_ALIKE = 4


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


def test_a_reason_that_many_rules_share_is_written_once():
    """A few may say the same of themselves; what more say has a name."""
    texts = Counter(
        node.value
        for path in sources("mtlcore/rules")
        for call in ast.walk(tree(path))
        if isinstance(call, ast.keyword) and call.arg == "exemptions"
        for node in ast.walk(call.value)
        if isinstance(node, ast.Constant) and node.value not in PROPERTIES
    )
    assert texts
    assert not {text: count for text, count in texts.items() if count > MOST_ALIKE}
