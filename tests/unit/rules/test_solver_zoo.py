"""Every exact rule on every matrix of the zoo, against 60-digit arithmetic on the same float64 Gram matrix."""

import itertools

import numpy as np
import pytest
from mpmath import mp, mpf

from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests import oracles
from tests.kernel_call import call
from tests.matrix_zoo import ZOO, gram, preferences

LARGEST = 10  # tasks, where the oracle takes seconds for more
SMALL = [name for name in ZOO if len(ZOO[name]) <= LARGEST]
LARGE = [name for name in ZOO if len(ZOO[name]) > LARGEST]
EXACT = {
    "mgda": (lambda M, p: oracles.min_norm(M), False),
    "upgrad": (oracles.upgrad, False),
    "dualproj": (oracles.dualproj, False),
    "imtl_g": (lambda M, p: oracles.imtl_g(M), True),
}
weighted = pytest.mark.parametrize("wish", ["equal", "drawn"])


def wished(wish, name):
    """Returns the case's preferences, or None for equal ones."""
    return None if wish == "equal" else preferences(name, len(ZOO[name]))


def length(G, w):
    """Returns norm(sum w_k g_k) with w in 60 digits."""
    columns = range(G.shape[1])
    d = [sum((v * mpf(float(g)) for v, g in zip(w, G[:, j], strict=True)), mpf(0)) for j in columns]
    return mp.sqrt(oracles.dot(d, d))


def error(G, w, expected):
    """Returns norm(sum (w_k - expected_k) g_k)."""
    return length(G, [mpf(float(a)) - b for a, b in zip(w, expected, strict=True)])


def longest(G):
    return np.sqrt(np.diag(gram(G)).max())


def assert_answer(G, status, w, expected):
    assert status != NOT_CONVERGED
    assert error(G, w, expected) <= 1e-8 * longest(G)
    if status == STATIONARY:
        assert length(G, [mpf(float(a)) for a in w]) <= 1e-7 * longest(G)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    ("key", "wish"),
    [("mgda", "equal"), ("imtl_g", "equal"), *itertools.product(("upgrad", "dualproj"), ("equal", "drawn"))],
)
def test_the_update_is_the_exact_one(key, wish, name):
    G, p = ZOO[name], wished(wish, name)
    M = gram(G)
    status, w = call(key, M, preferences=p)
    if not M.any():
        assert status == STATIONARY
        return
    solve, active_only = EXACT[key]
    over = oracles.on_active if active_only else lambda matrix, rule, p: rule(matrix, p)
    assert_answer(G, status, w, over(M, lambda sub, p: solve(oracles.exact(sub), p), p))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("c", [0.2, 0.5, 2.0])
@weighted
def test_cagrad_is_the_exact_one(name, c, wish):
    G, p = ZOO[name], wished(wish, name)
    M = gram(G)
    status, w = call("cagrad", M, c=c, preferences=p)
    if not M.any():
        assert status == STATIONARY
        return
    expected = oracles.on_active(M, lambda sub, p: oracles.cagrad(oracles.exact(sub), c, p), p)
    assert_answer(G, status, w, expected)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("scale", ["min", "median", "rmse"])
