"""Claims of Javaloy & Valera 2021 (RotoGrad) that the toys can try."""

import numpy as np

from app.claims.claim import Claim, Finding, Verdict, counted, more, verdict_of
from app.luck import SEEDS, solved_seeds
from app.presets import view_of
from app.view import View
from toy_problems import run, sweep

PAPER = "Javaloy & Valera 2021"
CONVEX = view_of("avocado", "uniform rotograd")
PACE = view_of("nonconvex", "uniform rotograd", lr_rot=0.03, seed=6)
QUICK = view_of("nonconvex", "rotograd", lr_rot=0.3, rot_decay=0.95, seed=1)
PARTS = view_of("avocado", "rotograd_scale rotate_only rotograd")
PARTS_NONCONVEX = view_of("nonconvex", "rotograd_scale rotate_only rotograd", lr_rot=0.03)
PARTS_UNEQUAL = PARTS_NONCONVEX.having("s", 0.95)
HALF = view_of("avocado", "rotograd", d=8, m=4)
DECAYS = (1.0, 0.99, 0.95)
ROUNDING = 1e-12


def both_optima(view: View) -> Finding:
    """Measures how many seeds vanilla and RotoGrad solve; the claim needs the first to fail and the second not to."""
    vanilla, turned = (solved_seeds(view.config(key)) for key in ("uniform", "rotograd"))
    verdict = verdict_of(turned) if verdict_of(vanilla) is Verdict.NOT else Verdict.NOT
    return Finding(f"Uniform solves {counted(vanilla)}, RotoGrad {counted(turned)}.", verdict)


def nearest_task_wins() -> Finding:
    """Measures in how many seeds vanilla ends lower in the task whose optimum was nearer to the start."""
    wins = 0
    for seed in range(SEEDS):
        path = run(PACE.having("seed", seed).config("uniform"))
        away = np.linalg.norm(
            path.z[0, 0, 0] - path.config.problem_spec.optima(2, path.config.tasks), axis=-1
        )
        wins += int(np.argmin(away) == np.argmin(path.excess[0, -1]))
    return Finding(f"The nearer task ends lower in {counted(wins)}.", verdict_of(wins))


def slower_leader() -> Finding:
    """Measures how many seeds are solved as the rotations' rate decays faster."""
    counts = [solved_seeds(QUICK.having("rot_decay", decay).config("rotograd")) for decay in DECAYS]
    told = ", ".join(f"{decay:g}: {counted(n)}" for decay, n in zip(DECAYS, counts, strict=True))
    holds = counts == sorted(counts) and more(counts[-1], counts[0])
    return Finding(f"Solved by decay, {told}.", Verdict.HOLDS if holds else Verdict.NOT)


def pace_matters() -> Finding:
    """Measures the seeds solved at three rotation rates: too slow, right, too quick."""
    rates = (0.003, 0.03, 0.3)
    slow, right, quick = (solved_seeds(PACE.having("lr_rot", rate).config("rotograd")) for rate in rates)
    told = ", ".join(f"{rate:g}: {counted(n)}" for rate, n in zip(rates, (slow, right, quick), strict=True))
    holds = more(right, slow) and more(right, quick)
    return Finding(f"Solved by rotation rate, {told}.", Verdict.HOLDS if holds else Verdict.NOT)


def parts(view: View, better: str, worse: str) -> Finding:
    """Measures whether one method solves more seeds than another beyond doubt."""
    counts = {key: solved_seeds(view.config(key)) for key in view.methods}
    names = {spec.key: spec.title for spec in view.specs}
    told = ", ".join(f"{names[key]} {counted(n)}" for key, n in counts.items())
    holds = more(counts[better], counts[worse])
    return Finding(f"Solved: {told}.", Verdict.HOLDS if holds else Verdict.NOT)


def never_hurts() -> Finding:
    """Measures the least that a step helps a task, over all steps and seeds, in the longest that a step could be."""
    worst = 1.0
    for seed in range(SEEDS):
        path = run(CONVEX.having("seed", seed).config("rotograd"))
        gained = np.einsum("tknd,tnd->tk", path.gradients[0], path.update[0])
        lengths = np.sqrt(np.square(path.gradients[0]).sum((-2, -1)))
        most = lengths * (path.weights[0] * lengths).sum(-1, keepdims=True)  # all gradients in one direction
        worst = min(worst, float((gained[most > 0] / most[most > 0]).min()))
    verdict = Verdict.HOLDS if worst >= -ROUNDING else Verdict.NOT
    return Finding(
        f"The least that any step of {SEEDS} runs helps a task: {worst:.1e} of the most it could.", verdict
    )


