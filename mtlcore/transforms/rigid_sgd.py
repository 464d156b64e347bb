"""The rigid motion's two least-squares problems, followed down their gradient."""

from mtlcore.spec import TransformSpec
from mtlcore.transforms._shared import LR_ROT, RATE, RIGID, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER

SPEC = TransformSpec(
    "rigid_sgd", "Rigid motion by gradient", r"r_k = R_k z + t_k, \quad R_k = R_k(0)\, e^{A_k} \in SO(d)",
    "The same two least-squares problems, followed down their gradient instead of solved. The second is solved "
    "already at every step, so only the rotations move.",
    "Javaloy & Valera, first version, eq. 8", (LR_ROT, ROT_DECAY, ROT_OPTIMIZER, ROT_INIT),
    objective=r"\min_{R_k, t_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2 \quad "
    r"+\; \tfrac1N \sum_n \|R_k z_n + t_k - r_{n,k}\|^2",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2",
    notation={
        **RIGID,
        "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
        "g": ("g_n", "the rule's update at input n's feature, held constant"),
        "A": ("A_k", "the free parameters of that rotation: a skew-symmetric matrix"),
        RATE[0]: RATE,
    },
)  # fmt: skip
