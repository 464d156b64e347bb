"""Where a path begins: everything that is drawn from its seed before the first step.

Stream (seed,) gives, in this order: the input x, 2 normals, where the problem has no points of its own; W1 row by row;
b1; the pair of coordinates of a point without a backbone; then of each dimension of the feature its row of W2 and its
entry of b2. So a feature with more dimensions begins with those of a smaller one. Stream (seed, 0, 1) gives Haar
rotations, task by task and block by block: whether they are drawn changes nothing else.
"""

from typing import NamedTuple

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.elementary import sine_cosine
from mtlcore.compiled.haar import haar as draw_haar
from mtlcore.compiled.normal import normals
from mtlcore.compiled.pcg64 import Words, seeded, uniforms
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from toy_problems.compiled.arrays import HIDDEN, INPUTS


class Initial(NamedTuple):
    """Where one path begins."""

    W1: np.ndarray  # [H, 2]
    b1: np.ndarray  # [H]
    W2: np.ndarray  # [d, H]
    b2: np.ndarray  # [d]
    x: np.ndarray  # [N, 2]
    theta: np.ndarray  # [1, d] the point itself, for a problem without backbone
    R: np.ndarray  # [K, m, m] initial rotations


INITIAL = types.NamedTuple([Matrix, Floats, Matrix, Floats, Matrix, Matrix, Cube], Initial)


@kernel(types.void(Words, types.float64, types.float64, Floats))
def between(state, low, high, out):
    """Writes the stream's next uniforms in [low, high) to out."""
    uniforms(state, out)
    for i in range(out.size):
        out[i] = low + (high - low) * out[i]


@kernel(types.void(types.int64, Matrix, Matrix, INITIAL))
def draw_network(seed, bounds, points, initial):
    """Writes all but R: weights and biases as torch's Linear draws them, uniform within 1 / sqrt(inputs).

    bounds [2, 2]: low and high of the two coordinates of a point; points [N, 2], or [0, 2] where x is drawn.
    """
    state = np.zeros(4, np.int64)
    seeded(np.array([seed]), state)
    if points.shape[0] == 0:
        normals(state, initial.x[0])
    for n in range(points.shape[0]):
        for j in range(points.shape[1]):
            initial.x[n, j] = points[n, j]
    bound = 1.0 / np.sqrt(types.float64(INPUTS))
    for h in range(HIDDEN):
        between(state, -bound, bound, initial.W1[h])
    between(state, -bound, bound, initial.b1)
    pair = np.empty(2)
    uniforms(state, pair)
    bound = 1.0 / np.sqrt(types.float64(HIDDEN))
    for i in range(initial.b2.size):
        low, high = bounds[i % 2, 0], bounds[i % 2, 1]
        initial.theta[0, i] = low + (high - low) * pair[i % 2]
        between(state, -bound, bound, initial.W2[i])
        between(state, -bound, bound, initial.b2[i : i + 1])


@kernel(types.void(types.int64, types.int64, types.int64, Floats, Cube))
def draw_rotations(seed, block, haar, angles, R):
    """Writes R_k(0): Haar rotations of `block` dimensions along the diagonal; else the angles' in the first plane."""
    tasks, m = R.shape[0], R.shape[1]
    for k in range(tasks):
        for i in range(m):
            for j in range(m):
                R[k, i, j] = 1.0 if i == j else 0.0
    if haar == 1:
        state, turned = np.zeros(4, np.int64), np.empty((block, block))
        seeded(np.array([seed, 0, 1]), state)
        for k in range(tasks):
            for at in range(0, m, max(block, 1)):
                draw_haar(state, turned)
                for i in range(block):
                    for j in range(block):
                        R[k, at + i, at + j] = turned[i, j]
    elif block >= 2:
        for k in range(angles.size):
            sine, cosine = sine_cosine(angles[k])
            R[k, 0, 0], R[k, 0, 1], R[k, 1, 0], R[k, 1, 1] = cosine, -sine, sine, cosine


@kernel(types.void(Floats, INITIAL))
def start_at(start, initial):
    """Writes the last bias with which the mean feature is `start` [q], and the point; q divides d: it is repeated."""
    count = initial.x.shape[0]
    hidden = np.zeros(initial.b1.size)  # its mean over the inputs
    for n in range(count):
        for h in range(hidden.size):
            total = initial.b1[h]
            for j in range(initial.x.shape[1]):
                total += initial.W1[h, j] * initial.x[n, j]
            hidden[h] += max(total, 0.0)
    for i in range(initial.b2.size):
        total = 0.0
        for h in range(hidden.size):
            total += initial.W2[i, h] * hidden[h]
        initial.theta[0, i] = start[i % start.size]
        initial.b2[i] = start[i % start.size] - total / count


@kernel(INITIAL(*[types.int64] * 6, Matrix, Matrix, Floats, Floats))
def begin(seed, tasks, d, m, block, haar, bounds, points, angles, start):
    """Returns where a path begins. start: [q], repeated over the d dimensions, or [0]: the seed draws it."""
    initial = Initial(
        np.zeros((HIDDEN, INPUTS)), np.zeros(HIDDEN), np.zeros((d, HIDDEN)), np.zeros(d),
        np.zeros((max(points.shape[0], 1), INPUTS)), np.zeros((1, d)), np.zeros((tasks, m, m)),
    )  # fmt: skip
    draw_network(seed, bounds, points, initial)
    draw_rotations(seed, block, haar, angles, initial.R)
    if start.size > 0:
        start_at(start, initial)
    return initial
