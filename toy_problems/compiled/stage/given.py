"""Arrays that a kernel only reads: of this type both a run's own records and a trajectory's sealed ones fit."""

from numba import types


def _read_only(axes: int) -> types.Array:
    """Returns the type of a contiguous array of numbers that is not written to."""
    return types.Array(types.float64, axes, "C", readonly=True)


GivenMatrix, GivenCube, GivenBoxes = (_read_only(n) for n in (2, 3, 4))
