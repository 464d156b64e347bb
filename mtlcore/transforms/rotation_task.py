"""The same rotations, each turned to lower its own task's loss."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import LEARN, CompiledTransform, Views
from mtlcore.spec import TransformSpec
from mtlcore.transforms._rotations import begin, check_width, idle, turn, whole
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M
from mtlcore.transforms._slopes import BLOCKS, descent, outer


def _begin(R: np.ndarray, d: int, values: Mapping[str, Any]) -> tuple[Views, np.ndarray]:
    """Returns the views at R(0) and the triangles of their generators."""
    return begin(R, d, descent(values))


@kernel(LEARN)
def _learn(z, views, state, features, t):
    """Turns every view down its task's own loss."""
    outer(int(views.hp[BLOCKS]), 1.0, features.local, z, views.pull)
    turn(views, state, t)


SPEC = TransformSpec(
    "rotation_task", "Rotation on the task loss", ROTATED,
    "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.",
    "Javaloy & Valera 2021, section 6", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ROT_INIT),
    objective=r"\min_{R_k} L_k(r_k)",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} L_k",
    notation=ROTATION,
    idle=idle, blocks=whole, check_width=check_width,
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, _learn),
)  # fmt: skip
