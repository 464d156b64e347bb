"""ConFIG on the whole zoo against 60 digits, by hand, and beside torchjd."""

import numpy as np
import pytest
from mpmath import mp, mpf

from mtlcore.compiled.signatures import NOT_CONVERGED, OK, STATIONARY
from tests import oracles
from tests.kernel_call import call
from tests.matrix_zoo import ZOO, conditioned, gram


def expected(gram):
    """Returns the weights in 60 digits: mean_j <g_j, dhat> / norm(sum v_i u_i) v_k / n_k, v = C^+ 1."""
    M, K = [[mpf(float(x)) for x in row] for row in gram], len(gram)
    n = [mp.sqrt(M[k][k]) for k in range(K)]
    C = [[M[i][j] / (n[i] * n[j]) for j in range(K)] for i in range(K)]
    v = [mpf(0)] * K
    for value, vector in zip(*oracles.spectrum(C), strict=True):
        if value:
            v = [a + sum(vector) / value * b for a, b in zip(v, vector, strict=True)]
    image = oracles.times(C, v)
    square = oracles.dot(v, image)
    if square <= mpf(10) ** -14 * K:
        return [mpf(0)] * K
    mean = oracles.dot(n, image) / K / mp.sqrt(square)
    return [mean / mp.sqrt(square) * a / b for a, b in zip(v, n, strict=True)]


@pytest.mark.parametrize("name", ZOO)
def test_the_update_is_the_exact_one(name):
    G = ZOO[name]
    M = gram(G)
    status, w = call("config", M)
    right = oracles.on_active(M, lambda sub, p: expected(sub))
    longest = np.sqrt(np.diag(M).max())
    assert status != NOT_CONVERGED
    assert oracles.distance(M, w, right) <= 1e-8 * longest
    assert (status == STATIONARY) == (not any(right))


def test_two_tasks_halve_the_angle_at_their_mean_length():
    status, w = call("config", np.array([[4.0, -2.0], [-2.0, 9.0]]))
    assert status == OK
    np.testing.assert_allclose(w, [5 / 8, 5 / 12], rtol=1e-14)


def test_orthogonal_tasks_by_hand():
    """dhat has the projection 1 / 2 on each direction, the mean of the lengths is 2.5."""
    status, w = call("config", np.diag([1.0, 4.0, 9.0, 16.0]))
    assert status == OK
    np.testing.assert_allclose(w, 2.5 / 4 / np.arange(1, 5), rtol=1e-14)


def test_an_inactive_task_gets_nothing_and_changes_nothing():
    G = np.random.default_rng(4).normal(size=(5, 9)) + 0.3
    G[3] *= 1e-13
    keep = [0, 1, 2, 4]
    status, w = call("config", gram(G))
    assert status == OK
    assert w[3] == 0.0
    np.testing.assert_allclose(w[keep], call("config", gram(G[keep]))[1], rtol=1e-9)


@pytest.mark.parametrize("G", [np.zeros((3, 4)), [[1.0, 2.0], [-2.0, -4.0]], [[1.0], [-1.0], [1.0], [-1.0]]])
def test_where_no_direction_has_a_positive_angle_to_all_it_is_stationary(G):
    status, w = call("config", gram(np.array(G)))
    assert status == STATIONARY
    assert not w.any()


@pytest.mark.parametrize("tasks", [1, 2, 3, 6])
def test_torchjd_has_the_same_update_times_the_number_of_tasks(tasks):
    torch = pytest.importorskip("torch")
    aggregation = pytest.importorskip("torchjd.aggregation")
    G = conditioned(np.random.default_rng(tasks), tasks, tasks, 30.0)
    theirs = aggregation.ConFIG()(torch.from_numpy(G)).numpy()
    np.testing.assert_allclose(call("config", gram(G))[1] @ G, theirs / tasks, rtol=0, atol=1e-9)
