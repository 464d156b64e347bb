"""Rotations and shifts that go towards a closed-form target (RotoGrad's first version, Algorithm 1)."""

from mtlcore.spec import Param, TransformSpec
from mtlcore.transforms._shared import RIGID, ROT_INIT

A = Param(
    "a", "Share a", "float", 0.1, 0.0, 1.0, 0.01,
    help="How much of the way to its closed-form target every rigid motion goes in a step; 1 goes all the way.",
)  # fmt: skip
A_DECAY = Param(
    "a_decay", "Decay of the share", "float", 0.999, 0.9, 1.0, 0.0001,
    help="The share a is multiplied by this at every step, so that the motions settle before the network does.",
)  # fmt: skip

SPEC = TransformSpec(
    "rigid", "Rigid motion", r"r_k = R_k z + t_k, \quad R_k \in SO(d)",
    "Each task sees the feature turned and shifted. At every step the best rotation of the shared update onto "
    "the task's own gradients is known in closed form, and the motion goes a share of the way there.",
    "Javaloy & Valera, first version, Algorithm 1", (A, A_DECAY, ROT_INIT),
    objective=r"R_k^* = \operatorname*{arg\,max}_{R \in SO(d)} "
    r"\operatorname{tr}\Bigl(R^\top \sum_n g_n^k g_n^\top\Bigr), "
    r"\quad t_k^* = \operatorname{mean}_n r_{n,k} - R_k^* \operatorname{mean}_n z_n",
    step=r"R_k \leftarrow \Pi\bigl((1 - a_t) R_k + a_t R_k^*\bigr), "
    r"\quad t_k \leftarrow (1 - a_t)\, t_k + a_t t_k^*",
    notation={
        **RIGID,
        "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
        "g": ("g_n", "the rule's update at input n's feature"),
        r"\Pi": (r"\Pi", "the nearest rotation"),
        "a": ("a_t", "the share of the way gone at step t"),
    },
)  # fmt: skip
