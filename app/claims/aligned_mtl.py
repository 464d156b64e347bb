"""Claims of Senushkin et al. 2023 (Aligned-MTL) that the landscape can try."""

from dataclasses import replace

import numpy as np

from app.claims.claim import Claim, Finding, Verdict
from app.presets import view_of
from app.runs import trajectory
from app.sentences import NEAR_SUM
from toy_problems import RULE_DIAGNOSTICS, Trajectory, run
from toy_problems.problems.landscape import optimum_distance

PAPER = "Senushkin et al. 2023"
SIX = view_of("landscape", "uniform mgda cagrad imtl_g nash_mtl aligned_mtl")
STOP_AT_THE_FRONT = ("mgda", "imtl_g", "nash_mtl")
PATIENT = view_of("landscape", "uniform cagrad", steps=150_000)
WISHED = view_of("landscape", "aligned_mtl nash_mtl imtl_g mgda", steps=150_000, preferences=(0.8, 0.2))
WISHES = ((0.2, 0.8), (0.5, 0.5), (0.8, 0.2))
STEADY = 0.02  # a path turns back in fewer of its steps than this


def away(path: Trajectory) -> np.ndarray:
    """Returns each start's final distance to the optimum of the loss weighted by the view's preferences, [S]."""
    return np.asarray(optimum_distance(path.z[:, -1, 0], path.config.scales, path.config.preferences))


def near(path: Trajectory) -> np.ndarray:
    """Returns which starts end on the front near that optimum, bool [S]."""
    return np.asarray((path.solved_at >= 0) & (away(path) <= NEAR_SUM))


def paths(keys: tuple[str, ...]) -> dict[str, Trajectory]:
    """Returns the runs of some of the methods, by key."""
    return {key: trajectory(SIX.config(key)) for key in keys}


def titles() -> dict[str, str]:
    """Returns what each method is called."""
    return {spec.key: spec.title for spec in SIX.specs}


def optimum_from_everywhere() -> Finding:
    """Measures from how many of the five starts Aligned-MTL ends near the optimum of the mean loss."""
    path = paths(("aligned_mtl",))["aligned_mtl"]
    verdict = Verdict.HOLDS if near(path).all() else Verdict.PART if near(path).any() else Verdict.NOT
    return Finding(
        f"{near(path).sum()} of 5 starts; distances {', '.join(f'{x:.2f}' for x in away(path))}.", verdict
    )


def stop_at_the_front() -> Finding:
    """Measures whether the rules that stop at any point of the front reach it, and miss the optimum of the mean."""
    found, told, names = paths(STOP_AT_THE_FRONT), [], titles()
    holds = True
    for key, path in found.items():
        reached, close = int((path.solved_at >= 0).sum()), int(near(path).sum())
        holds = holds and reached == 5 and close < 5
        told.append(f"{names[key]} {reached} on the front, {close} near the optimum")
    return Finding(f"Of 5 starts: {'; '.join(told)}.", Verdict.HOLDS if holds else Verdict.NOT)


def never_reach_the_front() -> Finding:
    """Measures from how many starts a plain mean and CAGrad reach the front in the published 35 000 steps."""
    found, names = paths(("uniform", "cagrad")), titles()
    counts = {key: int((path.solved_at >= 0).sum()) for key, path in found.items()}
    told = ", ".join(f"{names[key]} {count}" for key, count in counts.items())
    return Finding(
        f"Of 5 starts reach the front: {told}.", Verdict.HOLDS if max(counts.values()) < 5 else Verdict.NOT
    )


def turning_back() -> Finding:
    """Measures the share of steps that go against the step before, over the five starts."""
    shares = {}
    for key in SIX.methods:
        steps = np.diff(run(replace(SIX.config(key), record_every=1)).z[:, :, 0], axis=1)
        shares[key] = float(((steps[:, 1:] * steps[:, :-1]).sum(-1) < 0).mean())
    own, others, names = shares.pop("aligned_mtl"), shares, titles()
    told = ", ".join(f"{names[key]} {share:.1%}" for key, share in others.items())
    noisy = [share > max(STEADY, 2 * own) for share in others.values()]
    verdict = Verdict.HOLDS if all(noisy) else Verdict.PART if any(noisy) else Verdict.NOT
    return Finding(f"Steps that turn back: Aligned-MTL {own:.1%}; {told}.", verdict)


