"""Claims of the first version of the RotoGrad paper (Javaloy & Valera, arXiv 2103.02631v1) that the toys can try."""

from dataclasses import replace

import numpy as np

from app.claims.claim import Claim, Finding, Verdict, counted, more, verdict_of
from app.luck import solved_seeds
from app.presets import view_of
from app.view import View
from toy_problems import run

PAPER = "Javaloy & Valera, first version"
CONVEX = view_of("avocado", "uniform rotograd_v1")
NONCONVEX = view_of("nonconvex", "uniform rotograd_v1")
OPPOSITE = view_of("opposite", "uniform rotograd_v1 d_grad", lr_rot=1.0)
NOISY = view_of("avocado", "rotograd_v1", a=1.0, a_decay=1.0, noise=1.0)
LATE_SEEDS = 20
ALL_THE_WAY = view_of("nonconvex", "rotograd_v1", a=1.0, a_decay=1.0)


def both_optima(view: View) -> Finding:
    """Measures how many seeds vanilla and the first version solve."""
    vanilla, turned = (solved_seeds(view.config(key)) for key in view.methods[:2])
    verdict = verdict_of(turned) if verdict_of(vanilla) is Verdict.NOT else Verdict.NOT
    return Finding(f"Uniform solves {counted(vanilla)}, RotoGrad v1 {counted(turned)}.", verdict)


def moved(view: View, share: float, decay: float) -> View:
    """Returns a view whose motions go `share` of the way at first, and `decay` times as much at every later step."""
    return view.having("a", share).having("a_decay", decay)


def unstable_at_once() -> Finding:
    """Measures whether going all the way to the target at every step loses seeds that a slow motion solves."""
    slow, at_once = (
        [solved_seeds(moved(view, a, decay).config("rotograd_v1")) for view in (CONVEX, NONCONVEX)]
        for a, decay in ((0.1, 0.999), (1.0, 1.0))
    )
    told = (
        f"Solved, a = 1: convex {counted(at_once[0])}, non-convex {counted(at_once[1])}; "
        f"a = 0.1: convex {counted(slow[0])}, non-convex {counted(slow[1])}."
    )
    worse = any(more(s, f) for s, f in zip(slow, at_once, strict=True))
    return Finding(told, Verdict.HOLDS if worse else Verdict.NOT)


def never_settles() -> Finding:
    """Measures how far views turn in a late step, in rad, with the gradients as noisy as they are long at first."""
    turned, solved = [], []
    for share, decay in ((1.0, 1.0), (0.1, 0.999)):
        view = moved(NOISY, share, decay)
        turned.append(np.mean([late_turns(view.having("seed", seed)) for seed in range(LATE_SEEDS)]))
        solved.append(counted(solved_seeds(view.config("rotograd_v1"))))
    told = (
        f"A view turns by {turned[0]:.2f} rad a step over the last 100 with a = 1, by {turned[1]:.2f} with a = 0.1; "
        f"solved: {solved[0]} and {solved[1]}."
    )
    return Finding(told, Verdict.HOLDS if turned[0] > 10 * turned[1] else Verdict.NOT)


def late_turns(view: View) -> float:
    """Returns the mean angle between a plane view and itself a step later, in rad, over a run's last 100 steps."""
    matrices = run(replace(view.config("rotograd_v1"), record_every=1)).matrices[0, -101:]
    apart = matrices[1:] @ np.swapaxes(matrices[:-1], -1, -2)
    return float(np.abs(np.arctan2(apart[..., 1, 0], apart[..., 0, 0])).mean())


CLAIMS = (
    Claim(
        "v1_convex", PAPER, "Figure 3a",
        "On a convex problem where vanilla training learns neither task, the first version finds both optima.",
        "both found, one run", CONVEX, lambda: both_optima(CONVEX), Verdict.SOME,
        "Most seeds, not all: its share decays before the slow runs have turned.",
    ),
    Claim(
        "v1_nonconvex", PAPER, "Figure 3b",
        "On a non-convex problem the first version learns both tasks, though it may fall into local optima.",
        "one run", NONCONVEX, lambda: both_optima(NONCONVEX), Verdict.NOT,
        "It falls into local optima nearly always: with one input its target is found from one gradient, and the views "
        "turn before the network has moved.",
    ),
    Claim(
        "v1_opposite", PAPER, "Figure 3c",
        "Opposite labels cannot be learned by one view and are learned once the views may turn.", "shown for one run",
        OPPOSITE, lambda: both_optima(OPPOSITE), Verdict.HOLDS,
        "A free linear map (d-grad) does it as well: what is needed is a view of one's own.",
    ),
    Claim(
        "v1_unstable", PAPER, "Table 1, last row",
        "Setting the views to their closed-form targets at once (a = 1) makes training unstable.",
        "accuracy of 65 % instead of 89 %", ALL_THE_WAY, unstable_at_once, Verdict.NOT,
        "With one fixed input the target is the same from step to step, and going there at once solves more seeds.",
    ),
    Claim(
        "v1_never_settles", PAPER, "Table 1, last row, with the noise of a mini-batch",
        "The same with noisy gradients: the views jump about and never settle.", "accuracy of 65 % instead of 89 %",
        NOISY, never_settles, Verdict.HOLDS,
        "They swing by tens of degrees a step to the end. Yet here too more seeds end solved with a = 1.",
    ),
)  # fmt: skip
