"""Features as rows: a tensor [N, d] or [N, d, H, W] becomes a list of d-dimensional points, and back."""

from torch import Tensor


def to_rows(features: Tensor, dim: int) -> Tensor:
    """Returns `features` as S points [S, d] of the d values along `dim`; it is a view where the layout allows one."""
    return features.movedim(dim, -1).reshape(-1, features.shape[dim])


def stack_to_rows(stacked: Tensor, dim: int) -> Tensor:
    """Returns K stacked features [K, ...] as [K, S, d]. dim: the dimension of the d values within one feature."""
    inner = dim if dim < 0 else dim + 1
    return stacked.movedim(inner, -1).reshape(stacked.shape[0], -1, stacked.shape[inner])


def from_rows(rows: Tensor, like: Tensor, dim: int) -> Tensor:
    """Returns rows [S, d] in the shape of the feature `like`. This is the inverse of `to_rows`."""
    moved = like.movedim(dim, -1).shape
    return rows.reshape(moved).movedim(-1, dim)
