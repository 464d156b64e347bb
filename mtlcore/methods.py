"""The named methods that put a transform and a rule together; those of a rule alone stand in the rule's SPEC.

COMPOSED has them by the rule whose own methods they follow wherever methods are listed.
"""

from collections.abc import Mapping

from mtlcore.spec import MethodSpec

_ROTOGRAD = "Javaloy & Valera 2021"
_ROTOGRAD_V1 = "Javaloy & Valera, first version"
COMPOSED: Mapping[str, tuple[MethodSpec, ...]] = {
    "imtl": (
        MethodSpec(
            "imtl_g_rk", "IMTL-G + R_k", "imtl_g", "rotation_task", "features", _ROTOGRAD + ", section 6",
            note="Equal projections, and rotations trained on the task losses: what rotations alone bring.",
        ),
    ),
    "aligned_mtl": (
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
    ),
    "rotograd_scale": (
        MethodSpec(
            "rotograd_v1", "RotoGrad v1", "gradnorm", "rigid", "features", _ROTOGRAD_V1,
            note="The first version of RotoGrad: rigid motions towards closed-form targets, lengths by GradNorm. It "
            "solves most seeds of the convex toy problem and hardly any of the non-convex one.",
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
    ),
}  # fmt: skip
