"""The quantities a run can be read by, as lines over its steps."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.figures.curves import Line
from toy_problems import RULE_DIAGNOSTICS, Trajectory, condition_cap

STAGES = (("raw", "dot"), ("after the rule", "solid"))
AT_THE_RULE = (
    "Dotted: the gradients as the rule is given them, at its own level. Solid: after the rule, the gradients whose "
    "mean it takes as its update. A gap: the gradients have vanished, every task is at its optimum."
)


def uncapped(tasks: int) -> float:
    """Returns no bound."""
    return math.inf


@dataclass(frozen=True)
class Quantity:
    """A quantity of one path over its records.

    values(run, start) -> [T + 1, L]: one line a method; `of` "task": one a task; `of` "rule": raw and after the
    rule, the second only where it is known. None: the method has no such quantity.
    """

    name: str
    title: str
    values: Callable[[Trajectory, int], np.ndarray | None]
    of: Literal["method", "task", "rule"] = "task"
    log: bool = False
    cap: Callable[[int], float] = uncapped  # tasks -> the value that stands for itself and all above it
    note: str = ""  # to be read beside the chart
    missing: str = ""  # to be read in its place, where no method has it


def norms(run: Trajectory, start: int) -> np.ndarray:
    """Returns the Frobenius norm of each task's exact gradient at the feature level: [T + 1, K]."""
    return run.norms[start]


def turned(run: Trajectory, start: int) -> np.ndarray:
    """Returns how far each task's view has turned from where it began, in degrees: [T + 1, K].

    In one plane the angle of the rotation; in more dimensions the largest that any direction has turned.
    """
    matrices = run.matrices[start]
    relative = matrices @ np.swapaxes(matrices[:1], -1, -2)
    eigenvalues = np.linalg.eigvals(relative)
    return np.degrees(np.abs(np.angle(eigenvalues)).max(-1))


def cosines_to_mean(run: Trajectory, start: int) -> np.ndarray:
    """Returns the cosine of each task's gradient to the mean gradient, NaN once they have vanished: [T + 1, K]."""
    return np.where(run.vanished[start][:, None], np.nan, run.cosines_to_mean[start])


def rates(run: Trajectory, start: int) -> np.ndarray | None:
    """Returns the transform's learning rate over the network's, [T + 1, 1]; None where it has none of its own."""
    return None if run.rate_ratio is None else run.rate_ratio[:, None]


def lag(run: Trajectory, start: int) -> np.ndarray | None:
    """Returns the distance of z to the moving optimum, [T + 1, 1]; None where nothing turns."""
    return None if run.lag is None else run.lag[start][:, None]


def _at_the_rule(name: str) -> Callable[[Trajectory, int], np.ndarray]:
    column = RULE_DIAGNOSTICS.index(name)

    def values(run: Trajectory, start: int) -> np.ndarray:
        stages = [run.before_rule] if run.after_rule is None else [run.before_rule, run.after_rule]
        return np.stack([stage[start, :, column] for stage in stages], axis=-1)

    return values


QUANTITIES: Mapping[str, Quantity] = {
    "excess": Quantity("Excess", "excess loss", lambda run, start: run.excess[start], log=True),
    "losses": Quantity("Loss", "loss", lambda run, start: run.losses[start]),
    "cosine": Quantity(
        "Cosine", "smallest cosine of two task gradients", _at_the_rule("min_cosine"), "rule", note=AT_THE_RULE
    ),
    "mean_cosine": Quantity(
        "To the mean", "cosine to the mean gradient", cosines_to_mean,
        note="Each task's gradient at the shared feature against the mean of all tasks' gradients.",
    ),
    "norms": Quantity("Norm", "gradient norm", norms, log=True),
    "similarity": Quantity(
        "Similarity", "magnitude similarity, 0 to 1", _at_the_rule("magnitude_similarity"), "rule",
        note=AT_THE_RULE,
    ),
    "condition": Quantity(
        "Condition", "condition number of the gradients", _at_the_rule("condition"), "rule", True,
        condition_cap, AT_THE_RULE,
    ),
    "weights": Quantity("Weights", "task weight", lambda run, start: run.weights[start]),
    "rotation": Quantity("Rotation", "turned by, degrees", turned),
    "lag": Quantity(
        "Lag", "distance to the moving optimum", lag, "method",
        note="How far z is from where the mean of what the tasks see now is lowest, which moves while their views "
        "turn. It falls to 0 where the network, the follower, arrives; a leader too quick to follow keeps it large.",
        missing="None of these methods turns a view here, or the problem's tasks have no optimum to follow.",
    ),
    "rates": Quantity(
        "Rates", "ratio of the two learning rates", rates, "method", True,
        note="The two players of the game: the transform, with its decay, leads; the network follows. The theory asks "
        "that the leader slow down, so that in the end the ratio goes to 0.",
        missing="None of these methods has a transform that learns by a rate of its own.",
    ),
}  # fmt: skip


def lines(runs: Sequence[tuple[str, Trajectory]], curve: str, start: int) -> list[Line]:
    """Returns the lines of one quantity for all runs (title, trajectory), from one of their starts."""
    quantity, listed = QUANTITIES[curve], []
    for method, (title, run) in enumerate(runs):
        values = quantity.values(run, min(start, len(run.status) - 1))
        for i, row in enumerate([] if values is None else values.T):
            if quantity.of == "task":
                listed.append(Line(f"{title}, task {i + 1}", run.steps, row, method, i, title=title))
            elif quantity.of == "rule":
                stage, dash = STAGES[i]
                listed.append(Line(f"{title}, {stage}", run.steps, row, method, dash=dash))
            else:
                listed.append(Line(title, run.steps, row, method))
    return listed


def unknown_after(runs: Sequence[tuple[str, Trajectory]], curve: str) -> list[str]:
    """Returns the titles of the runs whose gradients after the rule the quantity would show but are not known."""
    return [title for title, run in runs if QUANTITIES[curve].of == "rule" and run.after_rule is None]
