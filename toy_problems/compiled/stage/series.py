"""One path as a series of frames: few enough of its records, reduced to the drawn pair of dimensions."""

import numpy as np
from numba import types

from mtlcore.compiled import elementary
from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import Whole
from mtlcore.gram_diagnostics import EPS
from toy_problems.compiled.arrays import RECORDS
from toy_problems.compiled.signatures import pair_excess_at
from toy_problems.compiled.stage.columns import (
    CURVES,
    EXCESS,
    FLAGS,
    GRADIENTS,
    LAG,
    LOSSES,
    STEP,
    UPDATE,
    VIEW,
    WIDTH,
    Z,
    columns,
    record_of,
)
from toy_problems.compiled.stage.given import GivenBoxes, GivenCube, GivenMatrix
from toy_problems.compiled.success import SOLVED, Truths, judge
from toy_problems.compiled.views import look

LN_10 = 2.302585092994046
LOSS_FLOOR = 1e-8  # of the excess loss, on a logarithmic axis
# Gradients this much shorter than a run's first have vanished, where the losses too say that all tasks are at their
# optimum: at a smooth one a thousandth leaves a millionth of the excess loss, and where such gradients point tells on
# which side of the optimum the last step came down, nothing about the tasks.
VANISHED = 1e-3
COSINE, RATIO, CONDITION = 0, 1, 3  # of the diagnostics, what is drawn
NEARLY = 1.0 - 1e-9  # of the largest condition number that can be told from rounding
INFO = 6  # outcome, steps taken, records written, step from which it is solved (-1: it is not), whether a view turns, R
OUTCOME, TAKEN, WRITTEN, SOLVED_AT, TURNS, RECORDED = range(INFO)


@kernel(types.float64(types.float64))
def log10(x):
    """Returns the logarithm to base 10, within 2 units in the last place."""
    return elementary.log(x) / LN_10


@kernel(types.float64(types.float64))
def log10_of_ratio(x):
    """Returns log10 of a ratio as drawn: 0 for what is no number, within 16 decades of 1."""
    if x != x:
        return 0.0
    return log10(min(max(x, 1e-16), 1e16))


@kernel(types.void(GivenCube, Floats))
def lengths(gradients, out):
    """Writes the Frobenius norms of gradients [K, N, d] to out [K]."""
    for k in range(out.size):
        total = 0.0
        for n in range(gradients.shape[1]):
            for i in range(gradients.shape[2]):
                total += gradients[k, n, i] * gradients[k, n, i]
        out[k] = np.sqrt(total)


@kernel(types.void(GivenBoxes, GivenMatrix, types.int64, Floats, Truths))
def find_vanished(exact, excess, written, b, out):
    """Writes to out [R] where every task is at its optimum and its exact gradient has vanished beside its first.

    exact [R, K, N, d] gradients without noise, excess losses [R, K], of which so many are written; balance b [K].
    """
    now, first = np.empty(b.size), np.empty(b.size)
    lengths(exact[0], first)
    for i in range(written):
        lengths(exact[i], now)
        gone = True
        for k in range(b.size):
            gone = gone and excess[i, k] / b[k] < SOLVED and now[k] <= VANISHED * first[k]
        out[i] = gone
    for i in range(written, out.size):
        out[i] = out[written - 1]


@kernel(types.void(types.int64, types.int64, RECORDS, types.int64, types.int64, Truths))
def find_pair_solved(address, pair, records, written, tasks, out):
    """Writes to out [R] where every task solves one pair of dimensions by itself."""
    pair_excess = pair_excess_at(address)
    r = np.empty(records.z.shape[1:])
    for i in range(out.size):
        solved = i < written
        for k in range(tasks if solved else 0):
            look(records.matrices[i, k], records.offsets[i, k], records.z[i], r)
            solved = solved and pair_excess(r, k, pair, tasks) < SOLVED
        out[i] = solved


@kernel(types.int64(Truths, types.int64, types.int64))
def held_since(solved, every, steps):
    """Returns the step from which it is solved to the end, -1 where it is not at the end."""
    first = solved.size
    while first > 0 and solved[first - 1]:
        first -= 1
    return -1 if first == solved.size else min(first * every, steps)


@kernel(types.boolean(GivenBoxes, GivenCube, types.int64))
def any_view_turns(matrices, offsets, written):
    """Returns whether any task sees something else than z itself at any of so many records.

    matrices [R, K, d, d], offsets [R, K, d].
    """
    d = matrices.shape[2]
    for i in range(written - 1, -1, -1):
        for k in range(matrices.shape[1]):
            for a in range(d):
                if offsets[i, k, a] != 0.0:
                    return True
                for c in range(d):
                    if matrices[i, k, a, c] != (1.0 if a == c else 0.0):
                        return True
    return False


