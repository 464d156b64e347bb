"""RotoGrad's rotations, which turn until the task gradients agree (Javaloy & Valera 2021, equation 3)."""

from typing import TYPE_CHECKING

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import BEGIN, EXTENT, CompiledTransform
from mtlcore.spec import TransformSpec
from mtlcore.transforms._alignment import ALIGNING, ALIGNMENT, OBJECTIVE, Aligning, align, aligning_module
from mtlcore.transforms._rotations import begin, check_width, idle, rotated, turned, whole
from mtlcore.transforms._shared import LR_ROT, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATED, ROTATION, M
from mtlcore.transforms._slopes import descent
from mtlcore.transforms.networks import Asked

if TYPE_CHECKING:
    from mtlcore.nn.transform import Transform


PARAMS = (LR_ROT, ROT_DECAY, M, ROT_OPTIMIZER, ALIGNMENT, ROT_INIT)
LR, DECAY, SIZE, ADAM, LIBRARY, HAAR = range(6)  # where their numbers stand, in this order


@kernel(EXTENT)
def _extent(d, hp):
    """Returns that one block of m dimensions turns."""
    m = rotated(int(hp[SIZE]), d)
    return turned(m, m, hp[HAAR])


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views at R(0) and the triangles of their generators."""
    return begin(R, d, descent(hp[LR], hp[DECAY], hp[ADAM], hp[LIBRARY]), R.shape[1])


def _network(asked: Asked) -> "Transform":
    """Returns the rotations of a network."""
    return aligning_module(asked, whole(asked.values, asked.width))


SPEC = TransformSpec(
    "rotation", "Rotation", ROTATED,
    "Each task looks at the shared feature through its own rotation, which slowly turns until the task "
    "gradients point the same way.",
    "Javaloy & Valera 2021, eq. 3", PARAMS,
    objective=OBJECTIVE,
    step=r"A_k \leftarrow A_k - \eta_t^{\mathrm{rot}}\, \nabla_{A_k} \mathcal L^k_{\mathrm{rot}}",
    explained="**Alignment loss.** `paper` is this, equation 3. `library` is what the authors' public package "
    r"descends, $\sum_n \| R_k^\top \tilde g_{n,k} - c\, v_n \|^2$ with $c = \| \tfrac1K \sum_k G_k \|$. The first "
    r"part of the square does not depend on $R_k$, so its gradient is $2c$ times the paper's: as the tasks "
    "converge, $c$ shrinks and the rotations slow down.",
    notation={**ROTATION, **ALIGNING},
    idle=idle, blocks=whole, check_width=check_width,
    noun="rotation",
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, align, _extent), readable=Aligning, network=_network,
)  # fmt: skip