def larger_subspace() -> Finding:
    """Measures the share of pairs of dimensions solved as m grows, d = 8."""
    sizes = (0, 2, 4, 6, 8)
    shares = sweep(HALF.config("rotograd"), {"m": sizes}, range(SEEDS)).pair_rate
    told = ", ".join(f"m = {m}: {share:.0%}" for m, share in zip(sizes, shares, strict=True))
    holds = bool((np.diff(shares) > 0.1).all())
    return Finding(f"Pairs of dimensions solved, {told}.", Verdict.HOLDS if holds else Verdict.NOT)


CLAIMS = (
    Claim(
        "both_optima", PAPER, "Figure 1a",
        "On the convex problem vanilla training finds neither optimum and RotoGrad finds both.", "both found, one run",
        CONVEX, lambda: both_optima(CONVEX), Verdict.HOLDS,
        "The clearest of all: it hardly depends on the seed at a rotation rate of 0.1.",
    ),
    Claim(
        "both_optima_nonconvex", PAPER, "Figure 1b",
        "On the non-convex problem RotoGrad finds the global optima of both tasks.", "both found, one run",
        PACE, lambda: both_optima(PACE), Verdict.SOME,
        "The figure is one of the lucky runs: most seeds end in a local minimum, at the best rate too.",
    ),
    Claim(
        "nearest_task_wins", PAPER, "Section 4",
        "Without RotoGrad the non-convex run is dominated by the task whose optimum is nearer to the start.", "one run",
        view_of("nonconvex", "uniform"), nearest_task_wins, Verdict.HOLDS,
        "Nearly always; in the few other seeds shallow minima on the way decide.",
    ),
    Claim(
        "pace", PAPER, "Sections 3.2 and 6.1",
        "Rotations must be neither too slow nor too quick for the network.", "Figure 3, on two digits",
        PACE, pace_matters, Verdict.HOLDS,
        "A hump, as in the paper's figure on digits: a tenth of the best rate and ten times it both fail.",
    ),
    Claim(
        "slower_leader", PAPER, "Section 3.2",
        "Training is stable when the rotations (the leader) slow down faster than the network (the follower).", "–",
        QUICK, slower_leader, Verdict.HOLDS,
        "A leader that slows down saves many runs that a steady one loses, though not all.",
    ),
    Claim(
        "scale_is_not_enough", PAPER, "Section 3",
        "Equal lengths alone do not suffice; directions have to be aligned too.", "–",
        PARTS, lambda: parts(PARTS, "rotograd", "rotograd_scale"), Verdict.HOLDS,
        "Where two optima lie in two places no weights can help, whatever the lengths.",
    ),
    Claim(
        "both_parts_matter", PAPER, "Section 6",
        "Scaling and rotating together do better than rotating alone.", "–",
        PARTS_NONCONVEX, lambda: parts(PARTS_NONCONVEX, "rotograd", "rotate_only"), Verdict.NOT,
        "RotateOnly does as well where the two tasks are equally loud: there scale-free gradients add little.",
    ),
    Claim(
        "both_parts_matter_unequal", PAPER, "Section 6",
        "The same where one task is 19 times as loud as the other.", "–",
        PARTS_UNEQUAL, lambda: parts(PARTS_UNEQUAL, "rotograd", "rotate_only"), Verdict.HOLDS,
        "Here the scale earns its place: without it the louder task leads.",
    ),
    Claim(
        "never_hurts", PAPER, "Proposition 3.1",
        "For two tasks the sum of gradients of equal length hurts neither.", "proved",
        CONVEX, never_hurts, Verdict.HOLDS,
        "To rounding. The proposition needs two tasks, or no conflict.",
    ),
    Claim(
        "larger_subspace", PAPER, "Section 6.2 and Table 1",
        "The more dimensions are rotated, the better; a few help already.", "2.90 to 4.48 for m = 64 to 512",
        HALF, larger_subspace, Verdict.HOLDS,
        "Here each rotated pair is solved and each other one is not.",
    ),
)  # fmt: skip
