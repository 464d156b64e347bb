"""The direction of the plane in which the weighted product of all tasks' gains is largest."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import ALWAYS, UPDATE, polygon, say
from mtlcore.constructions._plane import among_active, cone, edges, helps_all, lengths

HALVINGS = 100  # of the cone: far beyond the last bit
STILL = 1e-7  # a cone narrower than this has no inside
BEGUN = types.Tuple([types.int64, types.int64, Floats])


@kernel(BEGUN(Matrix, Matrix, Matrix, types.int64))
def begin(gradients, marks, told, words):
    """Draws the cone as the first step; returns the next row, how many tasks are active, and room for a direction."""
    corners, norms = np.zeros((8, 2)), np.zeros(gradients.shape[0])
    at = polygon(marks, 0, 1, ALWAYS, UPDATE, corners, cone(gradients, corners))
    say(told, 1, words, 0.0, 0.0, 0.0, 0.0)
    return at, lengths(gradients, norms), np.zeros(2)


@kernel(types.float64(Matrix, Floats, types.float64, types.float64))
def slope(gradients, shares, x, y):
    """Returns how the logarithm of the product of gains changes as the unit direction (x, y) turns to the left."""
    total = 0.0
    for k in range(shares.size):
        if shares[k] > 0.0:
            gain = gradients[k, 0] * x + gradients[k, 1] * y
            turned = gradients[k, 1] * x - gradients[k, 0] * y
            total += shares[k] * turned / gain if gain > 0.0 else (np.inf if turned > 0.0 else -np.inf)
    return total


@kernel(types.boolean(Matrix, Floats, Floats))
def bargain(gradients, p, direction):
    """Writes the unit direction to direction [2]; returns whether there is one. The slope falls across the cone."""
    K, rays = gradients.shape[0], np.zeros((2, 2))
    norms, shares = np.zeros(K), np.zeros(K)
    lengths(gradients, norms)
    among_active(p, norms, shares)
    if edges(gradients, rays) < 2:
        return False
    ax, ay, bx, by = rays[0, 0], rays[0, 1], rays[1, 0], rays[1, 1]
    if ax * bx + ay * by < -1.0 + STILL * STILL:  # a half-plane, or a line that helps nobody
        for k in range(K):
            if norms[k] > 0.0:
                direction[0], direction[1] = gradients[k, 0] / norms[k], gradients[k, 1] / norms[k]
        return helps_all(gradients, direction[0], direction[1])
    if ax * by - ay * bx < 0.0:
        ax, ay, bx, by = bx, by, ax, ay
    for _ in range(HALVINGS):
        x, y = ax + bx, ay + by
        size = np.sqrt(x * x + y * y)
        x, y = x / size, y / size
        if slope(gradients, shares, x, y) > 0.0:
            ax, ay = x, y
        else:
            bx, by = x, y
    direction[0], direction[1] = ax + bx, ay + by
    size = np.sqrt(direction[0] * direction[0] + direction[1] * direction[1])
    direction[0] /= size
    direction[1] /= size
    return True
