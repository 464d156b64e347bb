"""What task k sees of the shared feature z: the transforms' specifications (the arithmetic is in the engines)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from mtlcore.spec import Param

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
    help="paper: equation 3, minus the sum of ⟨R_kᵀ g̃_nk, v_n⟩. library: the authors' public package, the sum of "
    "‖R_kᵀ g̃_nk − c v_n‖² with c the length of the mean gradient. Its gradient is 2c times the paper's, so its "
    "rotations slow down as the tasks converge.",
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
    """A transform r_k = T_k(z): its equation, its idea, its source and its parameters.

    objective: what its parameters descend, or what they go towards, in LaTeX; step: their own update, which they
    make at the same time as the network makes its own; explained: more about them, in Markdown.
    notation: the symbols of these formulas that mean something here alone: as written -> (shown, meaning).
    """

    key: str
    title: str
    equation: str
    idea: str
    cite: str
    params: tuple[Param, ...] = ()
    objective: str = ""
    step: str = ""
    explained: str = ""
    notation: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)


_ROTATED = r"r_k = [R_k z_{1:m},\; z_{m+1:d}], \quad R_k = R_k(0)\, e^{A_k} \in SO(m)"
_RATE = (r"\eta_t^{\mathrm{rot}}", "the learning rate of the transform at step t")
_ROTATION = {
    "R": ("R_k", "the rotation of task k"),
    "A": ("A_k", "the free parameters of that rotation: a skew-symmetric matrix, a single angle where m = 2"),
    "SO(m)": ("SO(m)", "the rotations of the first m of z's d dimensions"),
    _RATE[0]: _RATE,
}
_ALIGNING = {
    r"\mathcal L^k_{\mathrm{rot}}": (r"\mathcal L^k_{\mathrm{rot}}", "what the rotation of task k descends"),
    r"\tilde g": (r"\tilde g_{n,k}", "the gradient of task k at what it sees of input n, held constant"),
    "v": ("v_n", "where all gradients should point, held constant"),
    "u_": (
        "u_{n,k}",
        r"input n's row of $U_k = G_k / \|G_k\|$, $G_k$ task k's gradients at z over the whole batch",
    ),
}
_RIGID = {
    "R": ("R_k", "the rotation of task k"),
    "t": ("t_k", "the shift of task k"),
    "g^": (r"g_n^k", "the gradient of task k at what it sees of input n"),
}


_ALL = (
    TransformSpec("none", "None", r"r_k = z", "Every task sees the same feature.", "Hard parameter sharing"),
    TransformSpec(
        "rotation", "Rotation", _ROTATED,
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
        notation={**_ROTATION, **_ALIGNING},
    ),
    TransformSpec(
        "rotation_task", "Rotation on the task loss", _ROTATED,
        "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.",
        "Javaloy & Valera 2021, section 6", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ROT_INIT),
        objective=r"\min_{R_k} L_k(r_k)",
        step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} L_k",
        notation=_ROTATION,
    ),
    TransformSpec(
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
            **_RIGID,
            "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
            "g": ("g_n", "the rule's update at input n's feature"),
            r"\Pi": (r"\Pi", "the nearest rotation"),
            "a": ("a_t", "the share of the way gone at step t"),
        },
    ),
    TransformSpec(
        "rigid_sgd", "Rigid motion by gradient", r"r_k = R_k z + t_k, \quad R_k = R_k(0)\, e^{A_k} \in SO(d)",
        "The same two least-squares problems, followed down their gradient instead of solved. The second is solved "
        "already at every step, so only the rotations move.",
        "Javaloy & Valera, first version, eq. 8", (LR_ROT, ROT_DECAY, ROT_OPTIMIZER, ROT_INIT),
        objective=r"\min_{R_k, t_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2 \quad "
        r"+\; \tfrac1N \sum_n \|R_k z_n + t_k - r_{n,k}\|^2",
        step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \tfrac1N \sum_n \|R_k g_n - g_n^k\|^2",
        notation={
            **_RIGID,
            "SO(d)": ("SO(d)", "the rotations of all d dimensions of z"),
            "g": ("g_n", "the rule's update at input n's feature, held constant"),
            "A": ("A_k", "the free parameters of that rotation: a skew-symmetric matrix"),
            _RATE[0]: _RATE,
        },
    ),
    TransformSpec(
        "affine", "Affine map", r"r_k = A_k z + b_k",
        "Each task sees the feature through a linear map of its own, trained on its own loss like one more layer of "
        "its head: what rotations add beyond capacity shows in the difference.",
        "The d-grad baseline of Javaloy & Valera, first version", (LR_MAP, MAP_DECAY, MAP_OPTIMIZER),
        objective=r"\min_{A_k, b_k} L_k(A_k z + b_k)",
        step=r"(A_k, b_k) \leftarrow (A_k, b_k) - \eta_t^{\mathrm{rot}}\, \nabla_{A_k, b_k} L_k",
        notation={
            "A": ("A_k", "the matrix of task k"),
            "b": ("b_k", "the shift of task k"),
            _RATE[0]: _RATE,
        },
    ),
    TransformSpec(
        "adversarial", "Adversarial", r"r_k = z, \quad \min_\theta \sum_k w_k L_k - \lambda\, \mathrm{CE}(q)",
        "A small discriminator guesses the task from the direction of its gradient; the shared parameters learn to "
        "keep it guessing, by double backpropagation.",
        "After Maninis et al. 2019", (LAM, LR_DISC),
        objective=r"\min_q \mathrm{CE}(q) = -\operatorname{mean}_{n,k} \log q(k \mid \bar g_{n,k})",
        notation={
            "q": ("q", "the discriminator's guess of the task"),
            r"\bar g": (r"\bar g_{n,k}", "the unit gradient of task k at the feature of input n"),
            r"\lambda": (r"\lambda", "the adversarial weight"),
            r"\mathrm{CE}": (r"\mathrm{CE}", "the cross-entropy of that guess"),
        },
    ),
)  # fmt: skip
TRANSFORMS: Mapping[str, TransformSpec] = {spec.key: spec for spec in _ALL}
