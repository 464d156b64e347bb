"""What task k sees of the shared feature z: the transforms' specifications (the arithmetic is in the engines)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from mtlcore.rules._types import Param

LR_ROT = Param(
    "lr_rot", "Rotation learning rate", "float", 0.1, 0.0, 10.0, 0.001, scale="log",
    help="Step size of the rotations' own optimiser: too small and they never align, too large and the network "
    "cannot follow.",
)  # fmt: skip
ROT_DECAY = Param(
    "rot_decay", "Rotation decay", "float", 1.0, 0.9, 1.0, 0.0001,
    help="The rotation learning rate is multiplied by this at every step.",
)  # fmt: skip
LR_MAP = replace(LR_ROT, label="Map learning rate", help="Step size of the affine maps' own optimiser.")
MAP_DECAY = replace(
    ROT_DECAY, label="Map decay", help="The map learning rate is multiplied by this at every step."
)
M = Param(
    "m", "Subspace size m", "int", -1, -1, 65536, 1,
    help="Rotate only the first m feature dimensions; -1 rotates all of them, 0 none.",
)  # fmt: skip
ROT_OPTIMIZER = Param(
    "rot_optimizer", "Rotation optimiser", "choice", "sgd", choices=("sgd", "adam"),
    help="What turns the rotations: plain gradient steps, or Adam.",
)  # fmt: skip
# On networks these take the place of the defaults above, which are the toys'. A batch's mean gradients are so
# small that plain steps at the papers' rate turn nothing; their 5e-4 belongs to Adam.
NETWORK_DEFAULTS: Mapping[str, Any] = MappingProxyType({LR_ROT.name: 5e-4, ROT_OPTIMIZER.name: "adam"})
MAP_OPTIMIZER = replace(
    ROT_OPTIMIZER, label="Map optimiser", help="What moves the maps: plain gradient steps, or Adam."
)
ALIGNMENT = Param(
    "alignment", "Alignment loss", "choice", "paper", choices=("paper", "library"),
    help="paper: eq. 3. library: the authors' public package, whose rotations slow down as the tasks converge.",
)  # fmt: skip
ROT_INIT = Param(
    "rot_init", "Initial rotations", "choice", "identity", choices=("identity", "haar"),
    help="Identity, or drawn uniformly from the rotation group.",
)  # fmt: skip
A = Param(
    "a", "Share a", "float", 0.1, 0.0, 1.0, 0.01,
    help="How much of the way to its closed-form target every rigid motion goes in a step; 1 goes all the way.",
)  # fmt: skip
A_DECAY = Param(
    "a_decay", "Decay of the share", "float", 0.999, 0.9, 1.0, 0.0001,
    help="The share a is multiplied by this at every step, so that the motions settle before the network does.",
)  # fmt: skip
LAM = Param(
    "lam", "Adversarial weight", "float", 0.1, 0.0, 10.0, 0.01,
    help="How much the shared parameters give for feature gradients that do not betray their task; 0 gives nothing.",
)  # fmt: skip
LR_DISC = Param(
    "lr_disc", "Discriminator learning rate", "float", 1e-3, 1e-6, 1.0, 1e-4, scale="log",
    help="Step size of the discriminator's Adam.",
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
    TransformSpec(
        "rigid", "Rigid motion", r"r_k = R_k z + t_k,\; R_k \leftarrow \Pi\bigl((1 - a) R_k + a R_k^*\bigr)",
        "Each task sees the feature turned and shifted. At every step the best rotation of the shared update onto "
        "the task's own gradients is known in closed form, and the motion goes a share of the way there.",
        "Javaloy & Valera, first version, Algorithm 1", (A, A_DECAY, ROT_INIT),
    ),
    TransformSpec(
        "rigid_sgd", "Rigid motion by gradient",
        r"\min_{R_k, t_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2 + \tfrac1N \sum_n \|R_k z_n + t_k - r_{n,k}\|^2",
        "The same two least-squares problems, followed down their gradient instead of solved. The second is solved "
        "already at every step, so only the rotations move.",
        "Javaloy & Valera, first version, eq. 8", (LR_ROT, ROT_DECAY, ROT_OPTIMIZER, ROT_INIT),
    ),
    TransformSpec(
        "affine", "Affine map", r"r_k = A_k z + b_k,\; \min_{A_k, b_k} L_k(A_k z + b_k)",
        "Each task sees the feature through a linear map of its own, trained on its own loss like one more layer of "
        "its head: what rotations add beyond capacity shows in the difference.",
        "The d-grad baseline of Javaloy & Valera, first version", (LR_MAP, MAP_DECAY, MAP_OPTIMIZER),
    ),
    TransformSpec(
        "adversarial", "Adversarial", r"r_k = z,\; \min_\theta \tfrac1K \sum_k L_k - \lambda\, \mathrm{CE}(q)",
        "A small discriminator guesses the task from the direction of its gradient; the shared parameters learn to "
        "keep it guessing, by double backpropagation.",
        "After Maninis et al. 2019", (LAM, LR_DISC),
    ),
)  # fmt: skip
TRANSFORMS: Mapping[str, TransformSpec] = {spec.key: spec for spec in _ALL}
