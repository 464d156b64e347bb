"""The papers' claims that the toys can try, each with what it gives here."""

from app.claims import aligned_mtl, rotograd, rotograd_v1
from app.claims.claim import Claim, Finding, Verdict

CLAIMS: tuple[Claim, ...] = (*rotograd.CLAIMS, *rotograd_v1.CLAIMS, *aligned_mtl.CLAIMS)

__all__ = ["CLAIMS", "Claim", "Finding", "Verdict"]
