"""GradVac: each task gradient is turned towards the cosines its pairs have had so far."""

import numpy as np
from numba import types

from mtlcore.after_rule import projected_pair
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import OK, RULE, STATIONARY, Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.scaling import find_active, ordinary, shares
from mtlcore.solvers.vectors import all_tasks, fill, random_order
from mtlcore.spec import MethodSpec, Param, RuleSpec

HIGHEST = 1.0 - 1e-6  # of abs(rho)
ZERO = 1e-15  # of norm(g_i')^2 over (sum_k abs(c_k) n_k)^2: the rounding of a float64 Gram matrix
DOUBTFUL = 1e-4


@njit(types.UniTuple(types.float64, 3)(Matrix, Floats, types.int64), cache=True, error_model="numpy")
def pair_geometry(gram, c, j):
    """Returns norm(g'), its cosine and its sine with g_j, for g' = sum_k c_k g_k; norm 0 where g' is zero.

    In float64 where that is enough, with double-double sums where g' is nearly zero or nearly along g_j.
    """
    inner = square = spread = 0.0
    for k in range(c.size):
        if c[k] != 0.0:
            inner += c[k] * gram[k, j]
            spread += abs(c[k]) * np.sqrt(gram[k, k])
            for m in range(c.size):
                square += c[k] * c[m] * gram[k, m]
    spread *= spread
    cross = square * gram[j, j] - inner * inner
    if square < DOUBTFUL * spread or cross < DOUBTFUL * square * gram[j, j]:
        zeros = np.zeros(c.size)
        sh, sl = _dd.bilinear(gram, c, zeros, c, zeros)
        ih, il = _dd.row_dot(gram, j, c, zeros)
        ph, pl = _dd.mul(sh, sl, gram[j, j], 0.0)
        qh, ql = _dd.mul(ih, il, ih, il)
        square, inner, cross = sh, ih, _dd.add(ph, pl, -qh, -ql)[0]
    if square <= ZERO * spread:
        return 0.0, 0.0, 0.0
    area = square * gram[j, j]
    cosine = min(max(inner / np.sqrt(area), -1.0), 1.0)
    return np.sqrt(square), cosine, np.sqrt(min(max(cross / area, 0.0), 1.0))


@njit(RULE, cache=True, error_model="numpy")
def gradvac(gram, losses, hp, noise, state, w):
    """As pcgrad, towards the target cosines rho in state [K, K], which then move. hp: beta, p [K] or none."""
    K = w.size
    gram = ordinary(gram)
    index, order, c, m = np.empty(K, np.int64), all_tasks(K), np.empty(K), np.empty(K)
    count = find_active(gram, index)
    shares(hp, 1, index, count, m)
    limit = 0.0
    if count > 0:
        limit = gram[index[0], index[0]]
        for t in range(count):
            limit = min(limit, gram[index[t], index[t]])
    fill(w, 0.0)
    for a in range(count):
        i = index[a]
        if K > 2:
            random_order(noise, i, order)
        fill(c, 0.0)
        c[i] = 1.0
        for t in range(K):
            j = order[t]
            if j != i and gram[j, j] >= limit:
                norm, cosine, sine = pair_geometry(gram, c, j)
                if norm > 0.0:
                    rho = state[i * K + j]
                    if cosine < rho:
                        root = np.sqrt(1.0 - rho * rho)
                        c[j] += norm * (rho * sine - cosine * root) / (np.sqrt(gram[j, j]) * root)
                    moved = (1.0 - hp[0]) * rho + hp[0] * cosine
                    state[i * K + j] = min(max(moved, -HIGHEST), HIGHEST)
        for k in range(K):
            w[k] += m[a] * c[k] / count
    return OK if count > 0 else STATIONARY


SPEC = RuleSpec(
    key="gradvac",
    title="GradVac",
    equation=r"\phi < \rho_{ij}:\; g_i \leftarrow g_i + \frac{\|g_i\| \left(\rho_{ij}\sqrt{1-\phi^2} - "
    r"\phi\sqrt{1-\rho_{ij}^2}\right)}{\|g_j\|\sqrt{1-\rho_{ij}^2}}\, g_j, \quad "
    r"\rho_{ij} \leftarrow (1-\beta)\rho_{ij} + \beta\phi",
    idea="PCGrad acts only below a cosine of 0. GradVac remembers, for each pair of tasks, how similar "
    "their gradients have been and pulls a pair that falls below its usual cosine back up to it, so that "
    "related tasks stay aligned and unrelated ones are left apart.",
    cite="Wang et al. 2021 (ICLR)",
    kind="gram",
    needs=frozenset({"gram"}),
    kernel=gradvac,
    after=projected_pair,
    params=(
        Param(
            "beta", "Averaging rate beta", "float", 0.5, 0.0, 1.0, 0.01,
            help="How fast a pair's target cosine follows the measured one; 0 keeps it at 0, which is "
            "PCGrad.",
        ),
    ),
    state_size=lambda tasks: tasks * tasks,
    preferences="positive",
    noise="order",
    notation={
        r"\phi": (r"\phi", "the cosine of $g_i$ and $g_j$"),
        r"\rho_": (r"\rho_{ij}", "the running mean of that cosine, the target"),
        r"\beta": (r"\beta", "the averaging rate"),
    },
    methods=(
        MethodSpec(
            "gradvac", "GradVac", "gradvac", cite="Wang et al. 2021",
            note="Turns each pair towards the cosine it had on average, also where there is no conflict.",
        ),
    ),
    properties=frozenset({"permutation", "scale", "nonnegative", "stationary_at_opposite"}),
    exemptions={
        "sum_to_one": "Multiples of the other gradients are added.",
        "min_norm_nonincrease": "It turns gradients and seeks no shortest vector.",
        "descent": "With three tasks or more a later correction can bring an earlier conflict back.",
        "equal_projections": "Angles are corrected, lengths are left as they are.",
    },
)  # fmt: skip