@weighted
def test_aligned_mtl_is_the_exact_one(name, scale, wish):
    G, p = ZOO[name], wished(wish, name)
    M = gram(G)
    status, w = call("aligned_mtl", M, scale=scale, preferences=p)
    if not M.any():
        assert status == STATIONARY
        return
    assert_answer(G, status, w, oracles.aligned(oracles.exact(M), scale, p))


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("alpha", [0.3, 1.0, 4.0])
@weighted
def test_fair_weights_balance(name, alpha, wish):
    G, p = ZOO[name], wished(wish, name)
    M = gram(G)
    status, w = call("fairgrad", M, alpha=alpha, preferences=p)
    active = np.flatnonzero(np.diag(M) > 1e-24 * np.diag(M).max())
    assert not np.delete(w, active).any()
    if status == STATIONARY:
        assert not w.any()
        assert not active.size or unit_ratio(M, active) <= 1e-14 * (1 + 1e-6)
        return
    assert status == OK
    sub, x = M[np.ix_(active, active)], w[active]
    own = None if p is None else [p[k] for k in active]
    demand = (x / (len(active) * np.array([float(a) for a in oracles.counted(len(active), own)]))) ** (
        -1 / alpha
    )
    exact_rows = [[mpf(float(v)) for v in row] for row in sub]
    product = np.array([float(v) for v in oracles.times(exact_rows, [mpf(float(v)) for v in x])])
    assert (np.abs(product - demand) <= 1.1e-9 * (np.abs(sub) @ x + demand)).all()
    if unit_ratio(M, active) >= 1e-8:
        expected = oracles.fair(exact_rows, alpha, x, own)
        update = length(G[active], expected)
        assert error(G[active], x, expected) <= 1e-8 * update


def unit_ratio(M, active):
    """Returns the min-norm of the unit gradients, squared."""
    n = np.sqrt(np.diag(M)[active])
    unit = M[np.ix_(active, active)] / np.outer(n, n)
    np.fill_diagonal(unit, 1.0)
    exact = oracles.exact(unit)
    x = oracles.min_norm(exact)
    return max(float(oracles.dot(x, oracles.times(exact, x))), 0.0)


@pytest.mark.parametrize("name", LARGE)
def test_many_tasks_meet_the_optimality_conditions(name):
    """The certificates bound the error: norm(d - d*)^2 is at most the gap of a feasible d."""
    G = ZOO[name]
    M, p = gram(G), preferences(name, len(G))
    rows = [[mpf(float(v)) for v in row] for row in M]
    top = float(np.diag(M).max())
    status, w = call("mgda", M)
    assert status != NOT_CONVERGED
    x = [mpf(float(v)) for v in w]
    slope = oracles.times(rows, x)
    assert w.min() >= 0
    assert abs(sum(x) - 1) <= 1e-15
    assert oracles.dot(x, slope) - min(slope) <= 1e-16 * top
    status, w = call("dualproj", M, preferences=p)
    assert status != NOT_CONVERGED
    y = [mpf(float(v)) - a for v, a in zip(w, oracles.counted(len(M), p), strict=True)]
    slope = oracles.times(rows, [mpf(float(v)) for v in w])
    assert min(slope) >= -1e-14 * top
    assert float(min(y)) >= -1e-16
    assert abs(oracles.dot(y, slope)) <= 1e-14 * top * max(1.0, float(max(y)))


@pytest.mark.parametrize("name", [name for name in LARGE if "rank" not in name and "zero" not in name])
@pytest.mark.parametrize("c", [0.3, 0.8])
@weighted
def test_cagrad_of_many_tasks_has_no_gap(name, c, wish):
    """The worst-off task's progress equals the dual value, so both are optimal."""
    M, p = gram(ZOO[name]), wished(wish, name)
    status, w = call("cagrad", M, c=c, preferences=p)
    assert status == OK
    rows, mean = [[mpf(float(v)) for v in row] for row in M], oracles.counted(len(M), p)
    shift = [mpf(float(v)) - p for v, p in zip(w, mean, strict=True)]
    x = [a / sum(shift) for a in shift]
    g0, gx = oracles.times(rows, mean), oracles.times(rows, x)
    radius = c * mp.sqrt(oracles.dot(mean, g0))
    dual = oracles.dot(x, g0) + radius * mp.sqrt(oracles.dot(x, gx))
    primal = min(oracles.times(rows, [mpf(float(v)) for v in w]))
    assert abs(mp.sqrt(oracles.dot(shift, oracles.times(rows, shift))) / radius - 1) <= 1e-11
    assert dual - primal <= 1e-9 * np.diag(M).max()


def test_the_zoo_is_large_and_mixed():
    assert len(ZOO) >= 64
    assert {len(G) for G in ZOO.values()} >= {1, 2, 3, 5, 8, 10, 16, 32}
