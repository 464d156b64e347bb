"""Rotations in blocks along the diagonal, which cost m b a task and sample (Javaloy & Valera 2021, future work)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import BEGIN, EXTENT, CompiledTransform
from mtlcore.spec import WIDEST, FieldError, Param, TransformSpec
from mtlcore.transforms._alignment import ALIGNING, ALIGNMENT, OBJECTIVE, Aligning, align, aligning_module
from mtlcore.transforms._rotations import begin, check_width, idle, rotated, turned, whole
from mtlcore.transforms._shared import LR_ROT, RATE, ROT_DECAY, ROT_INIT, ROT_OPTIMIZER, ROTATION, M
from mtlcore.transforms._slopes import descent
from mtlcore.transforms.networks import Asked

if TYPE_CHECKING:
    from mtlcore.nn.transform import Transform

BLOCK = Param(
    "block", "Block size b", "int", 2, 1, WIDEST, 1,
    help="Every b dimensions turn among themselves; m is a multiple of it. b = m is the full rotation.",
)  # fmt: skip
SUBSPACE = replace(M, help=f"{M.help} A multiple of the block size.")
PARAMS = (LR_ROT, ROT_DECAY, SUBSPACE, BLOCK, ROT_OPTIMIZER, ALIGNMENT, ROT_INIT)
LR, DECAY, SPAN, SIZE, ADAM, LIBRARY, HAAR = range(7)  # where their numbers stand, in this order


def _sizes(values: Mapping[str, Any], d: int) -> tuple[int, ...]:
    """Returns m / b blocks of size b."""
    return (values["block"],) * (sum(whole(values, d)) // values["block"])


def _check(values: Mapping[str, Any], d: int, owner: str) -> None:
    """Raises FieldError for m > d, and for an m that does not consist of blocks."""
    check_width(values, d, owner)
    m, block = sum(whole(values, d)), values["block"]
    if m % block and values["m"] < 0:
        raise FieldError(owner, "block", block, f"a divisor of the {d} dimensions that rotate")
    if m % block:
        raise FieldError(owner, "m", m, f"-1 (all) or a multiple of the block size {block}")


@kernel(EXTENT)
def _extent(d, hp):
    """Returns that m / b blocks of size b turn."""
    block = int(hp[SIZE])
    return turned(rotated(int(hp[SPAN]), d) // block * block, block, hp[HAAR])


@kernel(BEGIN)
def _begin(R, d, hp):
    """Returns the views at R(0) and the triangles of their blocks' generators."""
    return begin(R, d, descent(hp[LR], hp[DECAY], hp[ADAM], hp[LIBRARY]), int(hp[SIZE]))


class _Readable(Aligning):
    def block_size(self, m: int) -> int:
        """Returns b."""
        return int(self.values["block"])


def _network(asked: Asked) -> "Transform":
    """Returns the rotations of a network."""
    return aligning_module(asked, _sizes(asked.values, asked.width))


SPEC = TransformSpec(
    "rotation_blocks", "Rotation in blocks",
    r"r_k = [R_k z_{1:m},\; z_{m+1:d}], \quad R_k = \operatorname{diag}(R_{k,1}, \ldots, R_{k,m/b}), "
    r"\quad R_{k,j} = R_{k,j}(0)\, e^{A_{k,j}} \in SO(b)",
    "The rotation, made of blocks that turn b dimensions among themselves: m b operations a task and sample in the "
    "place of m².",
    "Javaloy & Valera 2021, future work", PARAMS,
    objective=OBJECTIVE,
    step=r"A_{k,j} \leftarrow A_{k,j} - \eta_t^{\mathrm{rot}}\, \nabla_{A_{k,j}} \mathcal L^k_{\mathrm{rot}}",
    explained="The entries of the alignment loss's gradient outside the blocks are dropped. Dimensions of different "
    "blocks never mix, so it matters which share one; a single block, b = m, is the full rotation.",
    notation={
        **ALIGNING,
        "R": ROTATION["R"],
        RATE[0]: RATE,
        "A": ("A_{k,j}", "the free parameters of task k's block j: a skew-symmetric matrix, one angle where b = 2"),
        "SO(b)": ("SO(b)", "the rotations of a block's b dimensions"),
    },
    idle=idle, blocks=_sizes, check_width=_check, subspace_step=lambda values: int(values["block"]),
    noun="rotation",
    learning_rate="lr_rot", optimizer="rot_optimizer", rate_decay="rot_decay",
    compiled=CompiledTransform(_begin, align, _extent), readable=_Readable, network=_network,
)  # fmt: skip
