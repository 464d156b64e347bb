"""When a position counts as solved: what problems share, and the judging of a run's records."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.compiled.views import Boxes
from toy_problems.compiled.signatures import SUCCESS, pair_excess_at, success_at
from toy_problems.compiled.views import look

SOLVED = 0.05  # a task whose excess loss, with the task balance taken out, is below this is at its optimum
Truths = types.Array(types.boolean, 1, "C")


@kernel(SUCCESS)
def all_at_optimum(z, r, excess, b):
    """Returns the success of a problem whose tasks can all be at their optimum at once."""
    solved = True
    for k in range(excess.size):
        solved = solved and excess[k] / b[k] < SOLVED
    return solved


@kernel(types.void(types.int64, types.int64, Floats, Cube, Matrix, Boxes, Cube, Truths))
def judge(address, sees_views, b, z, excess, matrices, offsets, out):
    """Writes whether each of T positions is solved to out [T], by the problem's kernel at an address.

    z [T, N, d], excess [T, K], and every task's view: matrices [T, K, d, d], offsets [T, K, d].
    """
    solved = success_at(address)
    r = np.zeros((b.size if sees_views == 1 else 0, z.shape[1], z.shape[2]))
    for t in range(out.size):
        for k in range(r.shape[0]):
            look(matrices[t, k], offsets[t, k], z[t], r[k])
        out[t] = solved(z[t], r, excess[t], b)


@kernel(types.void(types.int64, types.int64, types.int64, Cube, Matrix))
def excess_of_pairs(address, task, tasks, r, out):
    """Writes one task's excess loss on every pair of dimensions to out [T, d/2]: r [T, N, d], its view."""
    pair_excess = pair_excess_at(address)
    for t in range(out.shape[0]):
        for pair in range(out.shape[1]):
            out[t, pair] = pair_excess(r[t], task, pair, tasks)
