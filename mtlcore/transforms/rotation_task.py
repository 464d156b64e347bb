"""The same rotations, each turned to lower its own task's loss."""

from mtlcore.spec import TransformSpec
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M

SPEC = TransformSpec(
    "rotation_task", "Rotation on the task loss", ROTATED,
    "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.",
    "Javaloy & Valera 2021, section 6", (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ROT_INIT),
    objective=r"\min_{R_k} L_k(r_k)",
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} L_k",
    notation=ROTATION,
)  # fmt: skip
