"""ConFIG: a direction at the same angle to every task gradient, as long as the gradients along it are on average."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.linear import solve_refined
from mtlcore.solvers.scaling import find_active, own_scales, submatrix
from mtlcore.solvers.spectrum import EPS, spectrum_of_pair
from mtlcore.solvers.vectors import fill
from mtlcore.spec import MethodSpec, RuleSpec

STATIONARY_SQUARE = 1e-14  # of 1' C^+ 1 over K: 1 is then orthogonal to what the unit gradients span


@njit(types.void(Matrix, Matrix, Matrix), cache=True, error_model="numpy")
def unit_gram(gram, ch, cl):
    """Writes the Gram matrix of the unit gradients in double-double to (ch, cl) [K, K]."""
    K = gram.shape[0]
    for i in range(K):
        ch[i, i], cl[i, i] = 1.0, 0.0
        for j in range(i):
            sh, sl = _dd.two_prod(gram[i, i], gram[j, j])
            sh, sl = _dd.sqrt(sh, sl)
            ch[i, j], cl[i, j] = _dd.div(gram[i, j], 0.0, sh, sl)
            ch[j, i], cl[j, i] = ch[i, j], cl[i, j]


@njit(types.int64(Matrix, Floats, Floats), cache=True, error_model="numpy")
def pseudo_inverse_of_one(gram, v, image):
    """Writes v = C^+ 1 and image = C v to [K], C the unit Gram matrix of dependent gradients; returns a status."""
    K = v.size
    ch, cl, vh, vl = np.empty((K, K)), np.empty((K, K)), np.empty((K, K)), np.empty((K, K))
    values, low = np.empty(K), np.zeros(K)
    unit_gram(gram, ch, cl)
    fill(v, 0.0)
    fill(image, 0.0)
    if not spectrum_of_pair(ch, cl, vh, vl, values):
        return NOT_CONVERGED
    for j in range(K):
        if values[j] > 0.0:
            sh = sl = 0.0
            for i in range(K):
                sh, sl = _dd.add(sh, sl, vh[i, j], vl[i, j])
            for i in range(K):
                ph, pl = _dd.mul(vh[i, j], vl[i, j], sh, sl)
                image[i] += ph
                ph, pl = _dd.div(ph, pl, values[j], 0.0)
                v[i], low[i] = _dd.add(v[i], low[i], ph, pl)
    return OK


@njit(types.boolean(Matrix), cache=True, error_model="numpy")
def opposite(gram):
    """Returns whether two gradients are opposite: 1 + cos, an eigenvalue of C, is not above 2 eps (1 - cos)."""
    square = gram[0, 0] * gram[1, 1]
    far = 1.0 - gram[0, 1] / np.sqrt(square)
    return gram[0, 1] < 0.0 and _dd.det2(gram[0, 0], gram[0, 1], gram[1, 1]) / square <= 2.0 * EPS * far * far


@njit(types.int64(Matrix, Floats, Floats, Floats), cache=True, error_model="numpy")
def directions(gram, norms, v, image):
    """Writes n [K], v = C^+ 1 and image = C v for active tasks; returns OK, or STATIONARY where v is 0."""
    K = norms.size
    low, rest = np.empty(K), np.empty(K)
    for i in range(K):
        norms[i], low[i] = _dd.sqrt(gram[i, i], 0.0)
    fill(image, 1.0)
    if K == 2:
        fill(v, 0.5)  # whatever their angle
        return STATIONARY if opposite(gram) else OK
    if not solve_refined(gram, norms, low, v, rest):  # v_k / n_k
        return pseudo_inverse_of_one(gram, v, image)
    for i in range(K):
        v[i] *= norms[i]
    return OK


@njit(RULE, cache=True, error_model="numpy")
def config(gram, losses, hp, noise, state, w):
    """w_k = (mean_j n_j (C v)_j) v_k / (n_k 1'v), v = C^+ 1, for C the unit Gram matrix of the active tasks.

    For two tasks that is (n_1 + n_2) / (4 n_k) whatever their angle, unless they are opposite: then 0.
    """
    K = w.size
    fill(w, 0.0)
    index, scale = np.empty(K, np.int64), np.empty(K)
    count = find_active(gram, index)
    if count == 0:
        return STATIONARY
    own_scales(gram, scale)
    norms, v, image = np.empty(count), np.empty(count), np.empty(count)
    status = directions(submatrix(gram, index, count, scale), norms, v, image)
    if status != OK:
        return status
    total = mean = 0.0
    for i in range(count):
        total += v[i] * image[i]
        mean += norms[i] / scale[index[i]] * image[i] / count
    if total <= STATIONARY_SQUARE * count:
        return STATIONARY
    for i in range(count):
        w[index[i]] = mean * (v[i] / total) * (scale[index[i]] / norms[i])
    return OK


SPEC = RuleSpec(
    key="config",
    title="ConFIG",
    equation=r"v = C^{+} \mathbf{1}, \quad \hat d = \frac{\sum_k v_k u_k}{\| \sum_k v_k u_k \|}, \qquad "
    r"d = \frac{1}{K} \sum_k \langle g_k, \hat d \rangle\, \hat d",
    idea="Look for a conflict-free direction: one that makes the same angle with every task's gradient, so that all "
    "losses fall at one pace for their gradients' lengths. The step along it is as long as the gradients are in that "
    "direction on average, and so shrinks with them, and with growing conflict. With two tasks the direction halves "
    "the angle between the gradients. The paper adds the lengths up; here they are averaged.",
    cite="Liu et al. 2024 (ConFIG)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=config,
    no_preferences="its direction has the same angle to the gradients of all tasks",
    notation={
        "C": ("C^{+}", r"the pseudo-inverse of $C_{ij} = \langle u_i, u_j \rangle$"),
        "v": ("v", "the weights of the directions"),
        r"\hat d": (r"\hat d", "the direction of the update, of unit length"),
    },
    methods=(
        MethodSpec(
            "config", "ConFIG", "config", cite="Liu et al. 2024 (ConFIG)",
            note="A direction at one angle to all gradients, followed by their mean length along it.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "The weights bring the gradients to unit length first.",
        "nonnegative": "Equal angles can need a negative weight.",
        "min_norm_nonincrease": "One more task turns the direction; no shortest vector is sought.",
        "descent": "Exact for independent gradients; dependent ones may have no direction of equal angles.",
        "equal_projections": "Exact for independent gradients; dependent ones get the nearest in the least squares.",
    },
)  # fmt: skip
