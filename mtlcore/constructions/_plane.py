"""Gradients in the plane: lengths, the cone of directions that help every task, and the way onto it."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.scaling import INACTIVE

SLACK = 1e-12  # of the lengths: an inner product that is less below 0 is 0
FAR = 100.0  # how far a region without end is drawn
Pair = types.UniTuple(types.float64, 2)


@kernel(types.int64(Matrix, Floats))
def lengths(gradients, out):
    """Writes every gradient's length to out [K], 0 for an inactive task; returns how many are active."""
    longest, count = 0.0, 0
    for k in range(out.size):
        out[k] = np.sqrt(gradients[k, 0] * gradients[k, 0] + gradients[k, 1] * gradients[k, 1])
        longest = max(longest, out[k])
    for k in range(out.size):
        if out[k] * out[k] <= INACTIVE * longest * longest:
            out[k] = 0.0
        else:
            count += 1
    return count


@kernel(types.void(Floats, Floats, Floats))
def among_active(p, norms, out):
    """Writes the preferences of the active tasks, scaled to sum to 1, to out [K]; 0 for the others."""
    total = 0.0
    for k in range(p.size):
        total += p[k] if norms[k] > 0.0 else 0.0
    for k in range(p.size):
        out[k] = p[k] / total if norms[k] > 0.0 else 0.0


@kernel(Pair(Matrix, Floats))
def weighted(gradients, w):
    """Returns sum_k w_k g_k."""
    x, y = 0.0, 0.0
    for k in range(w.size):
        x += w[k] * gradients[k, 0]
        y += w[k] * gradients[k, 1]
    return x, y


@kernel(types.boolean(Matrix, types.float64, types.float64))
def helps_all(gradients, x, y):
    """Returns whether (x, y) goes against no task's gradient."""
    size = np.sqrt(x * x + y * y)
    for k in range(gradients.shape[0]):
        g, h = gradients[k, 0], gradients[k, 1]
        if g * x + h * y < -SLACK * size * np.sqrt(g * g + h * h):
            return False
    return True


@kernel(Pair(Matrix, types.float64, types.float64))
def onto_cone(gradients, x, y):
    """Returns the point nearest to (x, y) that goes against no gradient: itself, its foot on an edge, or 0."""
    if helps_all(gradients, x, y):
        return x, y
    best, bx, by = x * x + y * y, 0.0, 0.0
    for k in range(gradients.shape[0]):
        g, h = gradients[k, 0], gradients[k, 1]
        square = g * g + h * h
        if square > 0.0:
            along = (h * x - g * y) / square  # the edge lies along (h, -g)
            u, v = along * h, -along * g
            gap = (x - u) * (x - u) + (y - v) * (y - v)
            if gap < best and helps_all(gradients, u, v):
                best, bx, by = gap, u, v
    return bx, by


@kernel(types.int64(Matrix, Matrix))
def edges(gradients, out):
    """Writes the unit directions of the cone's edges to out [2, 2]; returns how many there are."""
    count = 0
    for k in range(gradients.shape[0]):
        g, h = gradients[k, 0], gradients[k, 1]
        size = np.sqrt(g * g + h * h)
        for side in range(2):
            turn = 1.0 if side == 0 else -1.0
            if size > 0.0 and count < 2 and helps_all(gradients, -turn * h / size, turn * g / size):
                u, v = -turn * h / size, turn * g / size
                if count == 0 or out[0, 0] * u + out[0, 1] * v < 1.0 - SLACK:
                    out[count, 0], out[count, 1] = u, v
                    count += 1
    return count


@kernel(types.int64(Matrix, Matrix))
def cone(gradients, out):
    """Writes the corners of the cone, cut off far away, to out [8, 2]; returns how many there are."""
    count, kept = 4, np.empty((12, 2))
    for i in range(4):
        out[i, 0] = FAR if i == 0 or i == 3 else -FAR
        out[i, 1] = FAR if i < 2 else -FAR
    for k in range(gradients.shape[0]):
        g, h, fresh = gradients[k, 0], gradients[k, 1], 0
        for i in range(count):
            j = (i + 1) % count
            here, there = g * out[i, 0] + h * out[i, 1], g * out[j, 0] + h * out[j, 1]
            if here >= 0.0:
                kept[fresh, 0], kept[fresh, 1] = out[i, 0], out[i, 1]
                fresh += 1
            if (here < 0.0) != (there < 0.0):
                t = here / (here - there)
                kept[fresh, 0] = out[i, 0] + t * (out[j, 0] - out[i, 0])
                kept[fresh, 1] = out[i, 1] + t * (out[j, 1] - out[i, 1])
                fresh += 1
        count = min(fresh, out.shape[0])
        for i in range(count):
            out[i, 0], out[i, 1] = kept[i, 0], kept[i, 1]
    return count
