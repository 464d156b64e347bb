"""What is chosen for new runs, and the configurations it makes. Knows no screen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from experiments import launch
from experiments.cifar10 import CLASSES
from experiments.cifar10.config import FIELDS, OWNER, LabConfig, method_params
from experiments.cifar10.parameters import QUICK, SIZES
from experiments.estimate import Estimate, estimate, refusal, roughly
from mtlcore.spec import FieldError, Param

PARAMS: Mapping[str, Param] = MappingProxyType({param.name: param for param in FIELDS})
MOST_SEEDS, MOST_SIZES = 100, 20
MOST_RUNS = 2000  # that are written down, whatever the server lets wait
_SEEDS = re.compile(r"\s*([0-9]{1,10})\s*(?:-\s*([0-9]{1,10})\s*)?")


@dataclass(frozen=True)
class Form:
    """Methods x seeds, and single-task networks of the first seed.

    chosen: what differs from the defaults, by key: a field's name, or `method.parameter`.
    """

    methods: tuple[str, ...] = ("uniform", "rotograd")
    seeds: str = "0-4"
    baselines: bool = True
    chosen: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType(dict(SIZES[QUICK])))

    def having(self, key: str, value: Any) -> "Form":
        """Returns this form with one thing changed."""
        if key in ("methods", "seeds", "baselines"):
            return replace(self, **{key: value})
        return replace(self, chosen=MappingProxyType({**self.chosen, key: value}))

    def sized(self, size: str) -> "Form":
        """Returns this form with the numbers of one of SIZES."""
        return replace(self, chosen=MappingProxyType({**self.chosen, **SIZES[size]}))

    @property
    def size(self) -> str | None:
        """Returns which of SIZES this is, None for a size of one's own."""
        found = (name for name, size in SIZES.items() if all(self[key] == size[key] for key in size))
        return next(found, None)

    def __getitem__(self, key: str) -> Any:
        if key in self.chosen:
            return self.chosen[key]
        if key == "device":
            return "auto"
        method, _, name = key.rpartition(".")
        param = {p.name: p for p in method_params(method)}[name] if method else PARAMS[name]
        return "all" if method and name == "m" else param.default

    def configs(self) -> tuple[LabConfig, ...]:
        """Returns the runs in the order of launch: seed by seed the methods, then the baselines.

        Raises ValueError with a sentence for what cannot be run.
        """
        seeds = seeds_of(self.seeds)
        self._check_count(len(seeds))
        shared = {name: self[name] for name in (*PARAMS, "device") if name != "seed"}
        found = []
        for seed in seeds:
            for method in self.methods:
                found += [made(method, params, seed=seed, **shared) for params in self._params(method)]
        if self.baselines:
            tasks = [{"task": k} for k in range(len(CLASSES))]
            found += [made("single_task", task, seed=seeds[0], **shared) for task in tasks]
        return tuple(found)

    def _check_count(self, seeds: int) -> None:
        """Raises ValueError where there are too many runs even to write them down."""
        each = sum(len(self._params(method)) for method in self.methods)
        wanted = seeds * each + len(CLASSES) * self.baselines
        if wanted > MOST_RUNS:
            raise ValueError(
                f"{wanted:,} runs are more than {MOST_RUNS:,}: choose fewer seeds, methods or m."
            )

    def _params(self, method: str) -> list[dict[str, Any]]:
        """Returns the method's parameters as chosen, once for each m."""
        start = f"{method}."
        params = {k.removeprefix(start): v for k, v in self.chosen.items() if k.startswith(start)}
        sizes = rotated(str(params.pop("m"))) if "m" in params else (None,)
        return [{**params, **({} if m is None else {"m": m})} for m in sizes]


def made(method: str, params: Mapping[str, Any], **shared: Any) -> LabConfig:
    """Returns a configuration. Raises FieldError, which names the method where the field is one of its own."""
    try:
        return LabConfig(method, params, **shared)
    except FieldError as error:
        raise error.renamed(error.field, "" if error.owner == OWNER else error.owner) from error


def seeds_of(text: str) -> tuple[int, ...]:
    """Returns the seeds that a text like "0, 1, 5-7" means. Raises ValueError."""
    found: dict[int, None] = {}
    for part in text.replace(";", ",").split(","):
        seed = _SEEDS.fullmatch(part)
        if seed is None:
            raise ValueError(f"Seeds: type numbers like 0, 1, 2 or a range like 0-4. Got {text!r}.")
        first, last = int(seed[1]), int(seed[2] or seed[1])
        if last < first or last - first >= MOST_SEEDS:
            raise ValueError(f"Seeds: a range goes upwards and has at most {MOST_SEEDS} seeds. Got {part!r}.")
        found |= dict.fromkeys(range(first, last + 1))
        if len(found) > MOST_SEEDS:
            raise ValueError(f"Seeds: at most {MOST_SEEDS} at once, got more than that.")
    return tuple(found)


def rotated(text: str) -> tuple[int, ...]:
    """Returns the numbers of rotated dimensions that a text like "64, 512, all" means. Raises ValueError."""
    found: dict[int, None] = {}
    for part in (part.strip().lower() for part in text.replace(";", ",").split(",")):
        if part != "all" and not (part.isascii() and part.isdecimal()):
            raise ValueError(f"m: type numbers like 64, 512, or all for every dimension. Got {text!r}.")
        if len(found) > MOST_SIZES or len(part) > 6:
            raise ValueError(f"m: at most {MOST_SIZES} numbers of up to 6 digits. Got {text!r}.")
        found[-1 if part == "all" else int(part)] = None
    return tuple(found)


def own_params(method: str) -> tuple[Param, ...]:
    """Returns the parameters of a method that the form shows apart; m is typed, for it may be several."""
    return tuple(param for param in method_params(method) if param.name != "m")


def rotates(method: str) -> bool:
    """Returns whether a method has an m to choose."""
    return any(param.name == "m" for param in method_params(method))


@dataclass(frozen=True)
class Forecast:
    """What launching would mean. reason: why it cannot be done, "" where it can."""

    runs: int
    sentence: str
    reason: str = ""


def forecast(configs: Sequence[LabConfig], devices: int) -> Forecast:
    """Returns how long the runs will take on so many devices, or why they cannot run."""
    try:
        launch.check_limits(configs)
    except ValueError as error:
        return Forecast(len(configs), "", str(error))
    alike: dict[str, list[LabConfig]] = {}
    for config in configs:
        alike.setdefault(replace(config, seed=0).to_json(), []).append(config)
    for config in (group[0] for group in alike.values()):
        if reason := refusal(config):
            return Forecast(len(configs), "", f"{config.title}: {reason}")
    costs = [(estimate(group[0]), len(group), group[0].title) for group in alike.values()]
    slowest, _, title = max(costs, key=lambda cost: cost[0].epoch_seconds)
    total = sum(cost.seconds * count for cost, count, _ in costs) / max(1, min(devices, len(configs)))
    return Forecast(len(configs), _sentence(slowest, title if len(costs) > 1 else "", len(configs), total))


def _sentence(slowest: Estimate, title: str, runs: int, total: float) -> str:
    text = slowest.sentence
    first = f"{text[0].upper()}{text[1:]}" if not title else f"{title} takes longest: {text}"
    count = "1 run" if runs == 1 else f"{runs} runs"
    need = f"Up to {slowest.memory / 1e9:.1f} GB of memory each. Times are {slowest.source}."
    return " ".join([f"{first}. **{count}, {roughly(total)}.** {need}", *slowest.notes])
