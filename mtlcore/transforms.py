"""What task k sees of the shared feature z: the transforms' specifications (the arithmetic is in the engines)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mtlcore.rules._types import Param

LR_ROT = Param(
    "lr_rot", "Rotation learning rate", "float", 0.1, 0.0, 10.0, 0.001, scale="log",
    help="Step size of the rotations' own optimiser: too small and they never align, too large and the network cannot follow.",
)  # fmt: skip
ROT_DECAY = Param(
    "rot_decay", "Rotation decay", "float", 1.0, 0.9, 1.0, 0.0001,
    help="The rotation learning rate is multiplied by this at every step.",
)  # fmt: skip
M = Param(
    "m", "Subspace size m", "int", -1, -1, 65536, 1,
    help="Rotate only the first m feature dimensions; -1 rotates all of them, 0 none.",
)  # fmt: skip
ROT_OPTIMIZER = Param(
    "rot_optimizer", "Rotation optimiser", "choice", "sgd", choices=("sgd", "adam"),
    help="What turns the rotations: plain gradient steps, or Adam.",
)  # fmt: skip
ALIGNMENT = Param(
    "alignment", "Alignment loss", "choice", "paper", choices=("paper", "library"),
    help="paper: eq. 3. library: the authors' public package, whose rotations slow down as the tasks converge.",
)  # fmt: skip
ROT_INIT = Param(
    "rot_init", "Initial rotations", "choice", "identity", choices=("identity", "haar"),
    help="Identity, or drawn uniformly from the rotation group.",
)  # fmt: skip


@dataclass(frozen=True)
class TransformSpec:
    """A transform r_k = T_k(z): its equation, its idea, its source and its parameters."""

    key: str
    title: str
    equation: str
    idea: str
    cite: str
    params: tuple[Param, ...] = ()


_ALL = (
    TransformSpec("none", "None", r"r_k = z", "Every task sees the same feature.", "Hard parameter sharing"),
    TransformSpec(
        "rotation", "Rotation", r"r_k = [R_k z_{1:m},\; z_{m+1:d}],\; R_k \in SO(m)",
        "Each task looks at the shared feature through its own rotation, which slowly turns until the task "
        "gradients point the same way.",
        "Javaloy & Valera 2021, eq. 3", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ALIGNMENT, ROT_INIT),
    ),
    TransformSpec(
        "rotation_task", "Rotation on the task loss", r"\min_{R_k} L_k(R_k z)",
        "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.",
        "Javaloy & Valera 2021, section 6", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ROT_INIT),
    ),
)  # fmt: skip
TRANSFORMS: Mapping[str, TransformSpec] = {spec.key: spec for spec in _ALL}
