"""Each task's view of the feature: r_k = A_k z + b_k, and how the transforms learn.

Every transform learns from gradients at the feature level. The slope of its loss is taken with respect to the matrix
A_k first, then carried back to the free parameters.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.solvers.descent import descend
from mtlcore.solvers.expm import E0, SCRATCH, X1, exponentiate, multiply, pull_back
from mtlcore.solvers.vectors import fill_matrix
from toy_problems.compiled.arrays import (
    AFFINE,
    FEATURES_TYPE,
    OPTIMIZER_STATE,
    RIGID,
    RIGID_SGD,
    ROTATION,
    SETUP,
    VIEWS,
)
from toy_problems.compiled.rigid import move_rigid


@kernel(types.void(Matrix, Floats, Matrix, Matrix))
def look(A, b, z, r):
    """Writes r = A z + b to r [N, d] for the points z [N, d]."""
    for n in range(z.shape[0]):
        for i in range(z.shape[1]):
            total = b[i]
            for j in range(z.shape[1]):
                total += A[i, j] * z[n, j]
            r[n, i] = total


@kernel(types.void(Matrix, Matrix, Matrix))
def look_back(A, local, seen):
    """Writes the gradient seen from z, A^T local, to seen [N, d]."""
    for n in range(local.shape[0]):
        for j in range(local.shape[1]):
            total = 0.0
            for i in range(local.shape[1]):
                total += local[n, i] * A[i, j]
            seen[n, j] = total


@kernel(types.void(types.int64, VIEWS, Floats, types.int64))
def _refresh_large(m, views, q, k):
    """Writes R_k(0) expm(L - L^T) to the first m rows and columns of A_k, q holding the triangles L."""
    work = views.work[k]
    at = k * (m * (m - 1) // 2)
    for i in range(m):
        work[X1, i, i] = 0.0
        for j in range(i):
            work[X1, i, j] = q[at]
            work[X1, j, i] = -q[at]
            at += 1
    views.squarings[k] = exponentiate(work)
    turned = work[SCRATCH]
    multiply(views.base[k], work[E0 + views.squarings[k]], turned)
    for i in range(m):
        for j in range(m):
            views.A[k, i, j] = turned[i, j]


@kernel(types.void(types.int64, VIEWS, Floats))
def refresh(m, views, q):
    """Recomputes every A_k from the free parameters q."""
    if m == 2:
        for k in range(views.A.shape[0]):
            cosine, sine = np.cos(q[k]), np.sin(q[k])
            for i in range(2):
                views.A[k, i, 0] = views.base[k, i, 0] * cosine + views.base[k, i, 1] * sine
                views.A[k, i, 1] = views.base[k, i, 1] * cosine - views.base[k, i, 0] * sine
    elif m > 2:
        for k in range(views.A.shape[0]):
            _refresh_large(m, views, q, k)


@kernel(types.float64(Cube, types.int64))
def length_of(gradients, k):
    """Returns the Frobenius norm of task k's gradient."""
    total = 0.0
    for n in range(gradients.shape[1]):
        for i in range(gradients.shape[2]):
            total += gradients[k, n, i] ** 2
    return np.sqrt(total)


@kernel(types.void(Cube, Matrix))
def _unit_mean(seen, target):
    """Writes v_n = mean_k u_(n,k) to target [N, d], u the unit gradients (0 for a zero gradient)."""
    fill_matrix(target, 0.0)
    for k in range(seen.shape[0]):
        length = length_of(seen, k)
        if length > 0.0:
            for n in range(target.shape[0]):
                for i in range(target.shape[1]):
                    target[n, i] += seen[k, n, i] / (seen.shape[0] * length)


@kernel(types.float64(Cube))
def _mean_length(seen):
    """Returns ||mean_k G_k||_F."""
    total = 0.0
    for n in range(seen.shape[1]):
        for i in range(seen.shape[2]):
            mean = 0.0
            for k in range(seen.shape[0]):
                mean += seen[k, n, i] / seen.shape[0]
            total += mean * mean
    return np.sqrt(total)


@kernel(types.void(types.int64, types.float64, Cube, Matrix, Cube))
def _outer(m, factor, local, other, pull):
    """Writes factor sum_n local_(k,n) other_n^T to the first m rows and columns of every pull_k."""
    for k in range(pull.shape[0]):
        for i in range(m):
            for j in range(m):
                total = 0.0
                for n in range(other.shape[0]):
                    total += local[k, n, i] * other[n, j]
                pull[k, i, j] = factor * total


