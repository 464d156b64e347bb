"""A path from its plan to its picture, in one call: what a page asks."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats, Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.layout import record_count
from toy_problems.compiled.plan import PLAN
from toy_problems.compiled.run import run_plan
from toy_problems.compiled.stage.path import tell


@kernel(types.float64(PLAN, types.int64, Matrix, Matrix, Matrix, Whole, Floats))
def run_path(plan, pair, optima, series, cloud, info, start):
    """Runs a path to its end and writes what `path.tell` does, and its first input's first position to start [d];
    returns how far the path gets from the picture's middle.
    """
    arrays = run_plan(plan)
    for i in range(start.size):
        start[i] = arrays.records.z[0, 0, i] if arrays.ending[2] > 0 else 0.0
    return tell(plan, arrays.records, arrays.ending, pair, optima, series, cloud, info)


@kernel(types.int64(types.int64, types.int64, types.int64))
def frame_count(steps, every, most):
    """Returns at how many frames, at most `most`, a run of so many steps is shown that records one in `every`."""
    return min(record_count(steps, every), most)
