"""Arrays that a kernel only reads: of this type both a run's own records and a trajectory's sealed ones fit."""

from numba import types


def _read_only(dtype: types.Type, dimensions: int) -> types.Array:
    """Returns the type of a contiguous array that is not written to."""
    return types.Array(dtype, dimensions, "C", readonly=True)


GivenFloats, GivenMatrix, GivenCube, GivenBoxes = (_read_only(types.float64, n) for n in (1, 2, 3, 4))
GivenTruths, GivenWhole = _read_only(types.boolean, 1), _read_only(types.int64, 1)
