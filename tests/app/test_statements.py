"""What the app's texts say will happen is run here: every such sentence has its check, and none is left out.

A sentence that speaks of an outcome is one with a word of OUTCOME in it. Each stands below beside what is run for it,
or beside the reason why there is nothing to run; a sentence that is new, or reworded, fails until it has one. A new
rule, transform or problem brings the checks of its own sentences as CHECKS in a file of tests/app/statements.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mtlcore
from app.claims import CLAIMS, Verdict
from app.presets import PRESETS
from app.url_state import decode
from mtlcore.registry import METHODS, MODIFIERS, RULES, TRANSFORMS
from toy_problems import DRAWS, PROBLEMS, ToyConfig, Trajectory, run
from toy_problems.config import SHARED
from toy_problems.problem import pair_excesses
from toy_problems.problems.landscape import front_distance, optimum_distance

ABOUT = Path(__file__).parents[2] / "app" / "text" / "about.md"
OUTCOME = re.compile(
    r"\b(never|always|ends?|stops?|settles?|reach(es)?|solve[sd]?|stuck|fails?|too (slow|quick|fast|small|large)|"
    r"cannot|nothing|wins?|wherever|everywhere)\b",
    re.IGNORECASE,
)
Check = Callable[[], bool]


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9*\[])", text) if part.strip()]


def spoken() -> Iterator[tuple[str, str]]:
    """Yields (where it stands, the sentence) for every sentence of cards and tooltips that speaks of an outcome."""
    texts = [(f"the note of {key}", spec.note) for key, spec in METHODS.items()]
    for kind in (RULES, TRANSFORMS, MODIFIERS):
        for key, spec in kind.items():
            texts.append((f"the card of {key}", spec.idea))
            texts += [(f"the tooltip of {key}.{param.name}", param.help) for param in spec.params]
    texts += [(f"the card of {key}", problem.idea) for key, problem in PROBLEMS.items()]
    texts += [(f"the tooltip of {param.name}", param.help) for param in SHARED]
    for where, text in texts:
        yield from ((where, part) for part in sentences(text) if OUTCOME.search(part))


def landscape(method: str, **chosen: Any) -> Trajectory:
    return run(ToyConfig(problem="landscape", method=method, **{**PROBLEMS["landscape"].defaults, **chosen}))


def toy(method: str = "uniform", problem: str = "avocado", **chosen: Any) -> Trajectory:
    steps = PROBLEMS[problem].defaults.get("steps", 400)
    return run(ToyConfig(problem=problem, method=method, **{"steps": steps, **chosen}))


def claimed(*keys: str) -> Check:
    """The sentence says what these claims say, which their own test measures."""
    verdicts = {claim.key: claim.verdict for claim in CLAIMS}
    return lambda: all(verdicts[key] is Verdict.HOLDS for key in keys)


def gave(**found: Verdict) -> Check:
    """The sentence says that these claims came out so, which their own test measures."""
    verdicts = {claim.key: claim.verdict for claim in CLAIMS}
    return lambda: all(verdicts[key] is verdict for key, verdict in found.items())


def balance_is_exact() -> bool:
    gram = np.array([[2.0, -0.5, 0.3], [-0.5, 1.0, 0.1], [0.3, 0.1, 4.0]])
    w = mtlcore.rule("nash_mtl", max_norm=0.0).weights(gram)
    v = mtlcore.rule("fairgrad", alpha=2.0).weights(gram)
    return bool(
        np.allclose(gram @ w * w, 1.0, rtol=1e-9) and np.allclose((gram @ v) ** 2 * v, 1.0, rtol=1e-8)
    )


def stops_at_the_front() -> bool:
    path = landscape("mgda")
    return bool((path.solved_at >= 0).all() and (optimum_distance(path.z[:, -1, 0]) > 3).any())


def ascends_somewhere() -> bool:
    """Two gradients, one long: the normalised search leans to the long one and against the short."""
    G = np.array([[1.0, 0.0], [-9.0, 1.0]])
    update = mtlcore.rule("mgda", normalisation="l2").combine(G)
    return bool((G @ update).min() < 0)


def keeps_its_step_length() -> bool:
    """On the front, by plain gradient descent, it goes on stepping to and fro by the learning rate."""
    lr = 0.05
    path = run(ToyConfig(problem="landscape", method="nash_mtl", lr=lr, steps=3000, starts=((0.0, 0.0),)))
    late = path.update[0, -500:, 0]
    to_and_fro = float(np.ptp(path.z[0, -500:, 0], axis=0).max())
    return bool(np.allclose(np.linalg.norm(late, axis=-1), 1.0) and abs(to_and_fro - lr) < 0.01 * lr)


def loudest_leads() -> bool:
    loud = toy(s=0.9).excess[0, -1]
    return bool(loud[0] < 0.1 * loud[1])


def ends_at_the_mean_s_optimum() -> bool:
    ends = [toy(method, steps=4000).losses[0, -1].mean() for method in ("uniform", "cagrad")]
    return abs(ends[0] - ends[1]) < 1e-3


def scaling_changes_nothing() -> bool:
    gram = np.array([[2.0, -0.5], [-0.5, 1.0]])
    scale = np.array([1e3, 1.0])
    one, other = (mtlcore.rule("nash_mtl").weights(M) for M in (gram, gram * np.outer(scale, scale)))
    return bool(np.allclose(one, other * scale))


def ends_where_p_says() -> bool:
    """From all five published starts, and for three preferences, near the optimum of the weighted sum on the front."""
    for p in ((0.2, 0.8), (0.5, 0.5), (0.8, 0.2)):
        ends = landscape("aligned_mtl", preferences=p, steps=150_000).z[:, -1, 0]
        if not ((front_distance(ends) < 0.05).all() and (optimum_distance(ends, (1.0, 1.0), p) < 1.25).all()):
            return False
    return True


def motions_settle_first() -> bool:
    path = toy("rotograd_v1")
    turned = np.abs(np.diff(path.matrices[0], axis=0)).max((-3, -2, -1))
    return bool(turned[-50:].max() < 0.2 * turned[:50].max())


def adversary_off_is_uniform() -> bool:
    off = ToyConfig(method="adversarial", params={"lam": 0.0}, steps=20)
    ends = [run(off, engine="reference").z, run(ToyConfig(method="uniform", steps=20), engine="reference").z]
    return bool(np.allclose(*ends))


DEFINES = "defines or names, and says nothing of how a run ends"
CHECKS: dict[str, Check | str] = {
    "The gradient of the mean loss: what training does when nothing is balanced.": DEFINES,
    "The shortest vector in the hull of the gradients, found exactly; it stops at any Pareto stationary "
    "point.": stops_at_the_front,
    "With a normalisation the update is not always a descent direction.": ascends_somewhere,
    "With max_norm 1 nearly every step has unit length, so plain SGD never settles: use Adam, a decaying rate or "
    "another max_norm.": keeps_its_step_length,
    "The first version with its least-squares problem followed down the gradient instead of solved.": DEFINES,
    "Nothing is balanced: the task with the largest gradient leads, and opposed gradients cancel.": loudest_leads,
    "What it reaches is the yardstick for every balanced method: sharing pays only where the tasks end up better than "
    "alone.": DEFINES,
    "What a gradient is divided by before the search: nothing, its norm, its loss, or both.": DEFINES,
    "With c = 0 it is the mean gradient; with growing c it turns towards MGDA; below 1 it still ends where the mean "
    "loss is lowest.": ends_at_the_mean_s_optimum,
    "Multiplying a task's loss by a constant changes nothing, so no task can win by being large; with preferences p "
    "task k bargains with the power p_k.": scaling_changes_nothing,
    "The balance is solved exactly here, by Newton's method; the paper's code takes a few steps of a convex-concave "
    "iteration.": balance_is_exact,
    "The balance is solved exactly here, by Newton's method; the paper's code fits it by least "
    "squares.": balance_is_exact,
    "Where the tasks are equally loud it solves as many seeds of the toy problems as RotoGrad, where one is much "
    "louder fewer.": gave(both_parts_matter=Verdict.NOT, both_parts_matter_unequal=Verdict.HOLDS),
    "It solves most seeds of the convex toy problem and hardly any of the non-convex "
    "one.": gave(v1_convex=Verdict.SOME, v1_nonconvex=Verdict.NOT),
    "The step has a length of its own, sqrt(K), whatever the gradients': with max_norm = 1 every step has unit length, "
    "so plain gradient descent never settles and needs a decaying learning rate or Adam.": keeps_its_step_length,
    "It settles only where the weighted loss sum p_k L_k is stationary, so it ends where p says, and its step is as "
    "long as the least independent direction allows.": ends_where_p_says,
    "Replaces the gradients by the nearest orthogonal ones of equal length; ends where the given preferences "
    "say.": ends_where_p_says,
    "Take the reference lengths n(0) once more at this step, when the first wild steps are over; 0: never.": DEFINES,
    "Step size of the rotations' own optimiser: too small and they never align, too large and the network cannot "
    "follow.": claimed("pace"),
    "The same rotation, but each task turns it to lower its own loss; nothing asks the gradients to agree.": DEFINES,
    "The share a is multiplied by this at every step, so that the motions settle before the network "
    "does.": motions_settle_first,
    "The same two least-squares problems, followed down their gradient instead of solved.": DEFINES,
    "The second is solved already at every step, so only the rotations move.": DEFINES,
    "How much the shared parameters give for feature gradients that do not betray their task; 0 gives "
    "nothing.": adversary_off_is_uniform,
    "Rotations must be quick enough to align the tasks and slow enough for the network to follow them: too quick, and "
    "the two players chase each other.": claimed("pace", "slower_leader"),
    "Rules differ in where they stop, and from some starts several of them never reach the "
    "front.": claimed("stop_at_the_front", "never_reach_the_front"),
}  # fmt: skip
for file in sorted((Path(__file__).parent / "statements").glob("[a-z]*.py")):
    CHECKS |= import_module(f"tests.app.statements.{file.stem}").CHECKS


@pytest.mark.parametrize("text", CHECKS)
def test_what_a_card_or_tooltip_says_is_so(text: str) -> None:
    check = CHECKS[text]
    assert isinstance(check, str) or check()


def test_every_sentence_about_an_outcome_has_its_check() -> None:
    said = {text: where for where, text in spoken()}
    assert {text: where for text, where in said.items() if text not in CHECKS} == {}
    assert [text for text in CHECKS if text not in said] == []


def about() -> str:
    return re.sub(r"\s+", " ", ABOUT.read_text(encoding="utf-8"))


def test_every_view_that_about_opens_is_one_and_shows_what_is_said_of_it() -> None:
    links = re.findall(r"\]\(\./\??([^)]*)\)", about())
    today = f"&v={DRAWS}"  # written into each: its text holds of what seeds draw today
    assert set(links) == {link and f"{link}{today}" for link, _, _ in ABOUT_SAYS}
    for link, words, check in ABOUT_SAYS:
        assert words in about()
        view, notices = decode(dict(part.split("=", 1) for part in link.split("&") if part))
        assert notices == ()
        assert check({key: run(view.config(key)) for key in view.methods}), link


Runs = dict[str, Trajectory]


def solved(path: Trajectory) -> bool:
    return bool((path.solved_at >= 0).all())


def half_a_circle(runs: Runs) -> bool:
    end = runs["rotograd"].matrices[0, -1]
    return (
        solved(runs["rotograd"])
        and not solved(runs["uniform"])
        and bool(np.allclose(end[1], -end[0], atol=0.1))
    )


def where_rules_stop(runs: Runs) -> bool:
    reached = {key: int((path.solved_at >= 0).sum()) for key, path in runs.items()}
    near = {key: bool((optimum_distance(path.z[:, -1, 0]) < 1.25).all()) for key, path in runs.items()}
    return (
        reached["uniform"] < 5 > reached["cagrad"]
        and reached["mgda"] == 5
        and not near["mgda"]
        and near["aligned_mtl"]
    )


def second_pair_stuck(runs: Runs) -> bool:
    r = runs["rotograd"].r[0, -1]
    excess = [pair_excesses(PROBLEMS["avocado"], points, task, 2) for task, points in enumerate(r)]
    return bool(np.max(excess, axis=0)[0] < 0.05 < np.max(excess, axis=0)[1])


ABOUT_SAYS: tuple[tuple[str, str, Callable[[Runs], bool]], ...] = (
    ("", "Vanilla stops half-way between the optima", lambda runs: not solved(runs["uniform"])),
    ("", "RotoGrad turns the level curves until both optima lie", lambda runs: solved(runs["rotograd"])),
    (
        "lr_rot=0.003",
        "the network has settled before the rotations",
        lambda runs: not solved(runs["rotograd"]),
    ),
    ("problem=nonconvex&lr_rot=0.03&seed=6", "[the right pace]", lambda runs: solved(runs["rotograd"])),
    (
        "problem=nonconvex&lr_rot=0.3&seed=6",
        "where the network can no",
        lambda runs: not solved(runs["rotograd"]),
    ),
    (
        "methods=rotograd&d=4&m=2&seed=3",
        "With m = 2 the second pair of dimensions stays stuck",
        second_pair_stuck,
    ),
    (
        "problem=landscape&methods=uniform,mgda,cagrad,aligned_mtl",
        "Two of these rules stop before the Pareto front from some starts, one wherever it meets the front, and one "
        "goes on to the best mean loss",
        where_rules_stop,
    ),
    (
        "problem=opposite&lr_rot=1",
        "once the second task's view has turned by half a circle it can",
        half_a_circle,
    ),
)


def test_the_share_of_seeds_that_about_names_is_the_one_measured() -> None:
    assert "four seeds in ten are solved" in about()
    measured = next(claim for claim in CLAIMS if claim.key == "both_optima_nonconvex").measure().measured
    share = int(re.search(r"RotoGrad (\d+) of 100", measured)[1])  # type: ignore[index]
    assert 30 <= share <= 50


def test_how_many_statements_the_app_makes_and_that_all_were_run(
    record_property: Callable[[str, object], None],
) -> None:
    made = len({text for _, text in spoken()})
    run_here = [text for text, check in CHECKS.items() if not isinstance(check, str)]
    counts = {
        "cards": len(run_here),
        "about": len(ABOUT_SAYS),
        "presets": len(PRESETS),
        "claims": len(CLAIMS),
    }
    for name, count in counts.items():
        record_property(name, count)
        assert count > 0
    assert made == len(run_here) + sum(isinstance(check, str) for check in CHECKS.values())
