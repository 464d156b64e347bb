"""Tables like the paper's Table 1: relative task improvement over single-task networks, by method, over
seeds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.cifar10 import CLASSES
from experiments.cifar10.paper import Printed, printed
from experiments.cifar10.turned import turned
from mtlcore.metrics import relative_task_improvement, summarise
from mtlcore.registry import method_spec
from mtlcore.turning import stillness

RANKS_FROM = 5  # seeds a method; fewer show what they gave and rank nothing
KINDS = ("mean", "median", "max")
# What may differ between runs that are compared: how they were trained, not on what and for how long.
_FREE = ("method", "params", "seed", "log_every", "device")


@dataclass(frozen=True)
class Spread:
    """A number over seeds: median, and sample standard deviation (NaN for a single seed)."""

    median: float
    deviation: float


@dataclass(frozen=True)
class Row:
    """One method in one setting.

    f1, delta: [S seeds, K]; delta in percent, None while a baseline is missing. turned: [S], the task's rotation
    that turned furthest in each seed, in rad; None for a method that does not rotate. paper: what the paper
    prints of it, None where it prints nothing or there are too few seeds to stand beside it.
    """

    title: str
    config: Mapping[str, Any]
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    f1: np.ndarray
    delta: np.ndarray | None
    paper: Printed | None
    turned: np.ndarray | None = None

    @property
    def level(self) -> str:
        """Returns where the rule looks: at the parameters, the features, ..., or at losses only."""
        spec = method_spec(self.config["method"])
        if spec.rule_spec.needs_gradients or spec.transform != "none":
            return spec.level.replace("_", " ")
        return "losses only" if spec.rule_spec.needs else ""

    @property
    def stillness(self) -> str:
        """Returns in words that the rotations did nothing in any seed, "" where they turned or there are none."""
        return "" if self.turned is None else stillness(self.config["method"], self.turned.tolist())

    def improvement(self, kind: str) -> Spread | None:
        """Returns the mean, median or max over tasks of Delta_k, in percent, over the seeds."""
        if self.delta is None:
            return None
        return spread([getattr(summarise(one), kind) for one in self.delta])


@dataclass(frozen=True)
class Table:
    """Runs that differ in method and seed only. baseline: [K] F1 of single-task networks, NaN where there is
    none.

    key: the same for runs that can be compared, see `setting_key`. setting: what they have in common.
    source: which data they show. note: what is missing, "" for nothing.
    """

    key: str
    setting: Mapping[str, Any]
    source: str
    baseline: np.ndarray
    baseline_seeds: tuple[int, ...]
    rows: tuple[Row, ...]
    note: str

    @property
    def ranks(self) -> bool:
        """Returns whether any method has seeds enough for a rank, and for the paper's numbers beside it."""
        return any(len(row.seeds) >= RANKS_FROM for row in self.rows)

    @property
    def reach(self) -> str:
        """Returns what the table can show, in words; "" where every method has seeds enough."""
        fewest = min((len(row.seeds) for row in self.rows), default=0)
        if fewest >= RANKS_FROM or not self.rows:
            return ""
        beside = f"from {RANKS_FROM} seeds on a method has the paper's numbers beside it."
        if self.ranks:
            return f"Methods with fewer than {RANKS_FROM} seeds have no rank: another seed may turn it around; {beside}"
        seeds = "One seed" if fewest == 1 else f"{fewest} seeds"
        return (
            f"{seeds} cannot rank: another seed may turn the order around. The table shows what these runs gave "
            f"and where each task stands; {beside}"
        )

    def to_csv(self) -> str:
        """Returns the table as CSV with a header: a line a method with everything that the page shows of it."""
        from experiments.comparison_csv import to_csv

        return to_csv(self)


def tables(finished: Sequence[tuple[str, Mapping[str, Any], str, str, Mapping[str, float]]]) -> list[Table]:
    """Returns a table for every setting, the one with most runs first.

    finished: (run id, config, title, data source, last metrics) of finished runs. Single-task runs are the
    baseline: S_k is the median over their seeds of task k's F1.
    """
    settings: dict[str, list[Any]] = {}
    for one in finished:
        settings.setdefault(setting_key(one[1], one[3]), []).append(one)
    return sorted(
        (_table(group) for group in settings.values()),
        key=lambda table: -sum(len(r.runs) for r in table.rows),
    )


def spread(values: Sequence[float]) -> Spread:
    """Returns median and sample standard deviation."""
    array = np.asarray(values, np.float64)
    return Spread(float(np.median(array)), float(array.std(ddof=1)) if array.size > 1 else float("nan"))


def setting_key(config: Mapping[str, Any], source: str) -> str:
    """Returns a text that two runs share if they differ in nothing but method, parameters and seed."""
    return json.dumps([source, common(config)], sort_keys=True)


def common(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the part of a configuration that compared runs have in common."""
    return {key: value for key, value in config.items() if key not in _FREE}


def _table(group: Sequence[Any]) -> Table:
    singles: dict[int, dict[int, float]] = {k: {} for k in range(len(CLASSES))}
    methods: dict[str, list[Any]] = {}
    for one in group:
        _, config, _, _, last = one
        if config["method"] == "single_task":
            task = int(config["params"]["task"])
            singles[task][config["seed"]] = last[f"f1/{CLASSES[task]}"]
        else:
            methods.setdefault(json.dumps([config["method"], config["params"]], sort_keys=True), []).append(
                one
            )
    baseline = np.array([np.median(list(found.values())) if found else np.nan for found in singles.values()])
    _, config, _, source, _ = group[0]
    return Table(
        setting_key(config, source),
        common(config),
        source,
        baseline,
        tuple(sorted(set().union(*singles.values()))),
        tuple(_row(runs, baseline) for runs in methods.values()),
        _note(baseline),
    )


def _row(runs: Sequence[Any], baseline: np.ndarray) -> Row:
    by_seed = {
        config["seed"]: (run, config, title, last) for run, config, title, _, last in runs
    }  # the newest of a seed
    seeds = tuple(sorted(by_seed))
    f1 = np.array([[by_seed[seed][3][f"f1/{name}"] for name in CLASSES] for seed in seeds])
    complete = bool(np.isfinite(baseline).all() and (baseline > 0).all())
    delta = relative_task_improvement(f1, baseline) if complete else None
    _, config, title, _ = by_seed[seeds[0]]
    angles = [turned(by_seed[seed][1], by_seed[seed][3]) for seed in seeds]
    furthest = np.array([max(one) for one in angles]) if all(angles) else None
    paper = printed(config) if len(seeds) >= RANKS_FROM else None
    return Row(title, config, tuple(by_seed[s][0] for s in seeds), seeds, f1, delta, paper, furthest)


def _note(baseline: np.ndarray) -> str:
    missing = [name for name, value in zip(CLASSES, baseline, strict=True) if np.isnan(value)]
    if missing:
        names = "all ten" if len(missing) == len(CLASSES) else ", ".join(missing)
        return f"Δ_k compares with single-task networks in the same setting; missing: {names}."
    zero = [name for name, value in zip(CLASSES, baseline, strict=True) if value == 0]
    if zero:
        names = ", ".join(zero)
        return f"Δ_k is not defined where the single-task network's F1 is 0: {names}; train longer."
    return ""
