"""The one call for a page: a path from its plan to what the stage draws of it."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Matrix
from mtlcore.compiled.views import Whole
from toy_problems.compiled.plan import PLAN
from toy_problems.compiled.run import run_plan
from toy_problems.compiled.stage.path import tell


@kernel(types.float64(PLAN, types.int64, Matrix, Matrix, Whole))
def run_path(plan, pair, series, cloud, info):
    """Runs a path to its end and writes what the stage draws of one pair of dimensions (see `stage.path.tell`);
    returns how far it gets from the middle of the picture.
    """
    arrays = run_plan(plan)
    return tell(plan, arrays.records, arrays.ending, pair, series, cloud, info)
