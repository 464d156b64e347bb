"""Adding a transform as CONTRIBUTING.md says: what is written, and where it then appears by itself."""

TRANSFORM = '''"""A shift a task, trained on its loss."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import BEGIN, LEARN, CompiledTransform, identity_views
from mtlcore.spec import Param, TransformSpec
from mtlcore.transforms._shared import LR_ROT, RATE, ROT_DECAY, ROT_OPTIMIZER
from mtlcore.transforms._slopes import OWN, descent, follow_slope
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.readable import Descending, Seen

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Learned, Transform

LEAN = Param("lean", "Lean", "float", 1.0, 0.0, 2.0, 0.1, help="What the slope is multiplied by.")


PARAMS = (LR_ROT, ROT_DECAY, ROT_OPTIMIZER, LEAN)
LR, DECAY, ADAM, FACTOR = range(4)  # where their numbers stand, in this order


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views r_k = z and their shifts."""
    numbers = descent(hp[LR], hp[DECAY], hp[ADAM], hp[FACTOR])
    return identity_views(R.shape[0], d, numbers), np.zeros(R.shape[0] * d)


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Moves every shift down its task's own loss."""
    tasks, d = views.b.shape
    for k in range(tasks):
        for i in range(d):
            state.step[k * d + i] = 0.0
            for n in range(z.shape[0]):
                state.step[k * d + i] += views.hp[OWN] * features.local[k, n, i]
    follow_slope(views.hp, state, t)
    for k in range(tasks):
        for i in range(d):
            views.b[k, i] = state.theta[k * d + i]


class _Readable(Descending):
    def parameters(self) -> "list[Tensor]":
        """Returns b_k."""
        return [shift.requires_grad_() for shift in self.b]

    def loss(self, k: int, seen: Seen) -> "Tensor":
        """Returns the task's own loss, times the lean."""
        return self.values["lean"] * super().loss(k, seen)


def _slopes(module: Any, context: "BackwardContext") -> "Learned":
    """Returns the gradients of the shifts."""
    return [(module.offset, module.lean * context.seen.sum(1).to(module.offset.dtype))]


def _network(asked: Asked) -> "Transform":
    """Returns the shifts of a network."""
    import torch

    from mtlcore.nn.linear import LinearViews

    matrix = torch.eye(asked.width, dtype=asked.dtype).repeat(asked.tasks, 1, 1)
    offset = torch.zeros(asked.tasks, asked.width, dtype=asked.dtype)
    made = LinearViews(asked.dim, {"matrix": matrix, "offset": offset}, _slopes, trained=True)
    made.matrix.requires_grad_(False)
    made.lean = asked.values["lean"]
    return made


SPEC = TransformSpec(
    "shift", "Shift", r"r_k = z + b_k", "Each task sees the feature from a place of its own.",
    "Javaloy & Valera 2021", PARAMS,
    objective=r"\\min_{b_k} L_k(z + b_k)", notation={"b": ("b_k", "the shift of task k")},
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn), readable=_Readable, network=_network,
)  # fmt: skip
'''
BEFORE = """
import numpy, torch
from torch import nn
from app.cards import method_text
from app.offered import refusal
from app.view import View
from mtlcore import TRANSFORMS, method
from mtlcore.nn import MultiTask
from mtlcore.registry import method_spec
from toy_problems import ToyConfig, run
from tools.documentation import transform_pages

KEY = "shift+uniform@features"
config = ToyConfig("avocado", KEY, d=4, steps=30, params={"lean": 1.5, "lr_rot": 0.01})
fast, slow = run(config), run(config, engine="reference")
net = MultiTask(nn.Linear(3, 4), [nn.Linear(4, 1), nn.Linear(4, 1)], method(KEY, lr_rot=0.1))
x = torch.ones(5, 3)
optimizer, _ = net.transform_optimizer()
net.backward([prediction.square().mean() for prediction in net(x)])
optimizer.step()
"""
SEES = {
    "slider": 'View().having("methods", (KEY,)).fields["lean"].param.label',
    "runs on the page": 'refusal("avocado", KEY) is None',
    "card": 'TRANSFORMS["shift"].idea in method_text(method_spec(KEY))',
    "page": '"Each task sees the feature from a place of its own." in transform_pages.pages()["transforms/shift.md"]',
    "index": '"[Shift](shift.md)" in transform_pages.pages()["transforms/index.md"]',
    "parity": "float(abs(fast.z - slow.z).max() + abs(fast.offsets - slow.offsets).max())",
    "moved": "float(abs(fast.offsets[:, -1]).min())",
    "rates": "fast.rate_ratio is not None",
    "network": "bool(net.transform.offset.abs().min() > 0)",
    "deployed": "float((net.task(0)(x) - net(x)[0]).abs().max())",
}


def test_a_transform_is_one_file_and_one_registry_line(copy):
    copy.write("mtlcore/transforms/shift.py", TRANSFORM)
    copy.replace("mtlcore/registry.py", '"rigid_sgd", "affine"', '"rigid_sgd", "shift", "affine"')
    assert len(copy.touched) == 2
    seen = copy.sees(SEES, BEFORE)
    assert seen.pop("slider") == "Lean"
    assert seen.pop("parity") < 1e-10
    assert seen.pop("moved") > 1e-4
    assert seen.pop("deployed") < 1e-6
    assert all(value is True for value in seen.values()), seen
    tests = copy.collected(
        "tests/parity/test_engines.py", "tests/app/test_notation.py", "tests/app/test_composing.py"
    )
    assert sum("shift" in name for name in tests) >= 4  # both engines, its symbols, every rule with it
