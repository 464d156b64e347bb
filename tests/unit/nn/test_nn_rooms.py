"""Who knows what in mtlcore.nn: what gathers a step names no level, no rule and no transform, and holds no model."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from small_networks import TASKS, backbone, model, step
from torch import nn

import mtlcore
from mtlcore import diagnostics
from mtlcore.nn import MultiTask
from mtlcore.nn.levels import LEVELS
from mtlcore.nn.transform import Transform

FOLDER = Path(mtlcore.nn.__file__).parent
CHOOSING = {"build.py"}  # from a transform's name to its module


def compared(path: Path) -> set[str]:
    """Returns the strings that the file compares something with, or looks things up by."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, (ast.Dict, ast.Match)):
            parts = [one for one in getattr(node, "keys", [node]) if one is not None]
        else:
            continue
        inner = (one for part in parts for one in ast.walk(part))
        found |= {one.value for one in inner if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def own_files(*bases: type) -> set[str]:
    """Returns the files that define a kind of these: such a file may name itself."""
    kinds, found = list(bases), set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found.add(kind.__module__.rpartition(".")[2] + ".py")
    return found


def test_generic_code_names_no_level_no_rule_and_no_transform():
    known = {*LEVELS, *mtlcore.RULES, *mtlcore.TRANSFORMS}
    generic = [
        path
        for path in sorted(FOLDER.rglob("*.py"))
        if path.name not in own_files(*LEVELS.values(), Transform) | CHOOSING
    ]
    assert {"gathering.py", "multi_task.py", "weighing.py"} <= {path.name for path in generic}
    assert {path.name: named for path in generic if (named := compared(path) & known)} == {}


class Tied(MultiTask):
    """A model with a parameter of its own, whose heads share one with each other and one with the backbone."""

    def __init__(self) -> None:
        heads, body = [nn.Linear(4, 1) for _ in range(TASKS)], backbone()
        heads[2].weight, heads[1].shift = heads[0].weight, body[2].bias
        super().__init__(body, heads, "rotograd")
        self.temperature = nn.Parameter(torch.ones(()))


def test_the_parts_name_every_parameter_as_the_model_does():
    net = Tied()
    found = list(net._parts().named_parameters())
    assert [name for name, _ in found] == [name for name, _ in net.named_parameters()]
    assert all(one is other for (_, one), other in zip(found, net.parameters(), strict=True))
    net.heads[0].requires_grad_(False)
    assert len(net._parts().trained()) == len(found) - 2


@pytest.mark.parametrize(
    "lengths", [(1.0, 2.0, 3.0), (1.0, 0.0, 1e3), (1.0, 1e-13, 1.0), (1e-120, 1e-121, 1e-120)]
)
def test_the_report_s_cosines_are_the_diagnostics_own(lengths):
    net = model("mgda")
    step(net)
    scale = np.outer(lengths, lengths)
    report = net.last
    report.gram_tensor.mul_(torch.from_numpy(scale))
    np.testing.assert_array_equal(report.cosines, diagnostics.cosines(report.gram))
    assert np.abs(report.cosines).max() <= 1.0


def test_a_skipped_step_has_no_cosines():
    net = model("mgda")
    x = torch.zeros(2, 5, dtype=torch.float64)
    losses = [p.square().mean() / 0.0 for p in net(x)]
    net.backward(losses, scaler=torch.amp.GradScaler("cpu"))
    assert net.last.overflow
    assert not net.last.cosines.any()
