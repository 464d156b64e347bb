"""The quantities a run can be read by, as lines over its steps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.figures.curves import Line
from toy_problems.trajectory import DIAGNOSTICS, Trajectory


@dataclass(frozen=True)
class Quantity:
    """A quantity of one path: values(run, start) -> [T + 1] or, `per_task`, [T + 1, K]."""

    name: str
    title: str
    values: Callable[[Trajectory, int], np.ndarray]
    per_task: bool = True
    log: bool = False


def _diagnostic(name: str) -> Callable[[Trajectory, int], np.ndarray]:
    column = DIAGNOSTICS.index(name)
    return lambda run, start: run.diagnostics[start, :, column]


def norms(run: Trajectory, start: int) -> np.ndarray:
    """Returns the Frobenius norm of each task's gradient at the feature level: [T + 1, K]."""
    return np.sqrt(np.square(run.gradients[start]).sum((-2, -1)))


def turned(run: Trajectory, start: int) -> np.ndarray:
    """Returns how far each task's view has turned from where it began, in degrees: [T + 1, K].

    In one plane the angle of the rotation; in more dimensions the largest that any direction has turned.
    """
    matrices = run.matrices[start]
    relative = matrices @ np.swapaxes(matrices[:1], -1, -2)
    eigenvalues = np.linalg.eigvals(relative)
    return np.degrees(np.abs(np.angle(eigenvalues)).max(-1))


QUANTITIES: Mapping[str, Quantity] = {
    "excess": Quantity("Excess", "excess loss", lambda run, start: run.excess[start], log=True),
    "losses": Quantity("Loss", "loss", lambda run, start: run.losses[start]),
    "cosine": Quantity("Cosine", "cosine of the task gradients", _diagnostic("cosine"), per_task=False),
    "norms": Quantity("Norm", "gradient norm", norms, log=True),
    "condition": Quantity(
        "Condition", "condition number", _diagnostic("condition"), per_task=False, log=True
    ),
    "weights": Quantity("Weights", "task weight", lambda run, start: run.weights[start]),
    "rotation": Quantity("Rotation", "turned by, degrees", turned),
}


def lines(runs: Sequence[tuple[str, Trajectory]], curve: str, start: int) -> list[Line]:
    """Returns the lines of one quantity for all runs (title, trajectory), from one of their starts."""
    quantity, listed = QUANTITIES[curve], []
    for method, (title, run) in enumerate(runs):
        values = quantity.values(run, min(start, len(run.status) - 1))
        if not quantity.per_task:
            listed.append(Line(title, run.steps, values, method))
            continue
        for task in range(values.shape[1]):
            listed.append(Line(f"{title}, task {task + 1}", run.steps, values[:, task], method, task))
    return listed