@kernel(types.void(VIEWS, Floats))
def _to_angles(views, slope):
    """Carries the slopes of 2 x 2 rotations R_k(0) expm([[0, -q], [q, 0]]) to the angles q."""
    for k in range(views.A.shape[0]):
        total = 0.0
        for i in range(2):  # dA/dq = A [[0, -1], [1, 0]]
            total += views.pull[k, i, 0] * views.A[k, i, 1] - views.pull[k, i, 1] * views.A[k, i, 0]
        slope[k] = total


@kernel(types.void(types.int64, VIEWS, Floats))
def _to_generators(m, views, slope):
    """Carries the slopes of larger rotations to the strictly lower triangles of their generators."""
    at = 0
    result, inner = np.empty((m, m)), np.empty((m, m))
    for k in range(views.A.shape[0]):
        for i in range(m):
            for j in range(m):
                inner[i, j] = 0.0
                for h in range(m):
                    inner[i, j] += views.base[k, h, i] * views.pull[k, h, j]
        pull_back(views.work[k], views.squarings[k], inner, result)
        for i in range(m):
            for j in range(i):
                slope[at] = result[i, j] - result[j, i]
                at += 1


@kernel(types.void(VIEWS, FEATURES_TYPE))
def _pull_rigid(views, features):
    """Writes the slope of mean_n |R_k g_n - g_n^k|^2 to every pull_k, g_n the rule's update, held fixed.

    The second mean, |R_k z_n + t_k - r_(n,k)|^2, is 0 at the current motion and so is its slope: t_k stays.
    """
    count, d = features.update.shape
    for k in range(views.A.shape[0]):
        for i in range(d):
            for j in range(d):
                views.pull[k, i, j] = 0.0
        for n in range(count):
            for i in range(d):
                miss = -features.local[k, n, i]
                for j in range(d):
                    miss += views.A[k, i, j] * features.update[n, j]
                for j in range(d):
                    views.pull[k, i, j] += 2.0 / count * miss * features.update[n, j]


@kernel(types.void(VIEWS, Cube, Floats))
def _to_affine(views, local, slope):
    """Writes the slopes of A_k [d, d] and b_k [d] to slope, task after task."""
    d, at = local.shape[2], 0
    for k in range(local.shape[0]):
        for i in range(d):
            for j in range(d):
                slope[at + i * d + j] = views.pull[k, i, j]
            total = 0.0
            for n in range(local.shape[1]):
                total += local[k, n, i]
            slope[at + d * d + i] = total
        at += d * d + d


@kernel(types.void(VIEWS, Floats))
def refresh_affine(views, q):
    """Copies the free parameters q of affine maps to every A_k and b_k."""
    d, at = views.b.shape[1], 0
    for k in range(views.b.shape[0]):
        for i in range(d):
            for j in range(d):
                views.A[k, i, j] = q[at + i * d + j]
            views.b[k, i] = q[at + d * d + i]
        at += d * d + d


@kernel(types.void(SETUP, Matrix, VIEWS, FEATURES_TYPE))
def _pull(setup, z, views, features):
    """Writes the slope of each transform's own loss with respect to A_k.

    rotation: -sum_n <R_k^T gtil_n, v_n> (Javaloy & Valera 2021, eq. 3), or the squared form of the authors'
    package. rotation_task and affine: the task's own loss.
    """
    if setup.transform == ROTATION:
        _unit_mean(features.seen, features.target)
        factor = -2.0 * _mean_length(features.seen) if setup.library == 1 else -1.0
        _outer(setup.m, factor, features.local, features.target, views.pull)
    elif setup.transform == RIGID_SGD:
        _pull_rigid(views, features)
    else:
        size = z.shape[1] if setup.transform == AFFINE else setup.m
        _outer(size, 1.0, features.local, z, views.pull)


@kernel(types.void(SETUP, Matrix, VIEWS, OPTIMIZER_STATE, FEATURES_TYPE, types.int64))
def learn(setup, z, views, net_opt, features, t):
    """Takes one step of the transforms' own optimiser, from gradients taken with the old transforms."""
    if setup.transform == RIGID:
        move_rigid(setup, z, views, features, t)
        return
    _pull(setup, z, views, features)
    if setup.transform == AFFINE:
        _to_affine(views, features.local, net_opt.step)
    elif setup.m == 2:
        _to_angles(views, net_opt.step)
    else:
        _to_generators(setup.m, views, net_opt.step)
    rate = setup.lr_transform * setup.decay**t
    descend(
        net_opt.theta,
        net_opt.step,
        net_opt.first,
        net_opt.second,
        rate,
        setup.transform_adam,
        t,
    )
    if setup.transform == AFFINE:
        refresh_affine(views, net_opt.theta)
    else:
        refresh(setup.m, views, net_opt.theta)
