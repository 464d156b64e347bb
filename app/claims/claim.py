"""What a claim is: what a paper says, the view that tries it, how it is measured here, and what came out."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from app.luck import SEEDS
from app.view import View
from mtlcore.metrics import wilson_interval

NEARLY_ALL, HARDLY_ANY = 0.9, 0.1  # a share of seeds counts as this only with its whole 95 % interval


class Verdict(Enum):
    """Whether a claim comes out on these toys."""

    HOLDS = "holds"
    SOME = "holds for some seeds"
    PART = "holds in part"
    NOT = "does not hold here"


@dataclass(frozen=True)
class Finding:
    """What was measured, in words and numbers, and the verdict that follows from the numbers."""

    measured: str
    verdict: Verdict


@dataclass(frozen=True)
class Claim:
    """One claim of a paper, `says`, in our words; `printed` is the number the paper gives for it, or "–".

    view opens what is measured. measure() computes a Finding; verdict is what it is known to find, and comment says
    what to make of it: a test holds the two together.
    """

    key: str
    paper: str
    where: str
    says: str
    printed: str
    view: View
    measure: Callable[[], Finding]
    verdict: Verdict
    comment: str


def verdict_of(solved: int, total: int = SEEDS) -> Verdict:
    """Returns the verdict on "it solves the problem", from how many runs did."""
    low, high = wilson_interval(solved, total)
    if low >= NEARLY_ALL:
        return Verdict.HOLDS
    return Verdict.NOT if high <= HARDLY_ANY else Verdict.SOME


def counted(solved: int, total: int = SEEDS) -> str:
    """Returns a count of seeds with its 95 % interval, as "39 of 100 seeds (30 to 49 %)"."""
    low, high = (round(100 * end) for end in wilson_interval(solved, total))
    return f"{solved} of {total} seeds ({low} to {high}\u00a0%)"


def more(better: int, worse: int, total: int = SEEDS) -> bool:
    """Returns whether one count is larger beyond doubt: the two 95 % intervals do not meet."""
    return wilson_interval(better, total)[0] > wilson_interval(worse, total)[1]
