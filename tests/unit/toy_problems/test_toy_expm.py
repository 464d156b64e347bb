"""The matrix exponential, the adjoint of its derivative and the small SVD, against independent ones."""

import numpy as np
import pytest
import scipy.linalg
import torch

from mtlcore.solvers import expm, svd
from mtlcore.transforms import rigid

SIZES = (2, 3, 5, 8, 16)


def skew(m, size, seed=0):
    lower = np.tril(np.random.default_rng(seed).standard_normal((m, m)), -1)
    return size * (lower - lower.T) / max(np.linalg.norm(lower - lower.T, 2), 1e-300)


def exponentiate(A):
    work = np.zeros((expm.SLOTS, *A.shape))
    work[expm.X1] = A
    squarings = expm.exponentiate(work)
    return work[expm.E0 + squarings].copy(), work, squarings


@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize("size", [0.0, 1e-8, 0.1, 1.0, np.pi, 10.0])
def test_the_exponential_of_a_skew_matrix(m, size):
    A = skew(m, size)
    E, _, _ = exponentiate(A)
    values, vectors = np.linalg.eigh(1j * A)  # i A is Hermitian: another way to the same matrix
    expected = (vectors * np.exp(-1j * values)) @ vectors.conj().T
    assert abs(E - expected).max() <= 1e-13
    assert abs(E - scipy.linalg.expm(A)).max() <= 1e-13
    assert abs(E.T @ E - np.eye(m)).max() <= 1e-13


@pytest.mark.parametrize("m", SIZES)
@pytest.mark.parametrize("size", [0.0, 0.1, 1.0, 10.0])
def test_the_adjoint_is_autograds(m, size):
    A, W = skew(m, size), np.random.default_rng(1).standard_normal((m, m))
    _, work, squarings = exponentiate(A)
    out = np.empty((m, m))
    expm.pull_back(work, squarings, W.copy(), out)
    point = torch.tensor(A, requires_grad=True)
    (torch.linalg.matrix_exp(point) * torch.tensor(W)).sum().backward()
    assert abs(out - point.grad.numpy()).max() <= 1e-11
    expected = scipy.linalg.expm_frechet(A.T, W, compute_expm=False)  # the adjoint is the derivative at A^T
    assert abs(out - expected).max() <= 1e-12 * np.linalg.norm(W)


def test_a_hopeless_matrix_says_so():
    E, _, _ = exponentiate(skew(4, 1e30))
    assert np.isnan(E).all()
    E, _, _ = exponentiate(np.full((4, 4), np.nan))
    assert np.isnan(E).all()


def matrices():
    rng = np.random.default_rng(2)
    for d in (2, 3, 6, 16):
        for rank in {0, 1, d - 1, d}:
            yield rng.standard_normal((d, rank)) @ rng.standard_normal((rank, d))
        yield np.diag(10.0 ** -np.arange(d))
        yield 1e-200 * rng.standard_normal((d, d))


@pytest.mark.parametrize("a", list(matrices()), ids=lambda a: f"{len(a)}x{np.linalg.matrix_rank(a)}")
def test_the_singular_value_decomposition(a):
    d = len(a)
    u, s, v = np.empty((d, d)), np.empty(d), np.empty((d, d))
    rank = svd.svd(a, u, s, v)
    expected = np.linalg.svd(a, compute_uv=False)
    scale = max(expected[0], 1e-300)
    assert rank == (expected > d * np.finfo(float).eps * expected[0]).sum()
    assert abs(s - expected).max() <= 1e-13 * scale
    assert abs(u * s @ v.T - a).max() <= 1e-13 * scale
    assert abs(u.T @ u - np.eye(d)).max() <= 1e-13
    assert abs(v.T @ v - np.eye(d)).max() <= 1e-13
    assert svd.determinant_sign(u) == np.sign(np.linalg.det(u))


def nearest(target, current):
    out = np.empty_like(target)
    rigid.nearest_rotation(np.ascontiguousarray(target), np.ascontiguousarray(current), out)
    return out


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("rank", [0, 1, 2, 5])
def test_the_nearest_rotation_gains_most_and_then_moves_least(d, rank):
    rng = np.random.default_rng(d + rank)
    rank = min(rank, d)
    target = rng.standard_normal((d, rank)) @ rng.standard_normal((rank, d))
    current = scipy.linalg.expm(skew(d, 1.0, seed=3))
    best = nearest(target, current)
    assert abs(best.T @ best - np.eye(d)).max() <= 1e-13
    assert np.linalg.det(best) == pytest.approx(1.0)
    gain, near = np.sum(best * target), np.sum(best * current)
    for seed in range(200):  # no rotation gains more, and of those that gain as much none is nearer
        other = best @ scipy.linalg.expm(skew(d, 10.0 ** rng.uniform(-4, 0.5), seed=seed))
        other_gain = np.sum(other * target)
        assert other_gain <= gain + 1e-12
        assert other_gain < gain - 1e-9 or np.sum(other * current) <= near + 1e-6
    if rank == 0:
        np.testing.assert_array_equal(best, current)
