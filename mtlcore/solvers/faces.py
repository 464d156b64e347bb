"""The face of a quadratic program: which weights are free, its reduced matrix and its Newton direction.

S[0..n) are the free tasks. Where the weights sum to one, S[0] is the reference and the reduced matrix is
that of the differences g_k - g_{S[0]}; else it is the Gram matrix of the free tasks itself.
"""

from numba import types

from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.solvers import double_double as _dd
from mtlcore.solvers.linear import append_row, append_row_dd, solve_ldl, solve_ldl_dd
from mtlcore.solvers.vectors import Indices

Count = types.int64
FLOAT_PIVOT = 1e-11  # relative pivot below which float64 factors are not trusted
ZERO_PIVOT = 1e-26  # of the largest square: in double-double, at or below it the matrix needs a shift


@njit(
    types.void(Matrix, types.float64, Floats, Floats, Indices, Count, Floats, Floats, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def gradient(gram, shift, ch, cl, S, n, xh, xl, gh, gl):
    """Writes (gram + shift I) x + c to (gh, gl) in double-double; x is 0 outside S[0..n)."""
    for k in range(gh.size):
        s = e = 0.0
        for i in range(n):
            j = S[i]
            p = gram[k, j] * xh[j]
            s, t = _dd.two_sum(s, p)
            e += t + (_dd.fma(gram[k, j], xh[j], -p) + gram[k, j] * xl[j])
        s, e = _dd.quick_two_sum(s, e)
        s, e = _dd.add(s, e, ch[k], cl[k])
        p, t = _dd.two_prod(shift, xh[k])
        gh[k], gl[k] = _dd.add(s, e, p, t)


@njit(types.void(Matrix, Floats, Indices, Count, Floats, Floats, Floats), cache=True, error_model="numpy")
def quick_gradient(gram, ch, S, n, xh, gh, gl):
    """As gradient, in float64: for finding the face, not for judging it."""
    for k in range(gh.size):
        s = ch[k]
        for i in range(n):
            s += gram[k, S[i]] * xh[S[i]]
        gh[k], gl[k] = s, 0.0


@njit(
    _dd.Pair(Matrix, types.float64, Indices, Count, Count, Count),
    cache=True,
    error_model="numpy",
)
def reduced(gram, shift, S, off, i, j):
    """Returns entry (i, j) of the reduced matrix in double-double; off 1 where weights sum to one, else 0."""
    k, m = S[i + off], S[j + off]
    extra = shift if i == j else 0.0
    if off == 0:
        return _dd.two_sum(gram[k, m], extra)
    r = S[0]
    a, e = _dd.two_sum(gram[k, m], -gram[k, r])
    b, f = _dd.two_sum(gram[r, r], -gram[m, r])
    a, e = _dd.add(a, e, b, f)
    return _dd.add(a, e, extra + shift, 0.0)


@njit(
    types.float64(Matrix, types.float64, Indices, Count, Count, Matrix, Matrix, types.boolean),
    cache=True,
    error_model="numpy",
)
def grow(gram, shift, S, off, i, work, low, exact):
    """Extends the face's factorization by row i; returns the pivot, -1 where float64 is in doubt.

    work [K + 3, K]: L, then the diagonal, a row, a right-hand side; low holds the low parts where `exact`.
    """
    K = work.shape[1]
    row, rowl = work[K + 1], low[K + 1]
    for j in range(i + 1):
        row[j], rowl[j] = reduced(gram, shift, S, off, i, j)
    entry = row[i]
    if exact:
        return append_row_dd(work, low, work[K], low[K], row, rowl, i)
    pivot = append_row(work, work[K], row, i)
    return pivot if pivot > FLOAT_PIVOT * entry else -1.0


@njit(types.void(Matrix, Matrix, Floats, Count, types.boolean), cache=True, error_model="numpy")
def solve(work, low, x, m, exact):
    """Replaces x[0..m) by the solution of the factored reduced system."""
    K = work.shape[1]
    if not exact:
        solve_ldl(work, work[K], x, m)
        return
    xl = low[K + 2]
    for i in range(m):
        xl[i] = 0.0
    solve_ldl_dd(work, low, work[K], low[K], x, xl, m)


@njit(
    types.float64(Matrix, types.float64, Indices, Count, Count, types.float64, Matrix, Matrix),
    cache=True,
    error_model="numpy",
)
def mend(gram, shift, S, off, i, pivot, work, low):
    """Returns a larger shift, for a pivot that is not positive at row i of the exactly factored face.

    The pivot is the value z'Nz on one direction z, so about -pivot / norm(z)^2 is missing: a shift of
    twice that changes the answer no more than the rounding that made the matrix indefinite.
    """
    z = work[work.shape[1] + 2]
    for j in range(i):
        z[j] = -reduced(gram, shift, S, off, i, j)[0]
    solve(work, low, z, i, True)
    square, total = 1.0, 1.0
    for j in range(i):
        square += z[j] * z[j]
        total += z[j]
    if off:
        square += total * total
    return max(2.0 * shift, max(-2.0 * pivot / square, 1e-24))


@njit(types.float64(Indices, Count, Count, Floats, Floats, Matrix), cache=True, error_model="numpy")
def residual(S, n, off, gh, gl, work):
    """Writes minus the gradient along the face to work[K + 1, 0..n-off); returns its largest entry."""
    r, top = work[work.shape[1] + 1], 0.0
    for i in range(n - off):
        k = S[i + off]
        r[i] = (gh[S[0]] - gh[k]) + (gl[S[0]] - gl[k]) if off else -(gh[k] + gl[k])
        top = max(top, abs(r[i]))
    return top


@njit(types.float64(Count, Matrix, Matrix, types.boolean), cache=True, error_model="numpy")
def newton(m, work, low, exact):
    """Writes the Newton direction for the residual in work[K + 1] to work[K + 2]; returns its decrement.

    The decrement is twice what the objective can still fall on the face.
    """
    K = work.shape[1]
    r, x, decrement = work[K + 1], work[K + 2], 0.0
    for i in range(m):
        x[i] = r[i]
    solve(work, low, x, m, exact)
    for i in range(m):
        decrement += r[i] * x[i]
    return decrement


@njit(types.void(Indices, Count, Count, Count, Floats, Floats), cache=True, error_model="numpy")
def zero_out(S, n, off, blocking, xh, xl):
    """Sets the blocking weight and negative rounding to 0, giving what they held to the largest weight."""
    top = S[0]
    for i in range(n):
        if xh[S[i]] > xh[top]:
            top = S[i]
    for i in range(n):
        k = S[i]
        if i == blocking or xh[k] < 0.0:
            if off and k != top:
                xh[top], xl[top] = _dd.add(xh[top], xl[top], xh[k], xl[k])
            xh[k], xl[k] = 0.0, 0.0


@njit(
    types.int64(Indices, Count, Count, Floats, Floats, Floats),
    cache=True,
    error_model="numpy",
)
def advance(S, n, off, direction, xh, xl):
    """Moves x along the direction, at most once its length and while x >= 0; the sum of x stays if off.

    Returns the position in S of the weight that became 0, which is then exactly 0, or -1 after a whole step.
    """
    back = 0.0
    for i in range(n - off):
        back -= direction[i]
    step, blocking = 1.0, -1
    for i in range(n):
        d = back if off and i == 0 else direction[i - off]
        if d < 0.0 and -step * d > xh[S[i]]:
            step, blocking = xh[S[i]] / -d, i
    for i in range(n - off):
        k = S[i + off]
        p, e = _dd.two_prod(step, direction[i])
        xh[k], xl[k] = _dd.add(xh[k], xl[k], p, e)
        if off:
            xh[S[0]], xl[S[0]] = _dd.add(xh[S[0]], xl[S[0]], -p, -e)
    if blocking >= 0:
        zero_out(S, n, off, blocking, xh, xl)
    return blocking
