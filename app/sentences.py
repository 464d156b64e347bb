"""What happened in a run, in one plain sentence: a trajectory in, words out."""

from collections.abc import Callable

import numpy as np

from mtlcore.diagnostics import DIAGNOSTICS
from mtlcore.preferences import alike
from toy_problems import PROBLEMS, pairs_solved
from toy_problems.problems.landscape import optimum_distance
from toy_problems.problems.opposite import accuracy
from toy_problems.trajectory import Outcome, Trajectory

NEAR_SUM = 1.25  # the second column on the landscape: this close to the optimum of the weighted sum
OPPOSITION = DIAGNOSTICS.index("min_cosine")  # of the two tasks that disagree most
SETTLED = 0.02  # the last tenth of the steps makes less than this share of the whole change


def sentence(run: Trajectory) -> str:
    """Returns one sentence on where the paths end, and at which step they got there or stopped."""
    problem = PROBLEMS[run.config.problem]
    words = _LABELS if problem.sees_views else _BOTH_OPTIMA if problem.backbone else _FRONT
    stopped = [status for status in run.status if status.outcome != Outcome.OK]
    if len(run.status) == 1:
        return _stop(run) if stopped else words[0](run)
    text = words[1](run)
    if stopped:
        first = min(status.step for status in stopped)
        text = f"{text[:-1]}; {len(stopped)} stopped early, the first at step {first:,}: {advice(run)}."
    return text


def _stop(run: Trajectory) -> str:
    status = run.status[0]
    if status.outcome == Outcome.DIVERGED:
        return f"Diverged at step {status.step:,}: {advice(run)}."
    return f"Stopped at step {status.step:,}: the rule found no answer there; {advice(run)}."


def advice(run: Trajectory) -> str:
    """Returns what to turn down; a transform with a step size of its own can be what ran away."""
    transform = run.config.resolved.spec.transform_spec
    rates = [p.label.lower() for p in transform.params if p.name == transform.learning_rate]
    return " or the ".join(["lower the learning rate", *rates])


def _one_to_both(run: Trajectory) -> str:
    return f"{_both_optima(run)[:-1]}{_pairs(run)}."


def _both_optima(run: Trajectory) -> str:
    solved = int(run.solved_at[0])
    if solved >= 0:
        return f"Reaches {every(run)} at step {solved:,}."
    losses = f"excess losses {_and(run.excess[0, -1])}"
    if run.success[0].any():
        step = int(run.steps[run.success[0].argmax()])
        return f"Touches {every(run)} at step {step:,} and slips away again: {losses}."
    done = run.at_optimum[0, -1]
    if done.any():
        left = "the other" if done.size == 2 else "the others"
        return f"Reaches {optima_of(done)} and leaves {left} behind: {losses}."
    if not _settled(run):
        return f"Still on its way after {int(run.steps[-1]):,} steps: {losses}."
    opposed = run.diagnostics[0, -1, OPPOSITION] < -0.5
    return f"Stuck{' between' if opposed else ''}: {losses}."


def _many_to_both(run: Trajectory) -> str:
    reached = run.solved_at[run.solved_at >= 0]
    total = len(run.status)
    if reached.size == 0:
        losses = _and(run.excess[:, -1].mean(0))
        return f"None of the {total} starts reaches {every(run)}: mean excess losses {losses}."
    subject = f"All {total} starts reach" if reached.size == total else f"{_count(reached.size, total)}"
    return f"{subject} {every(run)}, the last at step {reached.max():,}{_pairs(run)}."


def _at_both_optima(run: Trajectory) -> int:
    """Returns how many starts end at every task's own optimum: beyond any front, where a view has turned."""
    return int(run.at_optimum[:, -1].all(axis=-1).sum())


