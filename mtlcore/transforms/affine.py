"""One free linear map a task, trained on its loss: the d-grad baseline."""

from dataclasses import replace

from mtlcore.spec import TransformSpec
from mtlcore.transforms._shared import LR_ROT, RATE, ROT_DECAY, ROT_OPTIMIZER

LR_MAP = replace(LR_ROT, label="Map learning rate", help="Step size of the affine maps' own optimiser.")
MAP_DECAY = replace(
    ROT_DECAY, label="Map decay", help="The map learning rate is multiplied by this at every step."
)
MAP_OPTIMIZER = replace(
    ROT_OPTIMIZER, label="Map optimiser", help="What moves the maps: plain gradient steps, or Adam."
)

SPEC = TransformSpec(
    "affine", "Affine map", r"r_k = A_k z + b_k",
    "Each task sees the feature through a linear map of its own, trained on its own loss like one more layer of "
    "its head: what rotations add beyond capacity shows in the difference.",
    "The d-grad baseline of Javaloy & Valera, first version", (LR_MAP, MAP_DECAY, MAP_OPTIMIZER),
    objective=r"\min_{A_k, b_k} L_k(A_k z + b_k)",
    step=r"(A_k, b_k) \leftarrow (A_k, b_k) - \eta_t^{\mathrm{rot}}\, \nabla_{A_k, b_k} L_k",
    notation={
        "A": ("A_k", "the matrix of task k"),
        "b": ("b_k", "the shift of task k"),
        RATE[0]: RATE,
    },
)  # fmt: skip
