"""CAGrad: the best worst-case progress within a ball around the mean gradient."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.conflict_averse import conflict_averse
from mtlcore.solvers.dual_cone import is_zero, project_two
from mtlcore.solvers.min_norm import STATIONARY_RATIO
from mtlcore.solvers.scaling import common_scale, find_active, shares, submatrix
from mtlcore.solvers.vectors import fill
from mtlcore.spec import MethodSpec, Param, RuleSpec


@njit(_dd.Pair(Matrix, Floats), cache=True, error_model="numpy")
def mean_products(gram, m):
    """Returns norm(g0)^2 and g0.(g_1 - g_2) of g0 = (m_1 g_1 + m_2 g_2) / 2."""
    if m[0] == m[1]:
        return 0.25 * _dd.sum3(gram[0, 0], 2.0 * gram[0, 1], gram[1, 1]), 0.5 * (gram[0, 0] - gram[1, 1])
    zeros, difference = np.zeros(2), np.ones(2)
    difference[1] = -1.0
    square = 0.25 * _dd.bilinear(gram, m, zeros, m, zeros)[0]
    return square, 0.5 * _dd.bilinear(gram, m, zeros, difference, zeros)[0]


@njit(types.void(Matrix, types.float64, Floats, Floats), cache=True, error_model="numpy")
def two_tasks(gram, c, m, w):
    """CAGrad's weights for two active tasks: F has one stationary point on the line through g_1 and g_2.

    m [2] is 2 p. With A = norm(g_1 - g_2)^2 and b = g0.(g_1 - g_2) it lies at a0 + t, a0 the line's shortest
    point and t^2 = b^2 q0 / (A (s^2 A - b^2)), where q0 = det / A and s^2 A - b^2 = c^2 det - (1 - c^2) b^2:
    g0 and g_1 - g_2 span the area that g_1 and g_2 span, whatever p.
    """
    m11, m12, m22 = gram[0, 0], gram[0, 1], gram[1, 1]
    square, b = mean_products(gram, m)
    w[0], w[1] = 0.5 * m[0], 0.5 * m[1]
    if c == 0.0 or square <= 0.0:
        return
    s = c * np.sqrt(square)
    length = _dd.sum3(m11, -2.0 * m12, m22)
    determinant = _dd.det2(m11, m12, m22)
    curvature = c * c * determinant - (1.0 - c * c) * b * b
    first, second, shortest = (0.0, 1.0, m22) if b > 0.0 else (1.0, 0.0, m11)
    if b == 0.0 and length <= 0.0:
        first = second = 0.5
    if curvature > 0.0 and length > 0.0:
        t = -b / length * np.sqrt(determinant / curvature)
        inner, outer = (m22 - m12) / length + t, (m11 - m12) / length - t
        spread = inner * np.sqrt(m11) + outer * np.sqrt(m22)
        if inner <= 0.0 or outer <= 0.0:
            first, second, shortest = (0.0, 1.0, m22) if inner <= 0.0 else (1.0, 0.0, m11)
        elif determinant / length <= STATIONARY_RATIO * spread * spread:
            project_two(gram, m, w)
            return
        else:
            first, second, shortest = inner, outer, determinant / curvature * (c * c * square)
    factor = s / np.sqrt(shortest)
    w[0] += factor * first
    w[1] += factor * second


@njit(RULE, cache=True, error_model="numpy")
def cagrad(gram, losses, hp, noise, state, w):
    """w = p + s x / norm(g_x) over the active tasks, x minimising g_x.g0 + s norm(g_x). hp: c, rescale, p."""
    K = w.size
    c = hp[0]
    divisor = 1.0
    if hp[1] == 1.0:
        divisor = 1.0 + c
    elif hp[1] == 2.0:
        divisor = 1.0 + c * c
    index, scale = np.empty(K, np.int64), np.empty(K)
    count = find_active(gram, index)
    fill(w, 0.0)
    if count == 0:
        return STATIONARY
    if count == 1:
        w[index[0]] = (1.0 + c) / divisor
        return OK
    common_scale(gram, scale)
    sub = submatrix(gram, index, count, scale)
    omega, m, status = np.empty(count), np.empty(count), OK
    shares(hp, 2, index, count, m)
    if count == 2:
        two_tasks(sub, c, m, omega)
    else:
        status = conflict_averse(sub, c, m, np.empty(count), np.empty(count), omega)
    if status == OK and is_zero(sub, omega):
        status = STATIONARY
    for i in range(count):
        w[index[i]] = omega[i] / divisor
    return status


SPEC = RuleSpec(
    key="cagrad",
    title="CAGrad",
    equation=r"d = g_0 + c\,\|g_0\| \frac{g_x}{\|g_x\|}, \quad x = \operatorname*{arg\,min}_{x \in \Delta} "
    r"\langle g_x, g_0 \rangle + c\,\|g_0\|\,\|g_x\|, \quad g_0 = \sum_k p_k\, g_k",
    idea="Look around the mean gradient, within a ball whose radius is c times its length, for the "
    "direction in which the worst-off task improves most. With c = 0 it is the mean gradient; with growing "
    "c it turns towards MGDA; below 1 it still ends where the mean loss is lowest. With preferences p the "
    "mean is weighted. The search is exact here, by an active set; the paper's code iterates.",
    cite="Liu et al. 2021 (CAGrad, NeurIPS)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=cagrad,
    params=(
        Param(
            "c", "Radius c", "float", 0.5, 0.0, 10.0, 0.05,
            help="Radius of the ball around the mean gradient, in lengths of that gradient.",
        ),
        Param(
            "rescale", "Rescale by", "choice", "none", choices=("none", "1+c", "1+c^2"),
            help="What the update is divided by, to keep its length near the mean gradient's.",
            former=(("1", "none"),),
        ),
    ),
    preferences="positive",
    notation={
        "c": ("c", "the radius of the ball, in lengths of $g_0$"),
        "g_0": ("g_0", "the mean gradient"),
        "g_x": ("g_x", r"$\sum_k x_k g_k$"),
        "x": ("x", "weights"),
    },
    methods=(
        MethodSpec(
            "cagrad", "CAGrad", "cagrad", cite="Liu et al. 2021 (CAGrad)",
            note="Helps the worst task within a ball around the mean gradient, so it still lowers the mean loss.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative"}),
    exemptions={
        "sum_to_one": "The weights sum to more than one: the mean plus a vector of length c times the "
        "mean's.",
        "min_norm_nonincrease": "The update may be up to 1 + c times as long as the mean gradient.",
        "descent": "For c below 1 the ball need not reach a direction that helps every task.",
        "equal_projections": "The worst-off task is helped, the others get what they get.",
        "stationary_at_opposite": "For c below 1 it follows the mean gradient, which is 0 for equal "
        "lengths only.",
    },
)  # fmt: skip
