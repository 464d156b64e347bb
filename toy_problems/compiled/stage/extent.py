"""How much room a picture needs, and how large its arrows are: what all paths of it share."""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.arrays import DIVERGED, RECORDS
from toy_problems.compiled.stage.columns import GRADIENTS, LOSSES, UPDATE, VIEW, WIDTH, Z, columns
from toy_problems.compiled.stage.quantile import quantile

MOST = 0.75  # the share of a batch's points that the picture grows for; the others are held at its edge
GROWTH, LARGEST = (
    0.25,
    4.0,
)  # the square grows in quarters of the problem's own, to twice it: a slider causes no jitter
REACH = 3.0  # half widths from the centre at which a path that left the picture is held
LONGEST = 1.25  # an arrow is at most this many times the usual longest
USUAL = 0.9  # a tenth of the gradients are longer than the arrow of full size
AIR = 0.07  # of the objective space's box around its paths
FRAME = 8  # centre x and y, half width, unit of arrows, objective box (low 1, high 1, low 2, high 2)


@kernel(types.float64(RECORDS, types.int64, types.int64, types.int64, Matrix, types.float64))
def furthest(records, count, first, second, bounds, share):
    """Returns how far the drawn pair gets from the middle of bounds [2, 2] at the first `count` records, the larger of
    both coordinates; of a batch, how far this share of its points gets.
    """
    points, most = records.z.shape[1], 0.0
    away = np.empty(points)
    for i in range(count):
        for n in range(points):
            left = abs(records.z[i, n, first] - 0.5 * (bounds[0, 0] + bounds[0, 1]))
            up = abs(records.z[i, n, second] - 0.5 * (bounds[1, 0] + bounds[1, 1]))
            away[n] = max(left, up)
        most = max(most, quantile(away, points, share))
    return most


@kernel(types.int64(Whole, types.int64))
def sane(ending, recorded):
    """Returns how many of the records say what to look at: all, or the first alone of a path that diverged."""
    return 1 if ending[0] == DIVERGED else min(recorded, ending[2])


@kernel(types.void(Matrix, types.float64, Floats))
def square(bounds, reached, out):
    """Writes centre x, centre y and half width of the square that z space and every r_k space show to out.

    bounds [2, 2]: the problem's own box, (low, high) a coordinate; reached: how far the paths get from its middle.
    """
    out[0], out[1] = 0.5 * (bounds[0, 0] + bounds[0, 1]), 0.5 * (bounds[1, 0] + bounds[1, 1])
    half = 0.5 * max(bounds[0, 1] - bounds[0, 0], bounds[1, 1] - bounds[1, 0])
    quarters = min(max(np.ceil((reached / half - 0.98) / GROWTH), 0.0), LARGEST)
    out[2] = half * (1.0 + GROWTH * quarters)


@kernel(types.float64(Cube, Whole, types.int64))
def arrow_unit(series, counts, tasks):
    """Returns the root of a gradient's norm that is drawn at full size, of paths' series [P, F, C].

    counts [P]: how many frames of each path say what to look at.
    """
    begins, total = np.empty(WIDTH + 1, np.int64), 0
    columns(tasks, begins)
    for path in range(counts.size):
        total += counts[path] * tasks
    norms, at = np.empty(total), 0
    for path in range(counts.size):
        for frame in range(counts[path]):
            for k in range(tasks):
                x = series[path, frame, begins[GRADIENTS] + 2 * k]
                y = series[path, frame, begins[GRADIENTS] + 2 * k + 1]
                norms[at] = np.sqrt(x * x + y * y)
                at += 1
    usual = np.sqrt(quantile(norms, total, USUAL))
    return usual if usual > 0.0 else 1.0


@kernel(types.void(Floats, types.int64, types.float64))
def draw_arrow(row, at, unit):
    """Makes the vector at row[at], row[at + 1] as long as the root of its norm in units: small ones show."""
    x, y = row[at], row[at + 1]
    norm = np.sqrt(x * x + y * y)
    if norm > 0.0:
        length = min(np.sqrt(norm) / unit, LONGEST)
        row[at], row[at + 1] = x / norm * length, y / norm * length


@kernel(types.void(Cube, Whole, types.int64, Matrix, Floats))
def objective_box(series, counts, tasks, front, out):
    """Writes low 1, high 1, low 2, high 2 of objective space to out [4]: every path and the front, with some air.

    front [n, 2]: losses of points of the front; empty where none is drawn.
    """
    begins = np.empty(WIDTH + 1, np.int64)
    columns(tasks, begins)
    for side in range(2):
        low, high = np.inf, -np.inf
        for path in range(counts.size):
            for frame in range(counts[path]):
                value = series[path, frame, begins[LOSSES] + side]
                low, high = min(low, value), max(high, value)
        for n in range(front.shape[0]):
            low, high = min(low, front[n, side]), max(high, front[n, side])
        air = AIR * (high - low) if high > low else 1.0
        out[2 * side], out[2 * side + 1] = low - air, high + air


@kernel(types.void(Cube, Whole, types.int64, Matrix, types.float64, Matrix, Floats))
def compose(series, counts, tasks, bounds, reached, front, out):
    """Turns paths' series [P, F, C] into what is drawn, in place, and writes what they share to out [8] (see FRAME).

    counts [P]: how many frames of each path say what to look at. bounds [2, 2]: the problem's own box. reached: how far
    the paths get from its middle. front [n, 2]: losses of points of the front, or none.
    """
    begins = np.empty(WIDTH + 1, np.int64)
    columns(tasks, begins)
    square(bounds, reached, out)
    out[3] = arrow_unit(series, counts, tasks)
    objective_box(series, counts, tasks, front, out[4:])
    limit = 4.0 * 2.0 * REACH * out[2]
    for path in range(series.shape[0]):
        for frame in range(series.shape[1]):
            row = series[path, frame]
            for side in range(2):
                low, high = out[side] - REACH * out[2], out[side] + REACH * out[2]
                row[begins[Z] + side] = min(max(row[begins[Z] + side], low), high)
            for at in range(begins[GRADIENTS], begins[UPDATE] + 1, 2):
                draw_arrow(row, at, out[3])
            for at in range(begins[VIEW], begins[VIEW] + 6 * tasks):
                row[at] = min(max(row[at], -limit), limit)
