"""Level curves as closed polygons: marching squares over a grid, then without the points that would not show.

Source of the method: W. E. Lorensen and H. E. Cline, Marching cubes, SIGGRAPH 1987, in two dimensions. Where a cell's
corners are low and high crosswise, the mean of the four decides which of them belong together.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.stage.levels import offset

TOLERANCE = 1 / 400  # of the panel's half width: a quarter of a pixel in a panel of 200
BORDER = (
    1e6  # above all values: it closes what would run out of the grid, so that every polygon can be filled
)
MARGIN = 100.0  # of a cell's width the border lies outside
PASSES = 8
FEWEST = 8  # points that no pass makes fewer
FROM_LEFT = 3
Marks = types.Array(types.boolean, 2, "C")
Flags = types.Array(types.boolean, 1, "C")

# A cell's corners count against the clock from its lower left; edge e leads from corner e to the next.


@kernel(types.UniTuple(types.int64, 2)(types.int64, types.int64, types.int64))
def _corner(j, i, c):
    """Returns row and column of a cell's corner c, counted modulo 4."""
    c &= 3
    return j + (c >> 1), i + (1 if c == 1 or c == 2 else 0)


@kernel(types.boolean(Matrix, types.float64, types.int64, types.int64, types.int64))
def _low(wide, level, j, i, c):
    """Returns whether a cell's corner c belongs to the inside."""
    row, column = _corner(j, i, c)
    return wide[row, column] <= level


@kernel(
    types.void(
        Matrix, Floats, Floats, types.float64, types.int64, types.int64, types.int64, Matrix, types.int64
    )
)
def _cross(wide, x, y, level, j, i, edge, ring, at):
    """Writes where the curve crosses a cell's edge, between its two corners, to ring[:, at]."""
    j0, i0 = _corner(j, i, edge)
    j1, i1 = _corner(j, i, edge + 1)
    share = (level - wide[j0, i0]) / (wide[j1, i1] - wide[j0, i0])
    ring[0, at] = x[i0] + share * (x[i1] - x[i0])
    ring[1, at] = y[j0] + share * (y[j1] - y[j0])


@kernel(types.int64(Matrix, types.float64, types.int64, types.int64, types.int64))
def _way_out(wide, level, j, i, edge):
    """Returns by which edge a curve leaves a cell that it entered by `edge`, with the inside on its left."""
    if _low(wide, level, j, i, edge + 2):
        if _low(wide, level, j, i, edge + 3):
            return (edge + 1) & 3  # only the corner to the right of the entrance is high
        middle = 0.25 * (wide[j, i] + wide[j, i + 1] + wide[j + 1, i] + wide[j + 1, i + 1])
        return (edge + 1) & 3 if middle <= level else (edge + 3) & 3
    return (edge + 2) & 3 if _low(wide, level, j, i, edge + 3) else (edge + 3) & 3


@kernel(types.int64(Matrix, Floats, Floats, types.float64, types.int64, types.int64, Marks, Matrix))
def _follow(wide, x, y, level, row, column, seen, ring):
    """Writes the polygon that enters a cell from the left to ring [2, ...]; returns how many points it has."""
    j, i, edge, count = row, column, FROM_LEFT, 0
    while count == 0 or not (j == row and i == column and edge == FROM_LEFT):
        if edge == FROM_LEFT:
            seen[j, i] = True
        _cross(wide, x, y, level, j, i, edge, ring, count)
        count += 1
        edge = _way_out(wide, level, j, i, edge)
        if edge == 0:
            j -= 1
        elif edge == 1:
            i += 1
        elif edge == 2:
            j += 1
        else:
            i -= 1
        edge = (edge + 2) & 3  # the next cell's name for it
    return count


