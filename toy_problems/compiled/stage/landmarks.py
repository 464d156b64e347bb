"""What a picture shows beside its paths, in one call each: level curves, losses at given points, the lowest point.

A page has no arrays that a problem made; these ask the problem's kernels, by their addresses, for what they read.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.signatures import constants_at, weighted_optimum_at
from toy_problems.compiled.stage.levels import (
    GRID,
    REACH,
    REACH_STILL,
    fill_levels,
    losses_at,
    spread_levels,
)
from toy_problems.compiled.stage.rings import trace_rings


@kernel(
    types.int64(
        types.int64, types.int64, Floats, Floats, Matrix, types.int64, Floats, types.int64, types.int64, Floats, Matrix,
        Whole, Whole,
    )
)  # fmt: skip
def level_curves(
    loss, constants, scales, shares, optima, pair, square, turning, rounded, levels, points, lengths, counts
):
    """Writes the level curves of sum_k shares_k L_k / sum_k shares_k; returns how many points they have.

    loss, constants: addresses of the problem's kernels. scales, shares [K], optima [K, d]. pair: the drawn pair of
    dimensions, from 0. square: centre x, centre y, half width (of `extent.compose`). turning, rounded: whether the
    views can turn, and whether levels lie like squares. levels [n], points [2, M], lengths [L], counts [n]: written, as
    `rings.trace_rings` does.
    """
    data, _ = constants_at(constants)(scales, optima.shape[1])
    values, reach = np.empty((GRID, GRID)), REACH if turning == 1 else REACH_STILL
    x, y, half = square[0], square[1], square[2]
    fill_levels(loss, data, shares, optima, 2 * pair, 2 * pair + 1, x, y, half, reach, values)
    spread_levels(values, reach, rounded, levels)
    return trace_rings(values, levels, x, y, half, reach, points, lengths, counts)


@kernel(types.void(types.int64, types.int64, Floats, Matrix, Matrix))
def losses_of(loss, constants, scales, points, out):
    """Writes every task's loss at points [n, d] to out [n, K], by the problem's kernels at these addresses."""
    data, _ = constants_at(constants)(scales, points.shape[1])
    losses_at(loss, data, points, out)


@kernel(types.void(types.int64, Floats, Floats, Floats))
def lowest_point(weighted_optimum, shares, scales, out):
    """Writes the one point of lowest sum_k p_k L_k to out [d], by the problem's kernel at an address."""
    weighted_optimum_at(weighted_optimum)(shares, scales, out)
