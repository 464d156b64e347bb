"""Runs that can be compared, put together from the store: one group a setting, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from experiments import store
from experiments.cifar10.config import LabConfig
from experiments.comparison import common, setting_key

SINGLE = "Single task"


@dataclass(frozen=True)
class Group:
    """Runs that differ in method, parameters and seed only. source: which data they show."""

    key: str
    source: str
    runs: tuple[store.StoredRun, ...]

    @property
    def title(self) -> str:
        """Returns what the runs have in common: the data first, then the sizes."""
        config = self.runs[0].config
        sizes = f"width {config['width']}, {config['train_images']:,} images, {config['epochs']} epochs"
        return f"{self.source}: {sizes}, batch {config['batch']}{self._rest}"

    @property
    def _rest(self) -> str:
        """Returns what else is not as usual."""
        named = ("data", "data_seed", "width", "train_images", "test_images", "epochs", "batch")
        plain = common({name: getattr(LabConfig(), name) for name in LabConfig.__dataclass_fields__})
        config = self.runs[0].config
        return "".join(
            f", {name.replace('_', ' ')} {config[name]}"
            for name, value in plain.items()
            if name not in named and config.get(name, value) != value
        )

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Returns the methods' titles in the order they were first launched, the single-task networks last."""
        found = dict.fromkeys(title_of(run) for run in self.runs)
        return (*(title for title in found if title != SINGLE), *([SINGLE] if SINGLE in found else []))

    def of(self, title: str) -> tuple[store.StoredRun, ...]:
        """Returns the runs of one title."""
        return tuple(run for run in self.runs if title_of(run) == title)


def title_of(run: store.StoredRun) -> str:
    """Returns the legend's name of a run; the ten single-task networks share one."""
    return SINGLE if run.config["method"] == "single_task" else run.title


def groups(runs: Sequence[store.StoredRun]) -> list[Group]:
    """Returns the runs by setting, the setting of the newest run first; runs that show no data yet left out."""
    found: dict[str, list[store.StoredRun]] = {}
    for run in runs:
        if {store.DATA_TAG, store.CONFIG_TAG} <= run.tags.keys():
            key = setting_key(run.config, run.tags[store.DATA_TAG])
            found.setdefault(key, []).append(run)
    made = [Group(key, some[0].tags[store.DATA_TAG], tuple(some)) for key, some in found.items()]
    return sorted(made, key=lambda group: -max(run.started for run in group.runs))
