"""One update of one rule by itself: gradients and losses in, weights, update and what it does to every task out."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.pcg64 import Words, seeded
from mtlcore.compiled.pointers import NOWHERE, element_at, rule_at
from mtlcore.compiled.signatures import STATIONARY, Cube, Floats, Matrix
from mtlcore.constructions.construction import CONSTRUCTION, construction_at
from mtlcore.solvers.vectors import fill_matrix
from toy_problems.compiled.balance import combine, gram_of
from toy_problems.compiled.noise import draw_rule, numbers_a_step

ROUNDING = 1e-9  # of the lengths: an inner product below it is 0


@kernel(types.void(types.int64, types.int64, Floats))
def first_draw(noise_kind, seed, noise):
    """Writes to noise what a rule of this seed draws in its first step, as `mtlcore.rule(key, seed)` does."""
    stream = np.zeros(4, np.int64)
    seeded(np.array([seed]), stream)
    draw_rule(noise_kind, stream, noise)


@kernel(types.void(types.boolean, Cube, Matrix, Floats))
def read_update(still, gradients, update, out):
    """Writes what an update [1, D] does to out [K + 3]: of every task 1 where it helps, -1 where it hurts, 0 where it
    does neither, as where the rule stands still and leaves rounding alone; then its length, and its inner products with
    the mean gradient and, in the plane, with the mean gradient turned by a quarter to the left.
    """
    tasks, dim = gradients.shape[0], gradients.shape[2]
    square, along, across = 0.0, 0.0, 0.0
    for i in range(dim):
        square += update[0, i] * update[0, i]
    for k in range(tasks):
        inner, own = 0.0, 0.0
        for i in range(dim):
            inner += gradients[k, 0, i] * update[0, i]
            own += gradients[k, 0, i] * gradients[k, 0, i]
        slack = ROUNDING * np.sqrt(square) * np.sqrt(own)
        out[k] = 0.0 if still or abs(inner) <= slack else (1.0 if inner > 0.0 else -1.0)
        along += inner / tasks
        if dim == 2:
            across += (gradients[k, 0, 0] * update[0, 1] - gradients[k, 0, 1] * update[0, 0]) / tasks
    out[tasks] = np.sqrt(square)
    out[tasks + 1] = along
    out[tasks + 2] = across


@kernel(
    types.void(
        *[types.int64] * 5, Cube, Floats, Floats, Matrix, Cube, Matrix, Words,
    )
)  # fmt: skip
def balance_once(
    rule, element, noise_kind, state_size, seed, gradients, losses, hp, weights, updates, readings, statuses
):
    """Writes what a rule answers in its first step, for the seeds seed, seed + 1, ..., one a row of the results.

    rule, element: where the kernel is, of the Gram matrix or element-wise; the other one is NOWHERE. seed: below
    2^32. gradients [K, 1, D], losses [K] or [0], hp as `RuleSpec.encode` writes it; weights [n, K], left as they are by
    an element-wise rule, updates [n, 1, D], readings [n, K + 3] (see read_update), statuses [n].
    """
    tasks, dim = gradients.shape[0], gradients.shape[2]
    gram, ones = np.zeros((tasks, tasks)), np.zeros((1, dim))
    noise = np.zeros(numbers_a_step(noise_kind, tasks, dim))
    gram_of(gradients, 0, gram)
    fill_matrix(ones, 1.0)
    for n in range(statuses.size):
        first_draw(noise_kind, seed + n, noise)
        if element != NOWHERE:
            statuses[n] = element_at(element)(gradients, ones, hp, noise, updates[n])
        else:
            statuses[n] = rule_at(rule)(gram, losses, hp, noise, np.zeros(state_size), weights[n])
            combine(weights[n], gradients, updates[n])
        read_update(statuses[n] == STATIONARY, gradients, updates[n], readings[n])


@kernel(types.int64(types.int64, types.int64, types.int64, *CONSTRUCTION.args[:3], *CONSTRUCTION.args[4:]))
def construct_once(construction, noise_kind, seed, gradients, shares, hp, marks, told):
    """Writes how a rule gets to its update in its first step (see mtlcore.constructions); returns the number of steps.

    construction: where the kernel is. seed: below 2^32. gradients [K, 2], shares: p [K], hp as `RuleSpec.encode` writes
    it; marks, told [.., WIDTH]: zeros.
    """
    noise = np.zeros(numbers_a_step(noise_kind, gradients.shape[0], gradients.shape[1]))
    first_draw(noise_kind, seed, noise)
    return construction_at(construction)(gradients, shares, hp, noise, marks, told)
