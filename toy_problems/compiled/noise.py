"""What is random in a step: the numbers a rule takes, and what a mini-batch would add to every task's gradient."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.normal import normals
from mtlcore.compiled.pcg64 import Words, uniforms
from mtlcore.compiled.signatures import Cube, Floats
from mtlcore.compiled.views import FEATURES_TYPE
from mtlcore.draws import NOISE_SIZE
from mtlcore.solvers.scaling import INACTIVE
from mtlcore.solvers.vectors import copy_cube, length_of
from toy_problems.compiled.arrays import EXACT, SETUP
from toy_problems.compiled.views import look_back

NONE, NORMAL = (list(NOISE_SIZE).index(kind) for kind in ("none", "normal"))


@kernel(types.void(Cube, EXACT))
def _note_first(gradients, exact):
    """Writes the norm of every task's gradient that is the task's first active one to exact.first."""
    longest = 0.0
    for k in range(gradients.shape[0]):
        longest = max(longest, length_of(gradients, k))
    for k in range(gradients.shape[0]):
        length = length_of(gradients, k)
        if exact.first[k] == 0.0 and length * length > INACTIVE * longest * longest:
            exact.first[k] = length


@kernel(types.int64(types.int64, types.int64, types.int64))
def numbers_a_step(kind, tasks, size):
    """Returns how many random numbers a rule takes in a step, for `size` coordinates: mtlcore.draws.NOISE_SIZE."""
    return (0, tasks, tasks * tasks, size)[kind]


@kernel(types.void(types.int64, Words, Floats))
def draw_rule(kind, state, out):
    """Draws what a rule takes in the next step. Its arrays come one by one: a group of them costs as much again."""
    if kind == NORMAL:
        normals(state, out)
    elif kind != NONE:
        uniforms(state, out)


@kernel(types.void(SETUP, Cube, FEATURES_TYPE, EXACT, Cube))
def disturb(setup, A, features, exact, draws):
    """Keeps the exact gradients and adds sigma n_k(0) / sqrt(N d) times draws [K, N, d] to each at r_k."""
    local = features.seen if setup.views == 0 else features.local
    copy_cube(features.seen, exact.seen)
    _note_first(local, exact)
    for k in range(draws.shape[0]):
        scale = setup.noise * exact.first[k] / np.sqrt(draws.shape[1] * draws.shape[2])
        for n in range(draws.shape[1]):
            for i in range(draws.shape[2]):
                local[k, n, i] += scale * draws[k, n, i]
        if setup.views == 1:
            look_back(A[k], local[k], features.seen[k])
