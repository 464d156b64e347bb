"""RotoGrad's rotations, which turn until the task gradients agree (Javaloy & Valera 2021, equation 3)."""

from mtlcore.spec import Param, TransformSpec
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M

ALIGNMENT = Param(
    "alignment", "Alignment loss", "choice", "paper", choices=("paper", "library"),
    help="paper: equation 3, minus the sum of ⟨R_kᵀ g̃_nk, v_n⟩. library: the authors' public package, the sum of "
    "‖R_kᵀ g̃_nk − c v_n‖² with c the length of the mean gradient. Its gradient is 2c times the paper's, so its "
    "rotations slow down as the tasks converge.",
)  # fmt: skip

ALIGNING = {
    r"\mathcal L^k_{\mathrm{rot}}": (r"\mathcal L^k_{\mathrm{rot}}", "what the rotation of task k descends"),
    r"\tilde g": (r"\tilde g_{n,k}", "the gradient of task k at what it sees of input n, held constant"),
    "v": ("v_n", "where all gradients should point, held constant"),
    "u_": (
        "u_{n,k}",
        r"input n's row of $U_k = G_k / \|G_k\|$, $G_k$ task k's gradients at z over the whole batch",
    ),
}

SPEC = TransformSpec(
    "rotation", "Rotation", ROTATED,
    "Each task looks at the shared feature through its own rotation, which slowly turns until the task "
    "gradients point the same way.",
    "Javaloy & Valera 2021, eq. 3", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ALIGNMENT, ROT_INIT),
    objective=r"\mathcal L^k_{\mathrm{rot}} = -\sum_n \langle R_k^\top \tilde g_{n,k},\, v_n \rangle, \quad "
    r"\tilde g_{n,k} = \nabla_{r_{n,k}} L_k, \quad v_n = \tfrac1K \sum_k u_{n,k}",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \mathcal L^k_{\mathrm{rot}}",
    explained="**Alignment loss.** `paper` is this, equation 3. `library` is what the authors' public package "
    r"descends, $\sum_n \| R_k^\top \tilde g_{n,k} - c\, v_n \|^2$ with $c = \| \tfrac1K \sum_k G_k \|$. The first "
    r"part of the square does not depend on $R_k$, so its gradient is $2c$ times the paper's: as the tasks "
    "converge, $c$ shrinks and the rotations slow down.",
    notation={**ROTATION, **ALIGNING},
)  # fmt: skip
