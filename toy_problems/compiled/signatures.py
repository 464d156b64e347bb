"""The one signature of each kind of a problem's kernels, and how a kernel calls one through its address.

K tasks, N inputs, d feature dimensions.
"""

from numba import types

from mtlcore.compiled.pointers import reader
from mtlcore.compiled.signatures import Cube, Floats, Matrix

# r [N, d], task, data [...] (the problem's constants), gradient [N, d] (written) -> loss
LOSS = types.float64(Matrix, types.int64, Floats, Matrix)
# b [K], d -> what the loss reads as its data [...], and the tasks' lowest losses [K]
CONSTANTS = types.UniTuple(Floats, 2)(Floats, types.int64)
# z [N, d], r [K, N, d] (empty where success does not look at the views), excess [K], b [K] -> whether it is solved
SUCCESS = types.boolean(Matrix, Cube, Floats, Floats)
# r [N, d], task, pair, K -> the task's own excess loss on that pair of dimensions at an even balance
PAIR_EXCESS = types.float64(Matrix, types.int64, types.int64, types.int64)
# p [K], b [K], out [d] (written): the one point of lowest sum_k p_k L_k
WEIGHTED_OPTIMUM = types.void(Floats, Floats, Floats)

LOSS_POINTER = types.FunctionType(LOSS)
CONSTANTS_POINTER = types.FunctionType(CONSTANTS)
SUCCESS_POINTER = types.FunctionType(SUCCESS)
PAIR_EXCESS_POINTER = types.FunctionType(PAIR_EXCESS)
WEIGHTED_OPTIMUM_POINTER = types.FunctionType(WEIGHTED_OPTIMUM)

loss_at = reader(LOSS_POINTER)
constants_at = reader(CONSTANTS_POINTER)
success_at = reader(SUCCESS_POINTER)
pair_excess_at = reader(PAIR_EXCESS_POINTER)
weighted_optimum_at = reader(WEIGHTED_OPTIMUM_POINTER)