@kernel(types.boolean(Matrix, types.int64, types.int64, types.float64))
def _flat(ring, count, at, tolerance):
    """Returns whether a point of a polygon is closer than the tolerance to the line between its neighbours."""
    before, after = (at - 1) if at > 0 else count - 1, (at + 1) if at < count - 1 else 0
    x, y = ring[0, after] - ring[0, before], ring[1, after] - ring[1, before]
    cross = x * (ring[1, at] - ring[1, before]) - y * (ring[0, at] - ring[0, before])
    return abs(cross) <= tolerance * max(np.sqrt(x * x + y * y), 1e-300)


@kernel(types.int64(Matrix, types.int64, types.float64, Flags))
def simplify(ring, count, tolerance, drop):
    """Takes points closer than `tolerance` to the line between their neighbours out of a polygon of `count` points.

    ring [2, ...] is changed in place, drop [...] is room; returns how many points are left.
    """
    for turn in range(PASSES):
        if count < FEWEST:
            break
        for at in range(count):  # neighbours never go in the same pass
            drop[at] = at % 2 == turn % 2 and _flat(ring, count, at, tolerance)
        kept = 0
        for at in range(count):
            if not drop[at]:
                ring[0, kept], ring[1, kept] = ring[0, at], ring[1, at]
                kept += 1
        count = kept
    return count


@kernel(types.void(Matrix, types.float64, Matrix))
def _border(values, level, wide):
    """Writes values [G, G] with a border of high ones around them to wide [G + 2, G + 2]."""
    high = level
    for j in range(values.shape[0]):
        for i in range(values.shape[1]):
            high = max(high, values[j, i])
    high += BORDER
    wide[:] = high
    for j in range(values.shape[0]):
        for i in range(values.shape[1]):
            wide[j + 1, i + 1] = values[j, i]


@kernel(types.void(types.float64, types.float64, types.float64, Floats))
def _places(centre, half, reach, out):
    """Writes the coordinates of grid points and of the border around them to out [G + 2]."""
    size = out.size - 2
    for i in range(size):
        out[i + 1] = centre + half * offset(i, size, reach)
    step = (out[2] - out[1]) / MARGIN
    out[0], out[size + 1] = out[1] - step, out[size] + step


@kernel(types.void(Matrix, types.int64, Matrix, types.int64))
def _append(ring, length, points, at):
    """Copies a polygon to points [2, M] from place `at` on."""
    for i in range(length):
        points[0, at + i], points[1, at + i] = ring[0, i], ring[1, i]


@kernel(
    types.int64(
        Matrix, Floats, types.float64, types.float64, types.float64, types.float64, Matrix, Whole, Whole
    )
)
def trace_rings(values, levels, centre_x, centre_y, half, reach, points, lengths, counts):
    """Writes the closed polygons around {values <= level} for every level; returns how many points they have.

    values [G, G] on the grid of `levels.fill_levels`. points [2, M]: x and y, polygon after polygon; lengths [L]: the
    points of each polygon; counts [levels]: the polygons of each level. What finds no room is not written: where more
    than M is returned, points were too few, and where counts add up to more than L, lengths.
    """
    size, total, found = values.shape[0], 0, 0
    wide, x, y = np.empty((size + 2, size + 2)), np.empty(size + 2), np.empty(size + 2)
    ring, drop = np.empty((2, 2 * (size + 1) ** 2)), np.empty(2 * (size + 1) ** 2, dtype=np.bool_)
    _border(values, levels[levels.size - 1], wide)
    _places(centre_x, half, reach, x)
    _places(centre_y, half, reach, y)
    for n in range(levels.size):
        seen, level, before = np.zeros((size + 1, size + 1), dtype=np.bool_), levels[n], found
        for j in range(size + 1):
            for i in range(size + 1):
                if seen[j, i] or wide[j, i] <= level or wide[j + 1, i] > level:
                    continue
                length = _follow(wide, x, y, level, j, i, seen, ring)
                length = simplify(ring, length, half * TOLERANCE, drop)
                if length > 2:
                    if total + length <= points.shape[1] and found < lengths.size:
                        _append(ring, length, points, total)
                        lengths[found] = length
                    total, found = total + length, found + 1
        counts[n] = found - before
    return total
