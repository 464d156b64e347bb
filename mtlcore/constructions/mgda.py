"""MGDA's construction: the gradients' hull, and its point nearest to 0."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.constructions._drawing import ALWAYS, DISC, NEUTRAL, POINT, UPDATE, arrow, mark, polygon, say
from mtlcore.constructions.construction import CONSTRUCTION, Construction, Step

HULL, CIRCLE, BETWEEN, CORNER, INSIDE = range(5)


@kernel(types.int64(Matrix, Matrix))
def hull(points, out):
    """Writes the corners of the points' hull, in order, to out [K, 2]; returns how many there are (Jarvis 1973)."""
    start = 0
    for k in range(1, points.shape[0]):
        if points[k, 0] < points[start, 0]:
            start = k
    at, count = start, 0
    while count < points.shape[0]:
        out[count, 0], out[count, 1] = points[at, 0], points[at, 1]
        count += 1
        following = 0 if at != 0 else 1
        for k in range(points.shape[0]):
            ax, ay = points[following, 0] - points[at, 0], points[following, 1] - points[at, 1]
            bx, by = points[k, 0] - points[at, 0], points[k, 1] - points[at, 1]
            turn = ax * by - ay * bx
            if turn < 0.0 or (turn == 0.0 and bx * bx + by * by > ax * ax + ay * ay):
                following = k
        if following == start:
            break
        at = following
    return count


@kernel(types.boolean(Matrix))
def holds_zero(points):
    """Returns whether 0 lies inside a triangle of three of the points."""
    K = points.shape[0]
    for i in range(K):
        for j in range(i + 1, K):
            for k in range(j + 1, K):
                a = points[i, 0] * points[j, 1] - points[i, 1] * points[j, 0]
                b = points[j, 0] * points[k, 1] - points[j, 1] * points[k, 0]
                c = points[k, 0] * points[i, 1] - points[k, 1] * points[i, 0]
                if (a > 0.0 and b > 0.0 and c > 0.0) or (a < 0.0 and b < 0.0 and c < 0.0):
                    return True
    return False


@kernel(types.void(Matrix, Floats))
def nearest(points, out):
    """Writes the hull's point nearest to 0 to out [5]: i, j, the share of j, and the point between these two."""
    best = np.inf
    for i in range(points.shape[0]):
        for j in range(i + 1, points.shape[0]):
            dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
            square = dx * dx + dy * dy
            t = -(points[i, 0] * dx + points[i, 1] * dy) / square if square > 0.0 else 0.0
            t = min(1.0, max(0.0, t))
            x, y = points[i, 0] + t * dx, points[i, 1] + t * dy
            if x * x + y * y < best:
                best = x * x + y * y
                out[0], out[1], out[2], out[3], out[4] = i, j, t, x, y
    if holds_zero(points):
        out[3], out[4] = 0.0, 0.0


@kernel(CONSTRUCTION)
def construct(gradients, p, hp, noise, marks, told):
    """The hull; the circle around 0 that touches it; the update, where it does. For gradients as they are."""
    if hp[0] != 0.0:
        return 0
    found, corners = np.zeros(5), np.zeros((gradients.shape[0], 2))
    count = hull(gradients, corners)
    nearest(gradients, found)
    x, y = found[3], found[4]
    length = np.sqrt(x * x + y * y)
    at = polygon(marks, 0, 1, ALWAYS, NEUTRAL, corners, count)
    at = mark(marks, at, 2, ALWAYS, DISC, UPDATE, 0.0, 0.0, length, 0.0)
    at = mark(marks, at, 2, ALWAYS, POINT, UPDATE, x, y, x, y)
    arrow(marks, at, 3, ALWAYS, UPDATE, x, y)
    say(told, 1, HULL, gradients.shape[0], 0.0, 0.0, 0.0)
    say(told, 2, CIRCLE, x, y, length, 0.0)
    if holds_zero(gradients):
        say(told, 3, INSIDE, 0.0, 0.0, 0.0, 0.0)
    elif found[2] == 0.0 or found[2] == 1.0:
        say(told, 3, CORNER, found[0] if found[2] == 0.0 else found[1], x, y, 0.0)
    else:
        say(told, 3, BETWEEN, found[0], 1.0 - found[2], found[1], found[2])
        told[2, 5], told[2, 6] = x, y
    return 3


SPEC = Construction(
    construct,
    {
        HULL: Step(
            "The hull", "Weights from 0 on that sum to 1 reach every point of the hull of the {0} gradients."
        ),
        CIRCLE: Step(
            "The nearest point",
            "Blow up a circle around 0 until it touches the hull: at {0v}, of length {2}.",
        ),
        BETWEEN: Step(
            "The update", "d = {1} · {0g} + {3} · {2g} = {4v}, at right angles to the hull's edge there."
        ),
        CORNER: Step(
            "The update",
            "The hull comes nearest to 0 at a corner: d = {0g} = {1v}, and no other task counts.",
        ),
        INSIDE: Step("The update", "0 itself lies in the hull: no step helps every task, and d = 0."),
    },
)
