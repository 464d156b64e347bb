"""The rules' answers for a float64 Gram matrix, in 60-digit arithmetic: slow, plain, and independent of the product.

Every function takes a float64 Gram matrix [K, K] as exact numbers and returns the weights as a list of mpf. A matrix
that rounding made slightly indefinite is first shifted by the least multiple of the identity that mends it.
"""

from collections.abc import Callable, Sequence

import numpy as np
from mpmath import eigsy, matrix, mp, mpf

mp.dps = 60
TINY = mpf(10) ** -42
ZERO = mpf(10) ** -15  # of norm^2 over (sum a_k n_k)^2: what counts as 0 in the convex hull
Vector = list[mpf]
Square = list[list[mpf]]


def exact(gram: np.ndarray) -> Square:
    """Returns the matrix as mpf, divided by its largest diagonal entry's power of 4, shifted to be semidefinite."""
    top = np.diag(gram).max()
    unit = mpf(4) ** int(mp.floor(mp.log(mpf(float(top)), 4))) if top > 0 else mpf(1)
    values = [[mpf(float(x)) / unit for x in row] for row in gram]
    shift = mpf(0)
    while not _semidefinite(values, shift):
        shift = 2 * shift if shift else mpf(10) ** -24
    return [[x + (shift if i == j else 0) for j, x in enumerate(row)] for i, row in enumerate(values)]


def _semidefinite(values: Square, shift: mpf) -> bool:
    a = [[x + (shift if i == j else 0) for j, x in enumerate(row)] for i, row in enumerate(values)]
    for k in range(len(a)):
        if a[k][k] < -TINY:
            return False
        if a[k][k] <= TINY:
            if any(abs(a[i][k]) > mpf(10) ** -20 for i in range(k + 1, len(a))):
                return False
            continue
        for i in range(k + 1, len(a)):
            factor = a[i][k] / a[k][k]
            for j in range(k, len(a)):
                a[i][j] -= factor * a[k][j]
    return True


def solve(rows: Square, right: Vector) -> Vector:
    """Returns x with rows x = right, by elimination with row pivoting."""
    a = [[*row, b] for row, b in zip(rows, right, strict=True)]
    n = len(a)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(a[i][k]))
        a[k], a[pivot] = a[pivot], a[k]
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            if factor:
                for j in range(k, n + 1):
                    a[i][j] -= factor * a[k][j]
    x = [mpf(0)] * n
    for i in range(n - 1, -1, -1):
        x[i] = (a[i][n] - sum((a[i][j] * x[j] for j in range(i + 1, n)), mpf(0))) / a[i][i]
    return x


def times(M: Square, x: Sequence[mpf]) -> Vector:
    """Returns M x."""
    return [sum((m * v for m, v in zip(row, x, strict=True) if v), mpf(0)) for row in M]


def dot(x: Sequence[mpf], y: Sequence[mpf]) -> mpf:
    """Returns x . y."""
    return sum((a * b for a, b in zip(x, y, strict=True)), mpf(0))


def quadratic(M: Square, c: Vector, simplex: bool, start: Vector) -> Vector:
    """Returns argmin x'Mx / 2 + c.x over x >= 0 (and sum x = 1): a textbook active set from the feasible start."""
    x, K = list(start), len(M)
    free = [k for k in range(K) if x[k] > 0]
    for _ in range(40 * K + 40):
        target = _face(M, c, simplex, free)
        stops = [(x[k] / (x[k] - target[k]), k) for k in free if target[k] < 0]
        step, blocking = min(stops, default=(mpf(1), -1))
        x = [a + step * (b - a) for a, b in zip(x, target, strict=True)]
        if blocking >= 0:
            x[blocking] = mpf(0)
            free.remove(blocking)
            continue
        slope = [a + b for a, b in zip(times(M, x), c, strict=True)]
        level = min((slope[k] for k in free), default=mpf(0)) if simplex else mpf(0)
        outside = [(slope[k] - level, k) for k in range(K) if k not in free]
        worst, entering = min(outside, default=(mpf(0), -1))
        if worst >= -(mpf(10) ** -36):
            return x
        free.append(entering)
    raise AssertionError("the oracle's active set does not end")


