"""Gradient matrices that break solvers: each rule is held to all of them.

ZOO maps a name to the gradients G [K, D], float64. Gram matrices are G @ G.T in float64, as a user's would be.
"""

import numpy as np


def conditioned(
    rng: np.random.Generator, tasks: int, rank: int, condition: float, dim: int = 40
) -> np.ndarray:
    """Returns gradients [tasks, dim] of the given rank, singular values from 1 down to 1 / condition."""
    left, _ = np.linalg.qr(rng.normal(size=(tasks, tasks)))
    right, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    singular = np.geomspace(1.0, 1.0 / condition, rank)
    return (left[:, :rank] * singular) @ right[:rank]


def conflicting(rng: np.random.Generator, tasks: int, strength: float, dim: int = 40) -> np.ndarray:
    """Returns gradients that share a direction with alternating signs; strength 0 is no conflict."""
    signs = np.where(np.arange(tasks) % 2 == 0, 1.0, -1.0)
    return rng.normal(size=(tasks, dim)) / np.sqrt(dim) + strength * signs[:, None] * np.eye(1, dim)


def _pairs(rng: np.random.Generator) -> dict[str, np.ndarray]:
    g, h = rng.normal(size=12), rng.normal(size=12)
    h -= (h @ g) / (g @ g) * g
    unit, side = g / np.linalg.norm(g), h / np.linalg.norm(h)
    zoo = {
        "pair regular": np.array([g, h + 0.3 * g]),
        "pair conflicting": np.array([g, h - 0.8 * g]),
        "pair orthogonal": np.array([unit, side]),
        "pair duplicated": np.array([g, g]),
        "pair parallel": np.array([g, 3.0 * g]),
        "pair opposite, equal lengths": np.array([g, -g]),
        "pair opposite": np.array([g, -0.25 * g]),
        "pair opposite with rounding": np.array([unit, -0.3 * unit]),
        "pair one zero": np.array([g, 0.0 * g]),
        "pair both zero": np.zeros((2, 12)),
        "pair disparate": np.array([1e4 * unit, side - 0.5 * unit]),
        "pair disparate opposed": np.array([1e4 * unit, 1e-2 * side - unit]),
    }
    for angle in (1e-3, 1e-6, 1e-9):
        zoo[f"pair near-parallel {angle:g}"] = np.array([unit, unit + angle * side])
        zoo[f"pair near-parallel, longer {angle:g}"] = np.array([unit, 2.0 * unit + angle * side])
    for angle in (1e-3, 1e-5):
        zoo[f"pair near-opposite {angle:g}"] = np.array([unit, -unit + angle * side])
        zoo[f"pair near-opposite, longer {angle:g}"] = np.array([unit, -1.7 * unit + angle * side])
    return zoo


def _groups(rng: np.random.Generator) -> dict[str, np.ndarray]:
    zoo = {"single": rng.normal(size=(1, 7)), "single zero": np.zeros((1, 7))}
    for tasks in (3, 5, 8, 10, 16, 32):
        zoo[f"{tasks} regular"] = conditioned(rng, tasks, tasks, 3.0)
        zoo[f"{tasks} conflicting"] = conflicting(rng, tasks, 0.5)
        zoo[f"{tasks} wide"] = rng.normal(size=(tasks, 200))
    for tasks in (3, 5, 10, 32):
        zoo[f"{tasks} ill-conditioned 1e4"] = conditioned(rng, tasks, tasks, 1e4)
        zoo[f"{tasks} one-sided, ill-conditioned"] = conditioned(rng, tasks, tasks, 1e5) + np.eye(1, 40)
        zoo[f"{tasks} disparate"] = (
            conflicting(rng, tasks, 0.3) * np.where(np.arange(tasks) == 1, 1e4, 1.0)[:, None]
        )
        zoo[f"{tasks} one zero row"] = conflicting(rng, tasks, 0.5) * (np.arange(tasks) != 1)[:, None]
    for tasks, rank in ((3, 1), (3, 2), (5, 1), (5, 2), (5, 4), (10, 3), (10, 9), (32, 20)):
        zoo[f"{tasks} rank {rank}"] = conditioned(rng, tasks, rank, 2.0)
        base = rng.integers(-3, 4, size=(rank, 9)).astype(float)
        mix = rng.integers(-2, 3, size=(tasks, rank)).astype(float)
        zoo[f"{tasks} rank {rank}, whole numbers"] = mix @ base
    return zoo


def _special(rng: np.random.Generator) -> dict[str, np.ndarray]:
    g = rng.normal(size=(4, 15))
    triangle = np.array([[2.0, 0.0, 0.0], [-1.0, 2.0, 0.0], [-1.0, -2.0, 0.0]])
    return {
        "3 with 0 inside": triangle,
        "3 with 0 just outside": triangle + 1e-4 * np.eye(1, 3, 2),
        "3 with 0 farther outside": triangle + 1e-2 * np.eye(1, 3, 2),
        "4 duplicated": g[[0, 1, 0, 1]],
        "4 duplicated and opposite": np.array([g[0], g[0], -g[0], g[1]]),
        "4 parallel lengths": np.outer([1.0, 2.0, 4.0, 8.0], g[0]),
        "5 near-parallel 1e-5": g[0] + 1e-5 * rng.normal(size=(5, 15)),
        "5 near-parallel 1e-8": g[0] + 1e-8 * rng.normal(size=(5, 15)),
        "6 near-duplicates of two": g[[0, 0, 0, 1, 1, 1]] + 1e-6 * rng.normal(size=(6, 15)),
        "6 one shortest": np.vstack([0.1 * g[:1], g[0] + 0.2 * rng.normal(size=(5, 15))]),
        "8 equiangular": np.eye(8) - 0.12,
        "8 sum to zero": np.eye(8) - 0.125,
        "10 almost inactive task": conflicting(rng, 10, 0.4)
        * np.where(np.arange(10) == 4, 1e-13, 1.0)[:, None],
        "5 lengths 1e-6 to 1": conflicting(rng, 5, 0.4) * np.geomspace(1e-6, 1.0, 5)[:, None],
    }


def build() -> dict[str, np.ndarray]:
    """Returns the whole zoo, with some of it repeated at 1e-12 and 1e12 of its size."""
    rng = np.random.default_rng(20240607)
    zoo = _pairs(rng) | _groups(rng) | _special(rng)
    for name in ("pair conflicting", "5 conflicting", "10 disparate", "5 rank 2", "3 with 0 just outside"):
        for scale in (1e-12, 1e12):
            zoo[f"{name}, times {scale:g}"] = scale * zoo[name]
    return zoo


ZOO = build()


def preferences(name: str, tasks: int) -> tuple[float, ...]:
    """Returns preferences drawn for a case, of one decade as a rule and of four in one case of five."""
    rng = np.random.default_rng(list(name.encode()))
    drawn = 10.0 ** (rng.uniform(-0.5, 0.5, tasks) * rng.choice([1.0, 1.0, 1.0, 1.0, 4.0]))
    return tuple(float(x) for x in drawn / drawn.sum())


def gram(gradients: np.ndarray) -> np.ndarray:
    """Returns the float64 Gram matrix [K, K], exactly symmetric."""
    product = np.ascontiguousarray(gradients @ gradients.T)
    return np.ascontiguousarray(np.tril(product) + np.tril(product, -1).T)
