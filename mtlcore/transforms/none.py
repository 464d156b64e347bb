"""No transform: every task sees the same feature."""

from mtlcore.spec import TransformSpec

SPEC = TransformSpec(
    "none",
    "None",
    r"r_k = z",
    "Every task sees the same feature.",
    "Hard parameter sharing",
    idle=lambda values: True,
)