def _one_to_front(run: Trajectory) -> str:
    if _at_both_optima(run):
        losses = _and(run.excess[0, -1])
        return f"Ends at both optima, which no point of the unturned front can: excess losses {losses}."
    away = float(_from_sum(run)[0])
    solved = int(run.solved_at[0])
    if solved >= 0:
        return f"Reaches the Pareto front at step {solved:,}, {away:.2f} from {_best(run)}."
    verb = "Stuck" if _settled(run) else "Still on its way"
    steps, losses = int(run.steps[-1]), _and(run.excess[0, -1])
    return f"{verb} off the Pareto front after {steps:,} steps: excess losses {losses}."


def _many_to_front(run: Trajectory) -> str:
    total, reached = len(run.status), int((run.solved_at >= 0).sum())
    if both := _at_both_optima(run):
        subject = f"All {total} starts end" if both == total else f"{both} of {total} starts end"
        return f"{subject} at both optima, which no point of the unturned front can."
    near = int(((run.solved_at >= 0) & (_from_sum(run) <= NEAR_SUM)).sum())
    if reached == 0:
        return f"None of the {total} starts reaches the Pareto front."
    subject = f"All {total} starts reach" if reached == total else _count(reached, total)
    ends = "all of them" if near == reached > 1 else "none of them" if near == 0 else f"{near}"
    return f"{subject} the Pareto front, {ends} near {_best(run)}."


def _one_to_labels(run: Trajectory) -> str:
    shares = " and ".join(f"{100 * share:.0f} %" for share in accuracy(run.r[0, -1]))
    solved = int(run.solved_at[0])
    if solved >= 0:
        return f"Serves both tasks from step {solved:,}: {shares} of the points right in the end."
    return f"Does not serve both tasks: {shares} of the points right in the end."


def _many_to_labels(run: Trajectory) -> str:
    total, reached = len(run.status), int((run.solved_at >= 0).sum())
    return f"Serves both tasks from {reached} of {total} starts."


def _count(some: int, total: int) -> str:
    return f"{some} of {total} starts {'reach' if some > 1 else 'reaches'}"


def _from_sum(run: Trajectory) -> np.ndarray:
    """Returns each path's final distance to the optimum of the weighted sum of the two losses: [S]."""
    return optimum_distance(run.z[:, -1, 0], run.config.scales, run.config.preferences)


def _best(run: Trajectory) -> str:
    """Returns what the landscape's star is called."""
    return "the best mean loss" if alike(run.config.preferences) else "the best weighted loss"


def _settled(run: Trajectory) -> bool:
    """Returns whether the last tenth of the steps did next to nothing of what all steps did."""
    total = run.excess[0].sum(-1)
    tail = total[-max(2, total.size // 10) :]
    return bool(np.ptp(tail) <= max(SETTLED * np.ptp(total), 1e-6 * total[0]))


def _pairs(run: Trajectory) -> str:
    """Returns the share of pairs of dimensions solved, where there is more than one pair."""
    if run.config.d == 2:
        return ""
    solved = pairs_solved(run)[:, -1]
    return f"; {int(solved.sum())} of {solved.size} pairs of dimensions solved"


def every(run: Trajectory) -> str:
    """Returns what the optima of all tasks together are called."""
    return "both optima" if run.config.tasks == 2 else f"all {run.config.tasks} optima"


def optima_of(done: np.ndarray) -> str:
    """Returns what the optima of some tasks are called, `done` [K] saying of which."""
    numbers = [str(k + 1) for k in np.flatnonzero(done)]
    if len(numbers) == 1:
        return f"the optimum of task {numbers[0]}"
    return f"the optima of tasks {', '.join(numbers[:-1])} and {numbers[-1]}"


def _and(values: np.ndarray) -> str:
    *others, last = (f"{value:.2f}" for value in values)
    return f"{', '.join(others)} and {last}"


_Words = tuple[Callable[[Trajectory], str], Callable[[Trajectory], str]]
_BOTH_OPTIMA: _Words = (_one_to_both, _many_to_both)
_LABELS: _Words = (_one_to_labels, _many_to_labels)
_FRONT: _Words = (_one_to_front, _many_to_front)
