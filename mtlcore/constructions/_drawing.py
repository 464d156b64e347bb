"""Writing down what is drawn and said: rows of numbers that a page draws without knowing what they mean.

A row of marks is [first step, last step, kind, tint, points, x, y, ...], steps from 1 on; a row of told is [kind of
step, numbers ...]. A tint is a task's number, the update's own or none.
"""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Matrix

# An arrow or a line between two points, a point, a polygon, a disc (centre; radius), a line through two points without
# ends, an ellipse around 0 (its two half axes).
ARROW, GUIDE, POINT, POLYGON, DISC, LINE, ELLIPSE = range(7)
UPDATE, NEUTRAL = -1, -2
ALWAYS = 99  # the last step of what stays
HEAD = 5  # numbers before a mark's coordinates


@kernel(types.int64(Matrix, *[types.int64] * 5, *[types.float64] * 4))
def mark(marks, at, first, last, kind, tint, x, y, u, v):
    """Writes a mark of two points to row `at`, where there is one; returns the next row."""
    if at < marks.shape[0]:
        marks[at, 0], marks[at, 1], marks[at, 2], marks[at, 3], marks[at, 4] = first, last, kind, tint, 2
        marks[at, 5], marks[at, 6], marks[at, 7], marks[at, 8] = x, y, u, v
    return at + 1


@kernel(types.int64(Matrix, *[types.int64] * 4, Matrix, types.int64))
def polygon(marks, at, first, last, tint, corners, count):
    """Writes a polygon of `count` corners [.., 2] to row `at`, where there is one; returns the next row."""
    if at < marks.shape[0]:
        mark(marks, at, first, last, POLYGON, tint, 0.0, 0.0, 0.0, 0.0)
        marks[at, 4] = count
        for i in range(count):
            marks[at, HEAD + 2 * i] = corners[i, 0]
            marks[at, HEAD + 1 + 2 * i] = corners[i, 1]
    return at + 1


@kernel(types.int64(Matrix, *[types.int64] * 4, types.float64, types.float64))
def arrow(marks, at, first, last, tint, x, y):
    """Writes an arrow from 0 to (x, y); returns the next row."""
    return mark(marks, at, first, last, ARROW, tint, 0.0, 0.0, x, y)


@kernel(types.void(Matrix, *[types.int64] * 2, *[types.float64] * 4))
def say(told, step, words, a, b, c, d):
    """Writes which words a step (from 1) has, and its first four numbers."""
    if step <= told.shape[0]:
        told[step - 1, 0], told[step - 1, 1], told[step - 1, 2] = words, a, b
        told[step - 1, 3], told[step - 1, 4] = c, d
