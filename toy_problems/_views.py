"""Each task's view of the feature: r_k = A_k z + b_k, and how the transforms learn.

Every transform learns from gradients at the feature level. Its slope is first taken with respect to the matrix A_k
(and the offset b_k), then carried back to the free parameters q.
"""

import numpy as np
from numba import types

from mtlcore.rules._types import Cube, Matrix
from toy_problems._arrays import NETWORK, NONE, ROTATION, SETUP, TASKS, VIEWS, kernel
from toy_problems._expm import E0, SCRATCH, X1, exponentiate, multiply, pull_back
from toy_problems._optim import descend


@kernel(types.void(VIEWS, types.int64, Matrix, Matrix))
def look(views, k, z, r):
    """Writes r_k = A_k z + b_k to r [N, d] for the points z [N, d]."""
    for n in range(z.shape[0]):
        for i in range(z.shape[1]):
            total = views.b[k, i]
            for j in range(z.shape[1]):
                total += views.A[k, i, j] * z[n, j]
            r[n, i] = total


@kernel(types.void(VIEWS, types.int64, Matrix, Matrix))
def look_back(views, k, local, seen):
    """Writes the gradient seen from z, local A_k [N, d], to seen."""
    for n in range(local.shape[0]):
        for j in range(local.shape[1]):
            total = 0.0
            for i in range(local.shape[1]):
                total += local[n, i] * views.A[k, i, j]
            seen[n, j] = total


@kernel(types.void(SETUP, VIEWS, types.int64))
def _refresh_large(setup, views, k):
    """Writes R_k(0) expm(L - L^T) to the first m rows and columns of A_k."""
    m, work = setup.m, views.work[k]
    at = k * (m * (m - 1) // 2)
    for i in range(m):
        work[X1, i, i] = 0.0
        for j in range(i):
            work[X1, i, j] = views.q[at]
            work[X1, j, i] = -views.q[at]
            at += 1
    views.squarings[k] = exponentiate(work)
    turned = work[SCRATCH]
    multiply(views.base[k], work[E0 + views.squarings[k]], turned)
    for i in range(m):
        for j in range(m):
            views.A[k, i, j] = turned[i, j]


@kernel(types.void(SETUP, VIEWS))
def refresh(setup, views):
    """Recomputes every A_k and b_k from the free parameters."""
    if setup.m == 2:
        for k in range(views.A.shape[0]):
            cosine, sine = np.cos(views.q[k]), np.sin(views.q[k])
            for i in range(2):
                views.A[k, i, 0] = views.base[k, i, 0] * cosine + views.base[k, i, 1] * sine
                views.A[k, i, 1] = views.base[k, i, 1] * cosine - views.base[k, i, 0] * sine
    elif setup.m > 2:
        for k in range(views.A.shape[0]):
            _refresh_large(setup, views, k)


@kernel(types.float64(Cube, types.int64))
def _length(gradients, k):
    """Returns the Frobenius norm of task k's gradient."""
    total = 0.0
    for n in range(gradients.shape[1]):
        for i in range(gradients.shape[2]):
            total += gradients[k, n, i] ** 2
    return np.sqrt(total)


@kernel(types.float64(SETUP, TASKS))
def write_target(setup, tasks):
    """Writes v_n = mean_k u_(n,k) to tasks.target [N, d], u the unit gradients (0 for a zero gradient).

    Returns the factor of the alignment gradient: 1, or 2 ||mean_k G_k||_F for the authors' package.
    """
    target, count = tasks.target, tasks.seen.shape[0]
    target[:] = 0.0
    for k in range(count):
        length = _length(tasks.seen, k)
        if length > 0.0:
            for n in range(target.shape[0]):
                for i in range(target.shape[1]):
                    target[n, i] += tasks.seen[k, n, i] / (count * length)
    if setup.library == 0:
        return 1.0
    total = 0.0
    for n in range(target.shape[0]):
        for i in range(target.shape[1]):
            mean = 0.0
            for k in range(count):
                mean += tasks.seen[k, n, i] / count
            total += mean * mean
    return 2.0 * np.sqrt(total)


@kernel(types.void(SETUP, NETWORK, VIEWS, TASKS))
def _pull_matrices(setup, net, views, tasks):
    """Writes to pull the gradient of the transforms' loss with respect to each A_k, in its first m rows and columns.

    rotation: -sum_n <R_k^T gtil_n, v_n>, seed eq. 3 of Javaloy & Valera 2021; rotation_task: the task's own loss.
    """
    other, factor = net.z, 1.0
    if setup.transform == ROTATION:
        other, factor = tasks.target, -write_target(setup, tasks)
    for k in range(views.A.shape[0]):
        for i in range(setup.m):
            for j in range(setup.m):
                total = 0.0
                for n in range(other.shape[0]):
                    total += tasks.local[k, n, i] * other[n, j]
                views.pull[k, i, j] = factor * total


@kernel(types.void(VIEWS))
def _to_angles(views):
    """Carries the slopes of 2 x 2 rotations R_k(0) expm([[0, -q], [q, 0]]) to the angles q."""
    for k in range(views.A.shape[0]):
        total = 0.0
        for i in range(2):  # dA/dq = A [[0, -1], [1, 0]]
            total += views.pull[k, i, 0] * views.A[k, i, 1] - views.pull[k, i, 1] * views.A[k, i, 0]
        views.slope[k] = total


@kernel(types.void(SETUP, VIEWS))
def _to_generators(setup, views):
    """Carries the slopes of larger rotations to the strictly lower triangles of their generators."""
    m = setup.m
    at = 0
    bar, inner = np.empty((m, m)), np.empty((m, m))
    for k in range(views.A.shape[0]):
        for i in range(m):
            for j in range(m):
                inner[i, j] = 0.0
                for h in range(m):
                    inner[i, j] += views.base[k, h, i] * views.pull[k, h, j]
        pull_back(views.work[k], views.squarings[k], inner, bar)
        for i in range(m):
            for j in range(i):
                views.slope[at] = bar[i, j] - bar[j, i]
                at += 1


@kernel(types.void(SETUP, NETWORK, VIEWS, TASKS, types.int64))
def learn(setup, net, views, tasks, t):
    """Takes one step of the transforms' own optimiser, from gradients taken with the old transforms."""
    if setup.transform == NONE or setup.m < 2:
        return
    _pull_matrices(setup, net, views, tasks)
    if setup.m == 2:
        _to_angles(views)
    else:
        _to_generators(setup, views)
    lr = setup.lr_transform * setup.decay**t
    descend(views.q, views.slope, views.first, views.second, lr, setup.transform_adam, t)
    refresh(setup, views)
