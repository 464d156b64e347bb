"""The types that kernels are compiled for, and the one signature of each kind of rule."""

from numba import types

from mtlcore.spec import Status

Floats = types.Array(types.float64, 1, "C")
Matrix = types.Array(types.float64, 2, "C")
Cube = types.Array(types.float64, 3, "C")

# gram [K, K], losses [0], [K] or [2K], hp [P], noise [...], state [...], w [K] (written) -> status
# losses is empty for a rule that needs none; [2K] appends the same batch's losses after the step (FAMO only).
RULE = types.int64(Matrix, Floats, Floats, Floats, Floats, Floats)
# gradients [K, N, D], features [N, D], hp [P], noise [D], out [N, D] (written) -> status
ELEMENTWISE = types.int64(Cube, Matrix, Floats, Floats, Matrix)

OK, STATIONARY, NOT_CONVERGED = int(Status.OK), int(Status.STATIONARY), int(Status.NOT_CONVERGED)