def _face(M: Square, c: Vector, simplex: bool, free: list[int]) -> Vector:
    rows = [[M[i][j] for j in free] + ([mpf(1)] if simplex else []) for i in free]
    right = [-c[i] for i in free]
    if simplex:
        rows.append([mpf(1)] * len(free) + [mpf(0)])
        right.append(mpf(1))
    solution = solve(rows, right) if rows else []
    x = [mpf(0)] * len(M)
    for i, k in enumerate(free):
        x[k] = solution[i]
    return x


def unit_vector(K: int, k: int) -> Vector:
    """Returns e_k."""
    return [mpf(int(i == k)) for i in range(K)]


def hull_ratio(M: Square, x: Vector) -> mpf:
    """Returns norm(g_x)^2 / (sum x_k n_k)^2, 0 for a zero gradient."""
    spread = dot(x, [mp.sqrt(M[k][k]) for k in range(len(M))])
    return dot(x, times(M, x)) / spread**2 if spread else mpf(0)


def min_norm(M: Square) -> Vector:
    """Returns the simplex weights of the shortest convex combination."""
    K = len(M)
    return quadratic(M, [mpf(0)] * K, True, unit_vector(K, min(range(K), key=lambda k: M[k][k])))


def project(M: Square, v: Vector) -> Vector:
    """Returns w for the projection of sum v_k g_k onto the dual cone."""
    y = quadratic(M, times(M, v), False, [mpf(0)] * len(M))
    return [a + b for a, b in zip(v, y, strict=True)]


def counted(K: int, p: Sequence[float] | None) -> Vector:
    """Returns the preferences over their sum, or 1/K each."""
    given = [mpf(1)] * K if p is None else [mpf(float(x)) for x in p]
    return [x / sum(given) for x in given]


def upgrad(M: Square, p: Sequence[float] | None = None) -> Vector:
    """Returns the mean of the rows' projections, weighted by p."""
    K = len(M)
    rows = [project(M, unit_vector(K, k)) for k in range(K)]
    return [sum((a * row[k] for a, row in zip(counted(K, p), rows, strict=True)), mpf(0)) for k in range(K)]


def dualproj(M: Square, p: Sequence[float] | None = None) -> Vector:
    """Returns the projection of the mean weighted by p."""
    return project(M, counted(len(M), p))


def cagrad(M: Square, c: float, p: Sequence[float] | None = None) -> Vector:
    """Returns CAGrad's w, by bisection on rho where norm(g_x) = rho s for the shifted min-norm point x(rho)."""
    mean = counted(len(M), p)
    b = times(M, mean)
    s = mpf(c) * mp.sqrt(max(dot(mean, b), mpf(0)))
    if s <= mpf(10) ** -9:
        return mean
    x = min_norm(M)
    if hull_ratio(M, x) <= ZERO:
        w = project(M, mean)
        y = [a - p for a, p in zip(w, mean, strict=True)]
        if mp.sqrt(max(dot(y, times(M, y)), mpf(0))) <= s * (1 + mpf(10) ** -12):
            return w
        x = [a / sum(y) for a in y]
    low, high = mpf(0), 4 / s
    while high - low > mpf(10) ** -34 * high:
        rho = (
            mp.sqrt(low * high) if low > 0 and high > 4 * low else (low + high) / 2 if low > 0 else high / 16
        )
        x = quadratic(M, [rho * v for v in b], True, x)
        if dot(x, times(M, x)) > (s * rho) ** 2:
            low = rho
        else:
            high = rho
    length = mp.sqrt(dot(x, times(M, x)))
    return [p + s * a / length for p, a in zip(mean, x, strict=True)]


