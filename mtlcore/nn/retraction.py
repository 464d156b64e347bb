"""Steps on the rotation group whose cost is a few matrix products."""

import torch
from torch import Tensor

FAR = 0.25  # rad; a longer step takes the exact exponential
DRIFT = {torch.float64: 1e-11, torch.float32: 1e-5}  # |R^T R - I| above which R is made orthogonal again


def skew(lower: Tensor) -> Tensor:
    """Returns A = L - L^T for the strictly lower triangle L of `lower` [..., m, m]."""
    strict = lower.tril(-1)
    return strict - strict.mT


def angle_bound(lower: Tensor) -> float:
    """Returns a bound on the largest rotation angle, in rad, of the tangents `lower` [K, m, m]."""
    # ||A||_F = sqrt(2) ||L||_F, and ||A||_2 <= ||A||_F / sqrt(2): a skew matrix's eigenvalues come in pairs
    return float(torch.linalg.vector_norm(lower.tril(-1), dim=(-2, -1)).max())


def retract(base: Tensor, lower: Tensor, angle: float) -> tuple[Tensor, float]:
    """Returns (R, drift): base expm(A) to second order in A, and a bound on the |R^T R - I| this adds.

    base, lower: [K, m, m]. angle: `angle_bound(lower)`. Two batched products; the exponential beyond FAR.
    """
    tangent = skew(lower)
    rounding = 4.0 * torch.finfo(base.dtype).eps
    if angle > FAR:
        return base @ torch.linalg.matrix_exp(tangent), 64.0 * rounding
    moved = base @ tangent
    # (I + A + A^2/2)^T (I + A + A^2/2) = I + A^4/4
    return torch.baddbmm(base + moved, moved, tangent, alpha=0.5), 0.25 * angle**4 + rounding


def reorthogonalise(base: Tensor, drift: float) -> tuple[Tensor, float]:
    """Returns (R, drift) after Newton-Schulz steps R (3 I - R^T R) / 2 until `drift` is rounding."""
    rounding = 4.0 * torch.finfo(base.dtype).eps
    while drift > 2.0 * rounding:
        base = torch.baddbmm(base, base, base.mT @ base, beta=1.5, alpha=-0.5)
        drift = 0.75 * drift**2 + rounding
    return base, drift


def haar_rotations(count: int, m: int, seed: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Returns `count` rotations [count, m, m] drawn uniformly from SO(m)."""
    generator = torch.Generator().manual_seed(seed)
    square = torch.randn(count, m, m, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(square)
    q = q * r.diagonal(dim1=-2, dim2=-1).sign()[:, None, :]
    q[..., 0] *= torch.linalg.det(q).sign()[:, None]
    return q.to(dtype=dtype, device=device)
