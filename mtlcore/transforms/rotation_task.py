"""The same rotations, each turned to lower its own task's loss."""

from typing import TYPE_CHECKING

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import BEGIN, EXTENT, LEARN, CompiledTransform
from mtlcore.spec import TransformSpec
from mtlcore.transforms._rotations import (
    Rotations,
    begin,
    check_width,
    idle,
    module,
    rotated,
    turn,
    turned,
    whole,
)
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M
from mtlcore.transforms._slopes import BLOCKS, descent, outer
from mtlcore.transforms.networks import Asked

if TYPE_CHECKING:
    from torch import Tensor

    from mtlcore.nn.transform import BackwardContext, Transform


PARAMS = (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ROT_INIT)
LR, DECAY, SIZE, ADAM, HAAR = range(5)  # where their numbers stand, in this order


@kernel(EXTENT)
def _extent(d, hp):
    """Returns that one block of m dimensions turns."""
    m = rotated(int(hp[SIZE]), d)
    return turned(m, m, hp[HAAR])


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views at R(0) and the triangles of their generators."""
    return begin(R, d, descent(hp[LR], hp[DECAY], hp[ADAM], 0.0), R.shape[1])


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Turns every view down its task's own loss."""
    outer(int(views.hp[BLOCKS]), 1.0, features.local, z, views.pull)
    turn(views, state, t)


def _features(context: "BackwardContext") -> "Tensor":
    """Returns z [S, d]: the slope of a task's loss is the sum of its gradients times z."""
    return context.features


def _network(asked: Asked) -> "Transform":
    """Returns the rotations of a network."""
    return module(asked, whole(asked.values, asked.width), _features)


SPEC = TransformSpec(
    "rotation_task", "Rotation on the task loss", ROTATED,
    "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.",
    "Javaloy & Valera 2021, section 6", PARAMS,
    objective=r"\min_{R_k} L_k(r_k)",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} L_k",
    notation=ROTATION,
    idle=idle, blocks=whole, check_width=check_width,
    noun="rotation",
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn, _extent), readable=Rotations, network=_network,
)  # fmt: skip