@kernel(types.void(RECORDS, types.int64, types.int64, types.int64, Floats, Floats, types.int64))
def write_view(records, i, first, second, mean, out, at):
    """Writes every task's view of the drawn pair to out from `at` on: a 2 x 2 block, and a shift that holds what the
    other dimensions contribute, so that the current point is where it is. mean [d]: of z over the inputs.
    """
    for k in range(records.matrices.shape[1]):
        for row in range(2):
            a = second if row == 1 else first
            seen = records.offsets[i, k, a]
            for j in range(mean.size):
                seen += records.matrices[i, k, a, j] * mean[j]
            left, right = records.matrices[i, k, a, first], records.matrices[i, k, a, second]
            out[at + 6 * k + 2 * row], out[at + 6 * k + 2 * row + 1] = left, right
            out[at + 6 * k + 4 + row] = seen - (left * mean[first] + right * mean[second])


@kernel(types.void(RECORDS, types.int64, types.int64, types.int64, Whole, Floats, Floats))
def write_position(records, i, first, second, begins, mean, out):
    """Writes what stands at record i to a frame's row out [C]: z, losses, arrows, views. mean [d]: room."""
    points, tasks = records.z.shape[1], records.excess.shape[1]
    for j in range(mean.size):
        mean[j] = 0.0
        for n in range(points):
            mean[j] += records.z[i, n, j]
        mean[j] /= points
    for side in range(2):
        c = second if side == 1 else first
        out[begins[Z] + side] = mean[c]
        out[begins[LOSSES] + side] = records.losses[i, side]
        step = 0.0
        for n in range(points):
            step += records.update[i, n, c]
        out[begins[UPDATE] + side] = step
        for k in range(tasks):
            slope = 0.0
            for n in range(points):
                slope += records.gradients[i, k, n, c]
            out[begins[GRADIENTS] + 2 * k + side] = slope
    for k in range(tasks):
        out[begins[EXCESS] + k] = log10(max(records.excess[i, k], LOSS_FLOOR))
    write_view(records, i, first, second, mean, out, begins[VIEW])


@kernel(types.void(Floats, types.int64, Floats))
def write_curves(diagnostics, at, out):
    """Writes cosine, norm ratio and condition number as drawn to a frame's row out [C] from `at` on."""
    cosine = diagnostics[COSINE]
    out[at] = min(max(cosine, -1.0), 1.0) if cosine == cosine else 0.0
    out[at + 1] = log10_of_ratio(diagnostics[RATIO])
    out[at + 2] = log10_of_ratio(diagnostics[CONDITION])


@kernel(types.void(RECORDS, Whole, types.int64, types.int64, Floats, types.int64, types.int64, Matrix))
def write_frames(records, ending, every, steps, b, first, second, out):
    """Writes the series of a path to out [F, C]; a path that stopped repeats its last record."""
    recorded, written, tasks = records.z.shape[0], ending[2], b.size
    begins, mean = np.empty(WIDTH + 1, np.int64), np.empty(records.z.shape[2])
    vanished, cap = np.empty(recorded, np.bool_), 1.0 / np.sqrt(tasks * EPS)
    columns(tasks, begins)
    find_vanished(records.exact, records.excess, written, b, vanished)
    held, seen = 0, 0  # the last record whose curves mean something, and how many were looked at
    for frame in range(out.shape[0]):
        record = record_of(frame, out.shape[0], recorded)
        i = min(record, written - 1)
        while seen <= record:
            if not vanished[seen]:
                held = min(seen, written - 1)
            seen += 1
        row = out[frame]
        row[begins[STEP]] = min(record * every, steps)
        write_position(records, i, first, second, begins, mean, row)
        write_curves(records.diagnostics[held], begins[CURVES], row)
        row[begins[LAG]] = 0.0  # where something turns, lag.write_lag puts it there
        row[begins[FLAGS]] = 1.0 if vanished[record] else 0.0
        row[begins[FLAGS] + 1] = 1.0 if records.diagnostics[i, CONDITION] >= NEARLY * cap else 0.0


@kernel(types.int64(types.int64, types.int64, types.int64, types.int64, RECORDS, types.int64, Floats, types.int64,
                    types.int64, types.int64, types.int64))  # fmt: skip
def solved_from(
    solved_address, pair_address, sees_views, tasks, records, written, b, first, second, every, steps
):
    """Returns the step from which a path is solved, as drawn: of several pairs of dimensions the drawn one; else -1."""
    solved = np.empty(records.z.shape[0], np.bool_)
    paired = first % 2 == 0 and second == first + 1 and pair_address != 0
    if records.z.shape[2] > 2 and paired:
        find_pair_solved(pair_address, first // 2, records, written, tasks, solved)
    else:
        judge(
            solved_address,
            sees_views,
            b,
            records.z,
            records.excess,
            records.matrices,
            records.offsets,
            solved,
        )
    for i in range(written, solved.size):
        solved[i] = False
    return held_since(solved, every, steps)
