"""Grids of configurations, run in parallel; of each run only the end is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np

from mtlcore.registry import method_spec
from toy_problems.compiled.arrays import Arrays
from toy_problems.compiled.engine import pool, prepared
from toy_problems.compiled.plan import Plan
from toy_problems.compiled.run import travel
from toy_problems.config import BALANCE, SEED, ToyConfig
from toy_problems.outcome import Outcome
from toy_problems.problem import solved_pairs, succeeded, views_of

FIELDS = tuple(
    f.name for f in fields(ToyConfig) if f.name not in ("params", "seed", "starts", "record_every")
)


@dataclass(frozen=True)
class SweepResult:
    """The ends of every run of a grid. Array axes: the named ones in their order, then seeds, then S starts."""

    config: ToyConfig  # the base
    axes: Mapping[str, tuple[Any, ...]]
    seeds: tuple[int, ...]
    success: np.ndarray  # [..., seeds, S] bool: solved at the end, by the problem's own measure
    # [..., seeds, S, K] final excess losses (of the last good position, where a run stopped); NaN: no such task
    excess: np.ndarray
    pairs: np.ndarray  # [..., seeds, S] share of coordinate pairs solved; NaN on a problem without pairs
    outcome: np.ndarray  # [..., seeds, S] int8: Outcome
    steps: np.ndarray  # [..., seeds, S] steps taken

    @property
    def rate(self) -> np.ndarray:
        """Returns the share of runs solved at each point of the grid, [...]."""
        return self.success.mean(axis=(-2, -1))

    @property
    def excess_median(self) -> np.ndarray:
        """Returns each task's median final excess loss at each point of the grid, [..., K]."""
        return np.median(self.excess, axis=(-3, -2))

    @property
    def pair_rate(self) -> np.ndarray:
        """Returns the mean share of pairs solved at each point of the grid, [...]."""
        return self.pairs.mean(axis=(-2, -1))


def sweep(
    base: ToyConfig, axes: Mapping[str, Sequence[Any]], seeds: Sequence[int] | None = None
) -> SweepResult:
    """Returns how every combination of the axes' values ends, for every seed.

    axes: names of ToyConfig fields or of parameters of the method -> values. A method on an axis keeps those of the
    base's parameters that it has; s or balance on an axis takes the place of the base's. seeds: the base's own if not
    given. Raises ValueError naming the axis, what it got and what it takes.
    """
    if not isinstance(axes, Mapping):
        raise ValueError(f"sweep: axes takes a mapping of names to values, got {axes!r}.")
    values = {name: _axis(name, axes[name]) for name in axes}
    seeds = _seeds((base.seed,) if seeds is None else seeds)
    shape = tuple(len(v) for v in values.values())
    grid = [_at(base, dict(zip(values, point, strict=True))) for point in product(*values.values())]
    ends = list(pool().map(_ends, (config for config in grid for _ in seeds), [*seeds] * len(grid)))
    starts = {len(end) for end in ends}
    if len(starts) > 1:
        raise ValueError(
            "sweep: the problems of an axis must have equally many starts; choose starts='random'."
        )
    full = (*shape, len(seeds), starts.pop())
    columns = [np.array([[row[i] for row in end] for end in ends]) for i in (0, 2, 3, 4)]
    solved, pairs, outcome, steps = columns
    return SweepResult(
        config=base, axes=MappingProxyType(values), seeds=seeds,
        success=solved.reshape(full), excess=_excess(ends).reshape(*full, -1), pairs=pairs.reshape(full),
        outcome=outcome.reshape(full).astype(np.int8), steps=steps.reshape(full),
    )  # fmt: skip


def _excess(ends: Sequence[Sequence[tuple[Any, ...]]]) -> np.ndarray:
    """Returns every end's excess losses, [runs, S, K] for the most tasks of any; NaN: no such task."""
    most = max(row[1].size for end in ends for row in end)
    padded = [
        [np.pad(row[1], (0, most - row[1].size), constant_values=np.nan) for row in end] for end in ends
    ]
    return np.array(padded)


def _axis(name: str, given: Sequence[Any]) -> tuple[Any, ...]:
    """Returns an axis' values. Raises ValueError where there are none, or for one that cannot be an axis."""
    if name in ("params", "seed", "starts", "record_every"):
        hint = (
            "use seeds for it" if name == "seed" else f"it takes {', '.join(FIELDS)} or a method's parameters"
        )
        raise ValueError(f"sweep: {name} cannot be an axis; {hint}.")
    if isinstance(given, (str, bytes)) or not np.iterable(given) or len(given) == 0:
        raise ValueError(f"sweep: axis {name} takes a sequence of at least one value, got {given!r}.")
    return tuple(value.item() if isinstance(value, np.generic) else value for value in given)


def _seeds(given: Sequence[int]) -> tuple[int, ...]:
    """Returns the seeds. Raises ValueError for none, or for one out of range."""
    if isinstance(given, (str, bytes)) or not np.iterable(given) or len(given) == 0:
        raise ValueError(f"sweep: seeds takes a sequence of at least one whole number, got {given!r}.")
    return tuple(SEED.check(seed, "sweep") for seed in given)


def _at(base: ToyConfig, point: Mapping[str, Any]) -> ToyConfig:
    """Returns the configuration of one grid point. Raises ValueError naming the axis."""
    changed = {name: value for name, value in point.items() if name in FIELDS}
    spec = method_spec(changed.get("method", base.method))
    names = {param.name for param in spec.params}
    if "s" in changed or "balance" in changed:  # two words for one thing
        changed = {"s": BALANCE.default, "balance": None} | changed
    for name in point:
        if name not in changed and name not in names:
            takes = ", ".join((*FIELDS, *sorted(names)))
            raise ValueError(
                f"sweep: axis {name!r} is no field and no parameter of {spec.key}; it takes {takes}."
            )
    params = {name: value for name, value in base.params.items() if name in names}
    params |= {name: value for name, value in point.items() if name not in changed}
    return replace(base, **changed, params=params)


def _ends(config: ToyConfig, seed: int) -> list[tuple[Any, ...]]:
    """Returns, for every start, the end of one run: solved, excess losses, share of pairs, outcome, steps."""
    config = config if config.seed == seed else replace(config, seed=seed)
    return [_end(config, plan, arrays) for plan, arrays in prepared(config, ends_only=True)]


def _end(config: ToyConfig, plan: Plan, arrays: Arrays) -> tuple[Any, ...]:
    """Runs one path on this thread and returns its end."""
    travel(arrays, 0, plan.steps)
    outcome, steps, written = arrays.ending
    at = max(int(written) - 1, 0)
    z, excess, A, b = (getattr(arrays.records, name)[at] for name in ("z", "excess", "matrices", "offsets"))
    solved = outcome == Outcome.OK and bool(succeeded(config.problem_spec, config.scales, z, excess, A, b))
    pairs = _share_of_pairs(config, views_of(z, A, b), outcome)
    return solved, excess.copy(), pairs, int(outcome), int(steps)


def _share_of_pairs(config: ToyConfig, r: np.ndarray, outcome: int) -> float:
    """Returns the share of pairs of coordinates solved at the end: 0 where the run stopped, NaN without pairs."""
    if config.problem_spec.pair_excess is None:
        return float("nan")
    return float(solved_pairs(config.problem_spec, r).mean()) if outcome == Outcome.OK else 0.0