def follows_preferences() -> Finding:
    """Measures at how many of 3 x 5 preferences and starts each rule ends near the optimum of the weighted loss."""
    counts = dict.fromkeys(WISHED.methods, 0)
    for wish in WISHES:
        view = WISHED.having("preferences", wish)
        for key in view.methods:
            config = replace(view.config(key), preferences=wish)  # also where the rule leaves them out
            counts[key] += int(near(run(config)).sum())
    names = {spec.key: spec.title for spec in WISHED.specs}
    told = ", ".join(f"{names[key]} {count}" for key, count in counts.items())
    own = counts.pop("aligned_mtl")
    holds = own == 15 and max(counts.values()) < 8
    return Finding(f"Near the weighted optimum, of 15: {told}.", Verdict.HOLDS if holds else Verdict.NOT)


def condition_one() -> Finding:
    """Measures the largest condition number after alignment where the gradients are independent, and how often not."""
    path = paths(("aligned_mtl",))["aligned_mtl"]
    column, after = RULE_DIAGNOSTICS.index("condition"), path.after_rule
    assert after is not None
    before, aligned = path.before_rule[..., column], after[..., column]
    free = before < np.nanmax(before) / 2  # the largest there is means: dependent to rounding
    largest, dependent = float(np.nanmax(aligned[free])), 1.0 - float(free.mean())
    told = f"At most {largest:.9f}; in {dependent:.0%} of the steps the gradients depend on each other to rounding."
    return Finding(told, Verdict.HOLDS if largest < 1.0 + 1e-9 else Verdict.NOT)


def cagrad_in_the_end() -> Finding:
    """Measures from how many starts CAGrad ends near the optimum of the mean loss, at 35,000 and at 150,000 steps."""
    counts = {n: int(near(run(PATIENT.having("steps", n).config("cagrad"))).sum()) for n in (35_000, 150_000)}
    told = " and ".join(f"{count} of 5 after {steps:,} steps" for steps, count in counts.items())
    return Finding(f"Starts that end there: {told}.", Verdict.HOLDS if counts[150_000] == 5 else Verdict.NOT)


CLAIMS = (
    Claim(
        "optimum_from_everywhere", PAPER, "Figure 1 and Theorem 1",
        "Aligned-MTL reaches the optimum of the mean loss from all five starts.", "5 of 5",
        SIX, optimum_from_everywhere, Verdict.HOLDS,
        "It goes on along the front, slowly: the fifth start has not quite arrived after 35,000 steps.",
    ),
    Claim(
        "stop_at_the_front", PAPER, "Section 6.1",
        "Rules that look for any Pareto point stop where they first meet the front, so the start decides.", "shown",
        SIX, stop_at_the_front, Verdict.HOLDS,
        "They reach the front from everywhere, which a plain mean does not.",
    ),
    Claim(
        "never_reach_the_front", PAPER, "Figure 1",
        "From some starts a plain mean and CAGrad do not get to the front.", "shown", SIX, never_reach_the_front,
        Verdict.HOLDS, "They wait at the cliff, where the two gradients nearly cancel.",
    ),
    Claim(
        "noisy_paths", PAPER, "Figure 1",
        "The other methods' paths are noisy where gradients conflict, Aligned-MTL's is not.", "shown",
        SIX, turning_back, Verdict.PART,
        "Solved exactly, most are as steady; only Nash-MTL, whose steps all have one length, turns back often.",
    ),
    Claim(
        "follows_preferences", PAPER, "Algorithm 1 and Theorem 1",
        "Given task weights, Aligned-MTL ends at the optimum of the loss so weighted; rules that find their own "
        "weights do not.", "proved", WISHED, follows_preferences, Verdict.HOLDS,
        "Three preferences, five starts, 150,000 steps: at 35,000 some paths are still on their way along the front.",
    ),
    Claim(
        "condition_one", PAPER, "Section 5.1",
        "The aligned gradients have the condition number 1.", "1",
        SIX, condition_one, Verdict.HOLDS,
        "Wherever the gradients are independent, which the paper assumes; between two that are not there is "
        "nothing to align.",
    ),
    Claim(
        "cagrad_in_the_end", "Liu et al. 2021 (CAGrad)", "Theorem 3.2",
        "With c < 1 CAGrad converges to the optimum of the mean loss.", "proved", PATIENT, cagrad_in_the_end,
        Verdict.HOLDS, "It needs more than four times the published steps on this landscape.",
    ),
)  # fmt: skip
