"""The lag of a path: how far the shared feature is from where it would be best now, as the tasks see it now.

While views turn, the mean of the losses of what the tasks see, f(z) = 1/K sum_k L_k(A_k z + b_k), changes under the
network, and with it the point z* where it is lowest. The lag is the distance |z - z*| in all dimensions: it falls to 0
where the follower arrives, and a leader too quick to follow keeps it large. f has no closed form, so z* is where a
descent ends (BFGS) that begins at the lowest of K + 1 points: every task's optimum o_k taken back to z,
A_k^T (o_k - b_k), and the mean of these. Where the tasks are convex that is the optimum; where the views have met, it
is theirs, exactly; among many local minima it is one below every task's own, and as views turn it may leap from one to
another. What is found depends on this record alone, so that it is the same however many records are looked at. Problems
whose tasks have no optimum, or more than one input, have no lag.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers.vectors import copy
from toy_problems.compiled.arrays import RECORDS
from toy_problems.compiled.signatures import constants_at, loss_at
from toy_problems.compiled.stage.columns import LAG, WIDTH, columns, record_of
from toy_problems.compiled.stage.given import GivenCube, GivenMatrix

STEPS = 40  # of a descent, at most
HALVINGS = 16  # of a step's length
ENOUGH = 1e-4  # of the decrease that the slope promises (Armijo)
NEAR = 1e-6  # a step shorter than this ends a descent


@kernel(types.float64(types.int64, Floats, GivenCube, GivenMatrix, Floats, Floats, Matrix, Matrix))
def mean_loss(loss, data, matrices, offsets, z, slope, seen, local):
    """Returns the mean of the losses at A_k z + b_k and writes its gradient to slope [d]; seen, local [1, d]: room.

    loss: the address of the problem's kernel, data: what it reads; matrices [K, d, d], offsets [K, d].
    """
    task_loss, tasks, total = loss_at(loss), offsets.shape[0], 0.0
    for i in range(z.size):
        slope[i] = 0.0
    for k in range(tasks):
        for i in range(z.size):
            seen[0, i] = offsets[k, i]
            for j in range(z.size):
                seen[0, i] += matrices[k, i, j] * z[j]
        total += task_loss(seen, k, data, local)
        for j in range(z.size):
            for i in range(z.size):
                slope[j] += matrices[k, i, j] * local[0, i] / tasks
    return total / tasks


@kernel(types.void(Matrix, Floats, Floats, Floats, types.float64))
def learn_curvature(inverse, moved, turned, room, along):
    """Updates the estimate of the inverse Hessian [d, d] by BFGS from a step and the gradient's change along it."""
    d, between = moved.size, 0.0
    for i in range(d):
        room[i] = 0.0
        for j in range(d):
            room[i] += inverse[i, j] * turned[j]
    for i in range(d):
        between += turned[i] * room[i]
    for i in range(d):
        for j in range(d):
            inverse[i, j] += (1.0 + between / along) * moved[i] * moved[j] / along
            inverse[i, j] -= (room[i] * moved[j] + moved[i] * room[j]) / along


@kernel(types.float64(types.int64, Floats, GivenCube, GivenMatrix, Floats))
def descend(loss, data, matrices, offsets, z):
    """Takes z [d] downhill to where the mean loss has a minimum; returns the mean loss there.

    BFGS with halved steps (Nocedal & Wright, Numerical Optimization, algorithms 3.1 and 6.1).
    """
    d = z.size
    seen, local, inverse = np.empty((1, d)), np.empty((1, d)), np.zeros((d, d))
    slope, steeper, way, there = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    moved, turned, room = np.empty(d), np.empty(d), np.empty(d)
    here = mean_loss(loss, data, matrices, offsets, z, slope, seen, local)
    for i in range(d):
        inverse[i, i] = 0.1
    for _ in range(STEPS):
        promised = 0.0
        for i in range(d):
            way[i] = 0.0
            for j in range(d):
                way[i] -= inverse[i, j] * slope[j]
            promised += way[i] * slope[i]
        length, lower, found = 1.0, here, False
        for _ in range(HALVINGS):
            for i in range(d):
                there[i] = z[i] + length * way[i]
            lower = mean_loss(loss, data, matrices, offsets, there, steeper, seen, local)
            if lower <= here + ENOUGH * length * promised:
                found = True
                break
            length *= 0.5
        if not found or promised >= 0.0:
            break
        along, far = 0.0, 0.0
        for i in range(d):
            moved[i], turned[i] = there[i] - z[i], steeper[i] - slope[i]
            along += moved[i] * turned[i]
            far += moved[i] * moved[i]
        copy(there, z)
        copy(steeper, slope)
        here = lower
        if far < NEAR * NEAR:
            break
        if along > 0.0:
            learn_curvature(inverse, moved, turned, room, along)
    return here


