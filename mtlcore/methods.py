"""The named methods in the order of the tables: each a transform, a rule and a level, and what its name fixes."""

from mtlcore.spec import MethodSpec

_ROTOGRAD = "Javaloy & Valera 2021"
_ROTOGRAD_V1 = "Javaloy & Valera, first version"
NAMED = (
    MethodSpec(
        "uniform", "Uniform (vanilla)", "uniform", cite="Linear scalarization",
        note="The gradient of the mean loss: what training does when nothing is balanced.",
    ),
    MethodSpec(
        "single_task", "Single task", "single_task", cite="The single-task baseline of " + _ROTOGRAD,
        note="Trains one task only; the yardstick of relative task improvement.",
    ),
    MethodSpec("rlw", "RLW", "rlw", cite="Lin et al. 2022", note="Random weights, new at every step."),
    MethodSpec(
        "dwa", "DWA", "dwa", cite="Liu et al. 2019",
        note="More weight for the tasks whose loss fell least of late; losses only, one backward.",
    ),
    MethodSpec(
        "uncertainty", "Uncertainty", "uncertainty", cite="Kendall et al. 2018",
        note="Learns one log variance a task; in the long run the weight is one over the loss.",
    ),
    MethodSpec(
        "mgda", "MGDA", "mgda", cite="Désidéri 2012; Sener & Koltun 2018",
        note="The shortest vector in the hull of the gradients, found exactly; it stops at any Pareto stationary "
        "point. With a normalisation the update is not always a descent direction.",
    ),
    MethodSpec(
        "mgda_ub", "MGDA-UB", "mgda", level="features", cite="Sener & Koltun 2018",
        note="MGDA on the gradients at the shared feature: one backward through the backbone whatever K.",
    ),
    MethodSpec(
        "gradnorm_w", "GradNorm-W", "gradnorm", level="last_shared", cite="Chen et al. 2018",
        note="Gradient norms are measured at the last shared module, as published.",
    ),
    MethodSpec(
        "gradnorm_z", "GradNorm-Z", "gradnorm", level="features", cite="Chen et al. 2018; " + _ROTOGRAD,
        note="Gradient norms are measured at the shared feature.",
    ),
    MethodSpec(
        "graddrop", "GradDrop", "graddrop", level="features", cite="Chen et al. 2020",
        note="Draws one sign for each feature and drops the gradients of the other sign.",
    ),
    MethodSpec(
        "pcgrad", "PCGrad", "pcgrad", cite="Yu et al. 2020",
        note="Takes out of each gradient what opposes another one, pair by pair in a random order.",
    ),
    MethodSpec(
        "gradvac", "GradVac", "gradvac", cite="Wang et al. 2021",
        note="Turns each pair towards the cosine it had on average, also where there is no conflict.",
    ),
    MethodSpec(
        "cagrad", "CAGrad", "cagrad", cite="Liu et al. 2021 (CAGrad)",
        note="Helps the worst task within a ball around the mean gradient, so it still lowers the mean loss.",
    ),
    MethodSpec(
        "imtl_g", "IMTL-G", "imtl_g", cite="Liu et al. 2021 (IMTL)",
        note="The update has the same projection on every gradient; weights may be negative.",
    ),
    MethodSpec(
        "imtl_g_ub", "IMTL-G (features)", "imtl_g", level="features", cite="Liu et al. 2021 (IMTL)",
        note="IMTL-G on the gradients at the shared feature: what IMTL-G + R_k is without its rotations.",
    ),
    MethodSpec(
        "imtl", "IMTL", "imtl", cite="Liu et al. 2021 (IMTL)",
        note="IMTL-G on gradients whose losses were first brought to one size by learned scales.",
    ),
    MethodSpec(
        "imtl_g_rk", "IMTL-G + R_k", "imtl_g", "rotation_task", "features", _ROTOGRAD + ", section 6",
        note="Equal projections, and rotations trained on the task losses: what rotations alone bring.",
    ),
    MethodSpec(
        "nash_mtl", "Nash-MTL", "nash_mtl", cite="Navon et al. 2022",
        note="The bargaining solution. With max_norm 1 nearly every step has unit length, so plain SGD "
        "never settles: use Adam, a decaying rate or another max_norm.",
    ),
    MethodSpec(
        "aligned_mtl", "Aligned-MTL", "aligned_mtl", cite="Senushkin et al. 2023, Algorithm 1",
        note="Replaces the gradients by the nearest orthogonal ones of equal length; ends where the given "
        "preferences say.",
    ),
    MethodSpec(
        "aligned_mtl_ub", "Aligned-MTL-UB", "aligned_mtl", level="features", cite="Senushkin et al. 2023",
        note="Aligned-MTL on the gradients at the shared feature: one backward through the backbone "
        "whatever K.",
    ),
    MethodSpec(
        "rotate_only", "RotateOnly", "uniform", "rotation", "features", _ROTOGRAD,
        note="RotoGrad without its scale: the directions are aligned, the lengths are left as they are. Where the "
        "tasks are equally loud it solves as many seeds of the toy problems as RotoGrad, where one is much louder "
        "fewer.",
    ),
    MethodSpec(
        "rotograd", "RotoGrad", "rotograd_scale", "rotation", "features", _ROTOGRAD,
        note="Equal lengths and aligned directions; the rotations must learn quickly enough to align, and "
        "slowly enough for the network to follow.",
    ),
    MethodSpec(
        "rotograd_scale", "RotoGrad scale only (m = 0)", "rotograd_scale", level="features", cite=_ROTOGRAD,
        note="RotoGrad without its rotations: only the lengths are made equal.",
    ),
    MethodSpec(
        "rotograd_v1", "RotoGrad v1", "gradnorm", "rigid", "features", _ROTOGRAD_V1,
        note="The first version of RotoGrad: rigid motions towards closed-form targets, lengths by GradNorm. It solves "
        "most seeds of the convex toy problem and hardly any of the non-convex one.",
    ),
    MethodSpec(
        "rotograd_v1_sgd", "RotoGrad v1 sgd", "gradnorm", "rigid_sgd", "features", _ROTOGRAD_V1,
        note="The first version with its least-squares problem followed down the gradient instead of solved.",
    ),
    MethodSpec(
        "d_grad", "d-grad", "uniform", "affine", "features", _ROTOGRAD_V1,
        note="A free linear map for each task, trained on its loss: the capacity that rotations are compared with.",
    ),
    MethodSpec(
        "adversarial", "Adversarial", "uniform", "adversarial", cite="After Maninis et al. 2019",
        note="The shared parameters hide from a discriminator which task a gradient belongs to; reference engine "
        "only.",
    ),
    MethodSpec(
        "famo", "FAMO", "famo", cite="Liu et al. 2023",
        note="Lets all log losses fall at one pace; losses only, one backward.",
    ),
    MethodSpec(
        "fairgrad", "FairGrad", "fairgrad", cite="Ban & Ji 2024",
        note="Alpha-fair sharing of the improvement; alpha 1 is the bargaining solution, larger favours the "
        "worst off.",
    ),
    MethodSpec(
        "upgrad", "UPGrad", "upgrad", cite="Quinton & Rey 2024",
        note="Every gradient is projected to where it opposes no task, then the mean is taken.",
    ),
    MethodSpec(
        "dualproj", "DualProj", "dualproj", cite="Lopez-Paz & Ranzato 2017 (GEM)",
        note="The mean gradient is projected to where it opposes no task.",
    ),
    MethodSpec(
        "stch", "STCH", "stch", cite="Lin et al. 2024",
        note="A smooth maximum of the log losses: the worst task counts most; losses only, one backward.",
    ),
)  # fmt: skip
