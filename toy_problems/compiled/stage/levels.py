"""A task's loss, or the weighted loss, on a grid of the drawn plane, and which level curves are drawn of it."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.vectors import copy, fill_matrix
from toy_problems.compiled.signatures import loss_at
from toy_problems.compiled.stage.quantile import quantile

GRID = 121  # points a side; the curves are cut to a quarter of a pixel, so more would not show
CURVES = 8
CURVES_STILL = 14
REACH = 1.6  # the grid covers this many times the panel: turned by 45 degrees it still fills the corners
REACH_STILL = 1.3  # what never turns need only fill a panel that is wider than high
HIGHEST = 0.97  # the quantile of the panel's values at which the curves end
FIRST = 0.6  # of a curve's share the lowest lies above the least value


@kernel(types.float64(types.int64, types.int64, types.float64))
def offset(i, count, reach):
    """Returns how many half widths of the panel the i-th of `count` grid points lies from its centre."""
    return reach * (2.0 * i / (count - 1) - 1.0)


@kernel(
    types.void(
        types.int64, Floats, Floats, Matrix, types.int64, types.int64, types.float64, types.float64, types.float64,
        types.float64, Matrix,
    )
)  # fmt: skip
def fill_levels(loss, data, shares, optima, first, second, centre_x, centre_y, half, reach, out):
    """Writes sum_k shares_k L_k / sum_k shares_k on a square grid of the drawn pair of dimensions to out [G, G].

    loss: the address of the problem's kernel, data: what it reads. The other dimensions are held at each task's
    optimum [K, d], so the curves are a slice through it. A row of out is one height, a column one place across.
    """
    task_loss, total, size = loss_at(loss), shares.sum(), out.shape[0]
    point, unused = np.empty((1, optima.shape[1])), np.empty((1, optima.shape[1]))
    fill_matrix(out, 0.0)
    for k in range(shares.size):
        if shares[k] == 0.0:
            continue
        copy(optima[k], point[0])
        for j in range(size):
            point[0, second] = centre_y + half * offset(j, size, reach)
            for i in range(size):
                point[0, first] = centre_x + half * offset(i, size, reach)
                out[j, i] += shares[k] / total * task_loss(point, k, data, unused)


@kernel(types.void(Matrix, types.float64, types.int64, Floats))
def spread_levels(values, reach, rounded, levels):
    """Writes the levels, ascending: of values [G, G] over `reach` times the panel, those inside of it count.

    `rounded`: like squares, so that a parabola's curves lie evenly.
    """
    size, count, lowest = values.shape[0], 0, values[0, 0]
    inside = np.empty(values.size)
    for j in range(size):
        for i in range(size):
            lowest = min(lowest, values[j, i])
            if abs(offset(i, size, reach)) <= 1.0 and abs(offset(j, size, reach)) <= 1.0:
                inside[count] = values[j, i]
                count += 1
    highest = quantile(inside, count, HIGHEST)
    for i in range(levels.size):
        share = (i + FIRST) / levels.size
        levels[i] = lowest + (highest - lowest) * (share * share if rounded == 1 else share)


@kernel(types.void(types.int64, Floats, Matrix, Matrix))
def losses_at(loss, data, points, out):
    """Writes every task's loss at points [n, d] to out [n, K]: each is one input."""
    task_loss = loss_at(loss)
    point, unused = np.empty((1, points.shape[1])), np.empty((1, points.shape[1]))
    for n in range(points.shape[0]):
        copy(points[n], point[0])
        for k in range(out.shape[1]):
            out[n, k] = task_loss(point, k, data, unused)
