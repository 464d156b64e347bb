"""Aligned-MTL's construction: the gradients' principal axes, brought to one length."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import ALWAYS, DISC, ELLIPSE, LINE, NEUTRAL, UPDATE, arrow, mark, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

EPS = 2.0**-52
AXES, LEVELLED, FLAT, MEAN = range(4)


@kernel(types.void(Matrix, Floats))
def axes(gradients, out):
    """Writes the singular values s1 >= s2 and the unit axis (x, y) of s1 to out [4]; that of s2 is (-y, x).

    s2 is taken from the area that the gradients span, so that it keeps its digits where it is small.
    """
    a, b, c, area = 0.0, 0.0, 0.0, 0.0
    for k in range(gradients.shape[0]):
        x, y = gradients[k, 0], gradients[k, 1]
        a += x * x
        b += x * y
        c += y * y
        for j in range(k):
            cross = gradients[j, 0] * y - gradients[j, 1] * x
            area += cross * cross
    half = 0.5 * (a - c)
    root = np.sqrt(half * half + b * b)
    first = np.sqrt(0.5 * (a + c) + root)
    u, v = (half + root, b) if half >= 0.0 else (b, root - half)
    size = np.sqrt(u * u + v * v)
    out[0], out[1] = first, (np.sqrt(area) / first if first > 0.0 else 0.0)
    out[2], out[3] = (u / size, v / size) if size > 0.0 else (1.0, 0.0)


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """Axes with their singular values; every axis brought to one value; the mean by p of the gradients after that."""
    K, found = gradients.shape[0], np.zeros(4)
    axes(gradients, found)
    s1, s2, x, y = found[0], found[1], found[2], found[3]
    if s1 <= 0.0:
        return 0
    flat = s2 * s2 <= K * EPS * s1 * s1
    one = s1 if flat else (np.sqrt(0.5 * (s1 * s1 + s2 * s2)) if hp[0] == 2.0 else s2)
    at = mark(marks, 0, 1, 1, ELLIPSE, NEUTRAL, s1 * x, s1 * y, -s2 * y, s2 * x)
    at = mark(marks, at, 1, ALWAYS, LINE, NEUTRAL, 0.0, 0.0, x, y)
    at = mark(marks, at, 1, ALWAYS, LINE, NEUTRAL, 0.0, 0.0, -y, x)
    if not flat:
        at = mark(marks, at, 2, ALWAYS, DISC, UPDATE, 0.0, 0.0, one, 0.0)
    sx, sy = 0.0, 0.0
    for k in range(K):
        along = one * (gradients[k, 0] * x + gradients[k, 1] * y) / s1
        across = 0.0 if flat else one * (gradients[k, 1] * x - gradients[k, 0] * y) / s2
        u, v = along * x - across * y, along * y + across * x
        at = arrow(marks, at, 2, ALWAYS, k, u, v)
        sx += p[k] * u
        sy += p[k] * v
    arrow(marks, at, 3, ALWAYS, UPDATE, sx, sy)
    say(told, 1, AXES, s1, s2, s1 / s2 if s2 > 0.0 else np.inf, 0.0)
    say(told, 2, FLAT if flat else LEVELLED, one, 0.0, 0.0, 0.0)
    say(told, 3, MEAN, sx, sy, 0.0, 0.0)
    for k in range(K):
        told[2, 3 + k] = p[k]
    return 3


SPEC = Construction(
    construct,
    {
        AXES: Step(
            "Principal axes",
            "Σ aₖ gₖ with ‖a‖ = 1 runs around the ellipse. Its half axes are the gradients' singular values, {0} and "
            "{1}: condition number {0} / {1} = {2}.",
        ),
        LEVELLED: Step(
            "One length for both axes",
            "Bring both singular values to {0}: the ellipse becomes a circle, the condition number 1, and the "
            "gradients move to where they stand in it.",
        ),
        FLAT: Step(
            "One axis alone",
            "All gradients lie on one line: there is one singular value, {0}, and nothing to level.",
        ),
        MEAN: Step("The update", "The mean of the moved gradients, with shares {2w}: d = {0v}."),
    },
)
