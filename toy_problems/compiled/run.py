"""A whole path: drawn, laid out, followed and judged. The engine runs it in legs, a page at once."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.views import Whole
from mtlcore.solvers.vectors import copy, copy_cube, copy_matrix
from toy_problems.compiled.arrays import ARRAYS, RECORDS, RUNNING_ON
from toy_problems.compiled.bare import follow_bare
from toy_problems.compiled.layout import draw, prepare
from toy_problems.compiled.path import follow
from toy_problems.compiled.plan import PLAN


@kernel(types.boolean(ARRAYS, types.int64, types.int64))
def travel(arrays, first, last):
    """Runs the steps from `first` to `last`, included; returns whether the path goes on after them.

    A problem without backbone, seen without views and without noise takes a short cut.
    """
    setup = arrays.setup
    if setup.backbone == 1 or setup.views == 1 or setup.elementwise == 1 or setup.noise > 0.0:
        follow(arrays, first, min(last, setup.steps))
    else:
        follow_bare(arrays, first, min(last, setup.steps))
    return arrays.ending[0] == RUNNING_ON and last < setup.steps


@kernel(ARRAYS(PLAN))
def run_plan(plan):
    """Returns the arrays of a path that has run to its end."""
    arrays = prepare(plan, draw(plan))
    travel(arrays, 0, plan.steps)
    return arrays


@kernel(types.void(RECORDS, types.int64, RECORDS))
def copy_record(records, i, out):
    """Copies one record to the same place of another run's."""
    copy_matrix(records.z[i], out.z[i])
    copy(records.losses[i], out.losses[i])
    copy(records.excess[i], out.excess[i])
    copy(records.weights[i], out.weights[i])
    copy_cube(records.gradients[i], out.gradients[i])
    copy_cube(records.exact[i], out.exact[i])
    copy_matrix(records.gram[i], out.gram[i])
    copy_matrix(records.update[i], out.update[i])
    copy_cube(records.matrices[i], out.matrices[i])
    copy_matrix(records.offsets[i], out.offsets[i])
    copy(records.diagnostics[i], out.diagnostics[i])
    out.rule_status[i] = records.rule_status[i]


@kernel(types.void(PLAN, RECORDS, Whole))
def run_records(plan, records, ending):
    """Runs a path to its end, writes what it has recorded, and to ending [3] outcome, steps taken and records written.

    For who cannot be handed numba's arrays, as a page cannot. Records that were not written are left as they are.
    """
    arrays = run_plan(plan)
    for i in range(arrays.ending[2]):
        copy_record(arrays.records, i, records)
    for i in range(3):
        ending[i] = arrays.ending[i]
