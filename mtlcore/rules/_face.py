"""The face of a quadratic program: which weights are free, its reduced matrix and its Newton direction.

S[0..n) are the free tasks. Where the weights sum to one, S[0] is the reference and the reduced matrix is that of
the differences g_k - g_{S[0]}; else it is the Gram matrix of the free tasks itself.
"""

from numba import njit, types

from mtlcore.rules import _dd
from mtlcore.rules._linalg import append_row, append_row_dd, solve_ldl, solve_ldl_dd
from mtlcore.rules._scaling import Indices
from mtlcore.rules._types import Floats, Matrix

Count = types.int64
FLOAT_PIVOT = 1e-11  # relative pivot below which float64 factors are not trusted
ZERO_PIVOT = 1e-25  # relative pivot below which a task depends on the others, in double-double


@njit(types.void(Matrix, Floats, Floats, Indices, Count, Floats, Floats, Floats, Floats), cache=True)
def gradient(gram, ch, cl, S, n, xh, xl, gh, gl):
    """Writes gram x + c to (gh, gl) in double-double; x is 0 outside S[0..n)."""
    for k in range(gh.size):
        s = e = 0.0
        for i in range(n):
            j = S[i]
            p = gram[k, j] * xh[j]
            s, t = _dd.two_sum(s, p)
            e += t + (_dd.fma(gram[k, j], xh[j], -p) + gram[k, j] * xl[j])
        s, e = _dd.quick_two_sum(s, e)
        gh[k], gl[k] = _dd.add(s, e, ch[k], cl[k])


@njit(types.void(Matrix, Floats, Indices, Count, Floats, Floats, Floats), cache=True)
def quick_gradient(gram, ch, S, n, xh, gh, gl):
    """As gradient, in float64: for finding the face, not for judging it."""
    for k in range(gh.size):
        s = ch[k]
        for i in range(n):
            s += gram[k, S[i]] * xh[S[i]]
        gh[k], gl[k] = s, 0.0


@njit(_dd.Pair(Matrix, Indices, Count, Count, Count), cache=True)
def reduced(gram, S, off, i, j):
    """Returns entry (i, j) of the reduced matrix in double-double; off is 1 where weights sum to one, else 0."""
    k, m = S[i + off], S[j + off]
    if off == 0:
        return gram[k, m], 0.0
    r = S[0]
    a, e = _dd.two_sum(gram[k, m], -gram[k, r])
    b, f = _dd.two_sum(gram[r, r], -gram[m, r])
    return _dd.add(a, e, b, f)


@njit(types.boolean(Matrix, Indices, Count, Count, Matrix, Matrix, types.boolean), cache=True)
def grow(gram, S, off, i, work, low, exact):
    """Extends the face's factorization by row i; returns False where the pivot is too small.

    work [K + 3, K]: L, then the diagonal, a row, a right-hand side; low holds the low parts where `exact`.
    """
    K = work.shape[1]
    row, rowl = work[K + 1], low[K + 1]
    for j in range(i + 1):
        row[j], rowl[j] = reduced(gram, S, off, i, j)
    entry = row[i]
    if exact:
        return append_row_dd(work, low, work[K], low[K], row, rowl, i) > ZERO_PIVOT * entry
    return append_row(work, work[K], row, i) > FLOAT_PIVOT * entry


@njit(types.void(Matrix, Matrix, Floats, Count, types.boolean), cache=True)
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


@njit(types.float64(Indices, Count, Count, Floats, Floats, Matrix, Matrix, types.boolean), cache=True)
def newton(S, n, off, gh, gl, work, low, exact):
    """Writes the Newton direction on the face to work[K + 2, 0..n-off); returns its decrement, twice the gain."""
    K = work.shape[1]
    x, m = work[K + 2], n - off
    for i in range(m):
        k = S[i + off]
        x[i] = (gh[S[0]] - gh[k]) + (gl[S[0]] - gl[k]) if off else -(gh[k] + gl[k])
        work[K + 1, i] = x[i]
    solve(work, low, x, m, exact)
    decrement = 0.0
    for i in range(m):
        decrement += work[K + 1, i] * x[i]
    return decrement


@njit(types.void(Indices, Count, Count, Count, Floats, Floats), cache=True)
def zero_out(S, n, off, blocking, xh, xl):
    """Sets the blocking weight and any negative rounding to 0, giving what they held to the largest weight."""
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


@njit(types.int64(Indices, Count, Count, Floats, Floats, Floats, types.boolean), cache=True)
def advance(S, n, off, direction, xh, xl, endless):
    """Moves x along the direction, at most once its length (as far as it goes if endless) and while x >= 0.

    Returns the position in S of the weight that became 0, which is then exactly 0; -1 after a whole step and
    -2 where an endless one meets no boundary (x is then unchanged). The sum of x stays what it is if off.
    """
    back = 0.0
    for i in range(n - off):
        back -= direction[i]
    step, blocking = 1.0, -1
    if endless:
        step, blocking = 1e300, -2
    for i in range(n):
        d = back if off and i == 0 else direction[i - off]
        if d < 0.0 and -step * d > xh[S[i]]:
            step, blocking = xh[S[i]] / -d, i
    if blocking == -2:
        return blocking
    for i in range(n - off):
        k = S[i + off]
        p, e = _dd.two_prod(step, direction[i])
        xh[k], xl[k] = _dd.add(xh[k], xl[k], p, e)
        if off:
            xh[S[0]], xl[S[0]] = _dd.add(xh[S[0]], xl[S[0]], -p, -e)
    if blocking >= 0:
        zero_out(S, n, off, blocking, xh, xl)
    return blocking
