"""A path from its plan to its picture, in one call: what a page asks."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.layout import record_count
from toy_problems.compiled.plan import PLAN
from toy_problems.compiled.run import run_plan
from toy_problems.compiled.stage.path import tell


@kernel(types.float64(PLAN, types.int64, Matrix, Matrix, Whole))
def run_path(plan, pair, series, cloud, info):
    """Runs a path to its end and writes what `path.tell` does; returns how far it gets from the picture's middle."""
    arrays = run_plan(plan)
    return tell(plan, arrays.records, arrays.ending, pair, series, cloud, info)


@kernel(types.int64(types.int64, types.int64, types.int64))
def frame_count(steps, every, most):
    """Returns at how many frames, at most `most`, a run of so many steps is shown that records one in `every`."""
    return min(record_count(steps, every), most)
