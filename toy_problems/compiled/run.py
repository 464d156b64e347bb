"""A whole path: drawn, laid out, followed and judged. The engine runs it in legs, a page at once."""

from numba import types

from mtlcore.compiled.deferred import kernel
from toy_problems.compiled.arrays import ARRAYS, RUNNING_ON, Kernels
from toy_problems.compiled.bare import follow_bare
from toy_problems.compiled.layout import draw, prepare
from toy_problems.compiled.path import follow
from toy_problems.compiled.plan import PLAN


@kernel(types.boolean(PLAN, ARRAYS, types.int64, types.int64))
def travel(plan, arrays, first, last):
    """Runs the steps from `first` to `last`, included; returns whether the path goes on after them.

    A problem without backbone, seen without views and without noise takes a short cut.
    """
    setup, at = arrays.setup, plan.kernels
    kernels = Kernels(at.loss, at.rule, at.element, at.learn)
    if setup.backbone == 1 or setup.views == 1 or setup.elementwise == 1 or setup.noise > 0.0:
        follow(kernels, arrays, first, min(last, setup.steps))
    else:
        follow_bare(kernels, arrays, first, min(last, setup.steps))
    return arrays.ending[0] == RUNNING_ON and last < setup.steps


@kernel(ARRAYS(PLAN))
def run_plan(plan):
    """Returns the arrays of a path that has run to its end."""
    arrays = prepare(plan, draw(plan))
    travel(plan, arrays, 0, plan.steps)
    return arrays
