"""What runs of one setting have written, as curves: median and range over seeds, per task or their mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from app.figures.tasks import Band
from app.lab.groups import SINGLE, Group
from experiments import store
from experiments.cifar10 import CLASSES

POINTS = 300  # a curve keeps about this many
KEPT = 400  # ended runs' curves, all visitors together


@dataclass(frozen=True)
class Quantity:
    """Something that runs write: once a task, or (per_task False) once for all; at the logged steps, or (per_epoch)
    after each epoch. log: best on a log scale.
    """

    title: str
    per_task: bool = True
    log: bool = False
    per_epoch: bool = False


QUANTITIES = {
    "f1": Quantity("F1 score on test images", per_epoch=True),
    "test_loss": Quantity("loss on test images", per_epoch=True),
    "loss": Quantity("training loss", log=True),
    "weight": Quantity("weight"),
    "cosine": Quantity("cosine to the mean gradient"),
    "angle": Quantity("rotation since the start, mean (rad)"),
    "turned": Quantity("rotation since the start, largest (rad)", per_epoch=True),
    "norm_ratio": Quantity("largest to smallest gradient norm", per_task=False, log=True),
    "condition": Quantity("condition number of the gradients", per_task=False, log=True),
    "lr": Quantity("learning rate", per_task=False, log=True),
    "lr_rot": Quantity("rotations' learning rate", per_task=False, log=True),
    "images_per_second": Quantity("images per second", per_task=False, per_epoch=True),
    "memory_mb": Quantity("peak memory (MB)", per_task=False, per_epoch=True),
}
Points = tuple[np.ndarray, np.ndarray]  # steps, values


def bands(group: Group, titles: Sequence[str], quantity: str, task: str | None) -> list[Band]:
    """Returns a curve for each title that has points: of one task, or (None) the mean over all tasks.

    The mean of the single-task networks is drawn once all ten have points.
    """
    found = []
    for title in titles:
        curves = list(_members(group, title, quantity, task))
        if not curves:
            continue
        index = None if title == SINGLE else group.titles.index(title)
        found.append(_band(title, curves, _steps_per_epoch(group), index))
    return found


def _members(group: Group, title: str, quantity: str, task: str | None) -> Iterable[Points]:
    """Yields one curve a seed; the newest of the runs that were made twice."""
    kind = QUANTITIES[quantity]
    by_seed: dict[int, dict[str, Points]] = {}
    for run in group.of(title):
        by_seed.setdefault(run.config["seed"], {}).update(points(run, quantity))
    for curves in by_seed.values():
        if not kind.per_task:
            yield from (curves[name] for name in (quantity,) if name in curves)
        elif task is not None:
            yield from (curves[name] for name in (f"{quantity}/{task}",) if name in curves)
        elif all(f"{quantity}/{name}" in curves for name in CLASSES):
            yield _mean([curves[f"{quantity}/{name}"] for name in CLASSES])


def _mean(curves: Sequence[Points]) -> Points:
    steps, table = _together(curves)
    whole = np.isfinite(table).all(axis=0)
    return steps[whole], table[:, whole].mean(axis=0)


def _together(curves: Sequence[Points]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the steps that any curve has [P], and the values [C, P], NaN where a curve has none."""
    steps = np.unique(np.concatenate([curve[0] for curve in curves]))
    table = np.full((len(curves), steps.size), np.nan)
    for row, (own, values) in zip(table, curves, strict=True):
        row[np.searchsorted(steps, own)] = values
    return steps, table


def _band(title: str, curves: Sequence[Points], per_epoch: int, index: int | None) -> Band:
    steps, table = _together(curves)
    seen = np.isfinite(table).any(axis=0)
    table = np.where(np.isfinite(table), table, np.nan)[:, seen]
    low, middle, high = (
        (np.empty(0),) * 3 if not seen.any() else np.nanquantile(table, (0.0, 0.5, 1.0), axis=0)
    )
    return Band(title, steps[seen] / per_epoch, middle, low, high, index, len(curves))


def points(run: store.StoredRun, quantity: str) -> dict[str, Points]:
    """Returns a run's thinned curves of a quantity by metric; an ended run's are read once."""
    if run.status == "RUNNING":
        return _read(run, quantity)
    return _kept(run.id, quantity, run.status, run.ended, run)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(
    run_id: str, quantity: str, status: str, ended: float | None, _run: store.StoredRun
) -> dict[str, Points]:
    return _read(_run, quantity)


def _read(run: store.StoredRun, quantity: str) -> dict[str, Points]:
    names = [f"{quantity}/{name}" for name in CLASSES] if QUANTITIES[quantity].per_task else [quantity]
    found, every = store.curves([run.id], names), stride(run.config, quantity)
    return {name: (curve.steps[::every], curve.values[::every]) for (_, name), curve in found.items()}


def stride(config: Mapping[str, Any], quantity: str) -> int:
    """Returns which share of a run's points is drawn, 1 in so many: from the first on, so that seeds keep the same."""
    steps = config["epochs"] * (config["train_images"] // config["batch"])
    expected = config["epochs"] if QUANTITIES[quantity].per_epoch else steps // config["log_every"]
    return max(1, expected // POINTS)


def _steps_per_epoch(group: Group) -> int:
    config = group.runs[0].config
    return max(1, config["train_images"] // config["batch"])


def written(group: Group) -> list[str]:
    """Returns the quantities that any run of the group writes: only rotations have angles."""
    names = {name for last in store.latest([run.id for run in group.runs]).values() for name in last}
    stems = {name.partition("/")[0] for name in names if name != "f1/mean"}
    return [quantity for quantity in QUANTITIES if quantity in stems]


def shown_titles(group: Group, chosen: Iterable[str] | None) -> tuple[str, ...]:
    """Returns the chosen titles in the group's order, all of them where none is chosen."""
    kept = set(chosen or ()) & set(group.titles)
    return tuple(title for title in group.titles if not kept or title in kept)