def fair(
    M: Square, alpha: float, near: Sequence[float], preferences: Sequence[float] | None = None
) -> Vector:
    """Returns w > 0 with M w = (w / (K p))^(-1/alpha): Newton's method from `near`, until the residual is 1e-35."""
    x, p, K = [mpf(float(a)) for a in near], 1 / mpf(alpha), len(M)
    power = [K * a for a in counted(K, preferences)]
    for _ in range(40):
        q = [(a / m) ** (-p) for a, m in zip(x, power, strict=True)]
        residual = [(m - b) * a for m, b, a in zip(times(M, x), q, x, strict=True)]
        energy = dot(x, q)
        if max(abs(r) for r in residual) <= mpf(10) ** -35 * energy:
            return x
        rows = [
            [x[i] * M[i][j] * x[j] + (p * x[i] * q[i] if i == j else 0) for j in range(K)] for i in range(K)
        ]
        delta = solve(rows, [-r for r in residual])
        step = min([mpf(1), *(-mpf("0.9") / d for d in delta if d < 0)])
        x = [a * (1 + step * d) for a, d in zip(x, delta, strict=True)]
    raise AssertionError("the oracle's Newton iteration does not end")


def spectrum(M: Square) -> tuple[Vector, list[Vector]]:
    """Returns eigenvalues and eigenvectors (as rows), 0 for eigenvalues not above K eps times the largest."""
    K = len(M)
    values, vectors = eigsy(matrix(M))
    limit = K * mpf(2) ** -52 * max(values)
    kept = [v if v > limit else mpf(0) for v in values]
    return kept, [[vectors[i, j] for i in range(K)] for j in range(K)]


def aligned(M: Square, scale: str, preferences: Sequence[float] | None = None) -> Vector:
    """Returns sqrt(lambda_s) V diag(lambda^(-1/2)) V' p."""
    K, p = len(M), counted(len(M), preferences)
    values, vectors = spectrum(M)
    kept = sorted(v for v in values if v)
    chosen = {"min": kept[0], "median": kept[(len(kept) - 1) // 2], "rmse": sum(kept) / len(kept)}[scale]
    w = [mpf(0)] * K
    for value, vector in zip(values, vectors, strict=True):
        if value:
            factor = mp.sqrt(chosen / value) * dot(vector, p)
            w = [a + factor * b for a, b in zip(w, vector, strict=True)]
    return w


def imtl_g(M: Square) -> Vector:
    """Returns the least w of sum 1 with equal <d, u_k>, or zeros where 1 is outside the range of the unit Gram."""
    K = len(M)
    n = [mp.sqrt(M[k][k]) for k in range(K)]
    values, vectors = spectrum([[M[i][j] / (n[i] * n[j]) for j in range(K)] for i in range(K)])
    null = [vector for value, vector in zip(values, vectors, strict=True) if not value]
    if sum((sum(z) ** 2 for z in null), mpf(0)) > mpf(10) ** -12 * K:
        return [mpf(0)] * K
    v = [mpf(0)] * K
    for value, vector in zip(values, vectors, strict=True):
        if value:
            v = [a + sum(vector) / value * b for a, b in zip(v, vector, strict=True)]
    basis: list[Vector] = []
    for z in [v, *null]:
        row = [a / b for a, b in zip(z, n, strict=True)]
        for other in basis:
            inner = dot(row, other)
            row = [a - inner * b for a, b in zip(row, other, strict=True)]
        length = mp.sqrt(dot(row, row))
        basis.append([a / length for a in row])
    shadow = [sum((sum(row) * row[k] for row in basis), mpf(0)) for k in range(K)]
    return [a / sum(shadow) for a in shadow]


def on_active(
    gram: np.ndarray, rule: Callable[..., Vector], preferences: Sequence[float] | None = None
) -> Vector:
    """Returns rule(matrix, p)'s weights for the tasks with n_k > 1e-12 max n, 0 for the others."""
    K = len(gram)
    active = [k for k in range(K) if gram[k, k] > 1e-24 * np.diag(gram).max()]
    w = [mpf(0)] * K
    if active:
        p = None if preferences is None else [preferences[k] for k in active]
        for k, value in zip(active, rule(gram[np.ix_(active, active)], p), strict=True):
            w[k] = value
    return w


def distance(gram: np.ndarray, w: Sequence[float], expected: Vector) -> float:
    """Returns norm(sum (w_k - expected_k) g_k) from the Gram matrix."""
    error = [mpf(float(a)) - b for a, b in zip(w, expected, strict=True)]
    M = [[mpf(float(x)) for x in row] for row in gram]
    return float(mp.sqrt(max(dot(error, times(M, error)), mpf(0))))