@kernel(types.float64(types.int64, Floats, GivenMatrix, GivenCube, GivenMatrix, Floats))
def find_optimum(loss, data, optima, matrices, offsets, out):
    """Writes the optimum that is found of the mean of what the tasks see to out [d]; returns the mean loss there.

    optima [K, d]: of each task in its own space; matrices [K, d, d], offsets [K, d]: the views.
    """
    tasks, d = offsets.shape
    z, mean, lowest = np.empty(d), np.zeros(d), np.inf
    slope, seen, local = np.empty(d), np.empty((1, d)), np.empty((1, d))
    for k in range(tasks + 1):
        for j in range(d):
            z[j] = mean[j]
            if k < tasks:
                z[j] = 0.0
                for i in range(d):
                    z[j] += matrices[k, i, j] * (optima[k, i] - offsets[k, i])
                mean[j] += z[j] / tasks
        found = mean_loss(loss, data, matrices, offsets, z, slope, seen, local)
        if k == 0 or found < lowest:
            lowest = found
            copy(z, out)
    return descend(loss, data, matrices, offsets, out)


@kernel(types.float64(types.int64, Floats, GivenMatrix, GivenCube, GivenMatrix, GivenMatrix))
def lag_of(loss, data, optima, matrices, offsets, z):
    """Returns the distance of z [1, d] to the moving optimum of the mean of what the tasks see."""
    best, total = np.empty(z.shape[1]), 0.0
    find_optimum(loss, data, optima, matrices, offsets, best)
    for i in range(best.size):
        total += (z[0, i] - best[i]) * (z[0, i] - best[i])
    return np.sqrt(total)


@kernel(types.boolean(GivenMatrix, types.int64, types.int64))
def has_lag(optima, tasks, inputs):
    """Returns whether a problem has a lag: each of its tasks an optimum (optima [K, d]), and one input."""
    return optima.shape[0] == tasks and inputs == 1


@kernel(types.void(types.int64, types.int64, GivenMatrix, Floats, RECORDS, Floats))
def lag_at_records(loss, constants, optima, b, records, out):
    """Writes the lag at every record to out [R]; loss, constants: addresses of the problem's kernels, balance b [K]."""
    data, _ = constants_at(constants)(b, records.z.shape[2])
    for i in range(out.size):
        out[i] = lag_of(loss, data, optima, records.matrices[i], records.offsets[i], records.z[i])


@kernel(types.void(types.int64, types.int64, GivenMatrix, Floats, RECORDS, types.int64, Matrix))
def write_lag(loss, constants, optima, b, records, written, out):
    """Writes the lag at every frame to its column of a path's series out [F, C].

    loss, constants: addresses of the problem's kernels. A path that stopped repeats its last record, as in all columns.
    """
    recorded, last, lag = records.z.shape[0], -1, 0.0
    begins = np.empty(WIDTH + 1, np.int64)
    columns(b.size, begins)
    data, _ = constants_at(constants)(b, records.z.shape[2])
    for frame in range(out.shape[0]):
        i = min(record_of(frame, out.shape[0], recorded), written - 1)
        if i != last:
            lag, last = lag_of(loss, data, optima, records.matrices[i], records.offsets[i], records.z[i]), i
        out[frame, begins[LAG]] = lag
