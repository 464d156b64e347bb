"""RotoGrad's rotations, which turn until the task gradients agree (Javaloy & Valera 2021, equation 3)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mtlcore.compiled.views import CompiledTransform, Views
from mtlcore.spec import TransformSpec
from mtlcore.transforms._alignment import ALIGNING, ALIGNMENT, OBJECTIVE, align
from mtlcore.transforms._rotations import begin, check_width, idle, whole
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M
from mtlcore.transforms._slopes import descent


def _begin(R: np.ndarray, d: int, values: Mapping[str, Any]) -> tuple[Views, np.ndarray]:
    """Returns the views at R(0) and the triangles of their generators."""
    return begin(R, d, [*descent(values), values["alignment"] == "library"])


SPEC = TransformSpec(
    "rotation", "Rotation", ROTATED,
    "Each task looks at the shared feature through its own rotation, which slowly turns until the task "
    "gradients point the same way.",
    "Javaloy & Valera 2021, eq. 3", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ALIGNMENT, ROT_INIT),
    objective=OBJECTIVE,
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \mathcal L^k_{\mathrm{rot}}",
    explained="**Alignment loss.** `paper` is this, equation 3. `library` is what the authors' public package "
    r"descends, $\sum_n \| R_k^\top \tilde g_{n,k} - c\, v_n \|^2$ with $c = \| \tfrac1K \sum_k G_k \|$. The first "
    r"part of the square does not depend on $R_k$, so its gradient is $2c$ times the paper's: as the tasks "
    "converge, $c$ shrinks and the rotations slow down.",
    notation={**ROTATION, **ALIGNING},
    idle=idle, blocks=whole, check_width=check_width,
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, align),
)  # fmt: skip
