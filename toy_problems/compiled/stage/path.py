"""One path for the stage: its series, what is to be said of it, and a batch's points."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.arrays import RECORDS
from toy_problems.compiled.plan import PLAN
from toy_problems.compiled.stage.columns import record_of
from toy_problems.compiled.stage.extent import MOST, furthest, sane
from toy_problems.compiled.stage.given import GivenMatrix
from toy_problems.compiled.stage.lag import has_lag, write_lag
from toy_problems.compiled.stage.series import (
    OUTCOME,
    RECORDED,
    SOLVED_AT,
    TAKEN,
    TURNS,
    WRITTEN,
    any_view_turns,
    solved_from,
    write_frames,
)


@kernel(types.void(RECORDS, types.int64, types.int64, types.int64, types.int64, Matrix))
def write_cloud(records, written, frames, first, second, out):
    """Writes a batch's points in the drawn pair to out [Fc, 2 N], a pair a point, at Fc of so many frames."""
    recorded, points = records.z.shape[0], records.z.shape[1]
    for at in range(out.shape[0]):
        i = min(record_of(record_of(at, out.shape[0], frames), frames, recorded), written - 1)
        for n in range(points):
            out[at, 2 * n], out[at, 2 * n + 1] = records.z[i, n, first], records.z[i, n, second]


@kernel(types.float64(PLAN, RECORDS, Whole, types.int64, GivenMatrix, Matrix, Matrix, Whole))
def tell(plan, records, ending, pair, optima, series, cloud, info):
    """Writes a path's series [F, C], its batch's points (cloud [Fc, 2 N]; [0, 0] for one input) and info [6]; returns
    how far it gets from the middle of the picture.

    pair: the number of the drawn pair of dimensions, from 0. optima [K, d] of the tasks, [0, d] where they have none.
    info: outcome, steps taken, records written (0: there is
    no first position, and nothing else is written), the step from which it is solved or -1, whether a view turns, R.
    """
    recorded, written = records.z.shape[0], ending[2]
    info[OUTCOME], info[TAKEN], info[WRITTEN], info[RECORDED] = ending[0], ending[1], written, recorded
    info[SOLVED_AT], info[TURNS] = -1, 0
    if written == 0:
        return 0.0
    first, second, every = 2 * pair, 2 * pair + 1, plan.record_every
    write_frames(records, ending, every, plan.steps, plan.scales, first, second, series)
    write_cloud(records, written, series.shape[0], first, second, cloud)
    if any_view_turns(records.matrices, records.offsets, written):
        info[TURNS] = 1
        if has_lag(optima, plan.scales.size, records.z.shape[1]):
            write_lag(
                plan.kernels.loss, plan.kernels.constants, optima, plan.scales, records, written, series
            )
    info[SOLVED_AT] = solved_from(
        plan.kernels.solved, plan.kernels.pair_excess, plan.sees_views, plan.scales.size, records, written, plan.scales,
        first, second, every, plan.steps,
    )  # fmt: skip
    share = 1.0 if records.z.shape[1] == 1 else MOST
    return furthest(records, sane(ending, recorded), first, second, plan.bounds, share)
