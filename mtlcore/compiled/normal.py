"""Standard normals by inversion, one uniform each: the quantile of the normal distribution at a drawn place.

Source: M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37 (1988),
PPND16, with the kernels' own logarithm.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.elementary import log
from mtlcore.compiled.pcg64 import S11, UNIT, Words, following, output
from mtlcore.compiled.signatures import Floats

REAL = types.float64(types.float64)
CENTRAL, MIDDLE = (
    0.425,
    5.0,
)  # distance from the median, and sqrt(-log(tail)), up to which A / B and C / D serve
HALF = 1 << 52  # of the 2^53 places a uniform is drawn from
# The coefficients of the three quotients of polynomials, in AS 241's order.
A = (
    *(3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4),
    *(4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
)
B = (
    *(1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
    *(2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)
C = (
    *(1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504),
    *(
        1.27045825245236838258,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
)
D = (
    *(1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1),
    *(
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)
E = (
    *(6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1),
    *(
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ),
)
F = (
    *(1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2),
    *(
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)


@kernel(types.float64(types.float64, types.UniTuple(types.float64, 8)))
def polynomial(r, c):
    """Returns c_0 + c_1 r + ... + c_7 r^7."""
    upper = ((c[7] * r + c[6]) * r + c[5]) * r + c[4]
    return (((upper * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0]


@kernel(REAL)
def quantile(q):
    """Returns x with Phi(x) = 1/2 + q for q between -1/2 and 1/2, to about 1e-15 of itself; odd in q."""
    if abs(q) <= CENTRAL:
        r = CENTRAL * CENTRAL - q * q
        return q * polynomial(r, A) / polynomial(r, B)
    r = np.sqrt(-log(0.5 - abs(q)))
    if r <= MIDDLE:
        size = polynomial(r - 1.6, C) / polynomial(r - 1.6, D)
    else:
        size = polynomial(r - MIDDLE, E) / polynomial(r - MIDDLE, F)
    return size if q > 0.0 else -size


@kernel(types.void(Words, Floats))
def normals(state, out):
    """Writes the stream's next standard normals to out, one uniform each, and moves its state [4] on.

    The uniform k 2^-53 is taken in the middle of its step, (k + 1/2) 2^-53: none is 0, and as many lie above the
    median as below. Its distance from the median is exact.
    """
    high, low = types.uint64(state[0]), types.uint64(state[1])
    add_high, add_low = types.uint64(state[2]), types.uint64(state[3])
    for n in range(out.size):
        high, low = following(high, low, add_high, add_low)
        place = types.int64(output(high, low) >> S11) - HALF
        out[n] = quantile((types.float64(place) + 0.5) * UNIT)
    state[0], state[1] = types.int64(high), types.int64(low)
