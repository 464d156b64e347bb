"""A discriminator that guesses the task from its gradient (after Maninis et al. 2019)."""

from mtlcore.spec import Param, TransformSpec

LAM = Param(
    "lam", "Adversarial weight", "float", 0.1, 0.0, 10.0, 0.01,
    help="How much the shared parameters give for feature gradients that do not betray their task; 0 gives nothing.",
)  # fmt: skip
LR_DISC = Param(
    "lr_disc", "Discriminator learning rate", "float", 1e-3, 1e-6, 1.0, 1e-4, scale="log",
    help="Step size of the discriminator's Adam.",
)  # fmt: skip

SPEC = TransformSpec(
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
    compiled="needs second derivatives, which only the slower reference engine has",
)  # fmt: skip
