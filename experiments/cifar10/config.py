"""One training run's configuration: frozen, checked at birth; the form and the command line derive from it."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from experiments.cifar10 import CLASSES
from experiments.cifar10.parameters import BEFORE, FIELDS, lab_methods, method_params
from mtlcore.command_line import option_name
from mtlcore.registry import Method, method, method_spec
from mtlcore.spec import FieldError, Param

__all__ = ["FIELDS", "OWNER", "LabConfig", "lab_methods", "method_params"]

OWNER = "LabConfig"  # what its refusals say that a field belongs to
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")


@dataclass(frozen=True)
class LabConfig:
    """What one run trains. Raises FieldError, naming the field, what it got and what it takes.

    params: the method's parameters, transform's and rule's together. device: auto, cpu, mps, cuda or cuda:N.
    A `single_task` run trains a network with the head of task `params["task"]` alone.
    """

    method: str = "rotograd"
    params: Mapping[str, Any] = field(default_factory=dict)
    data: str = "synthetic"
    train_images: int = 50_000
    test_images: int = 10_000
    epochs: int = 10
    batch: int = 64
    lr: float = 1e-3
    optimizer: str = "adam"
    schedule: str = "cosine"
    weight_decay: float = 0.0
    width: int = 64
    augment: bool = True
    precision: str = "auto"
    seed: int = 0
    data_seed: int = 0
    log_every: int = 10
    device: str = "auto"

    def __post_init__(self) -> None:
        for param in FIELDS:
            object.__setattr__(self, param.name, param.check(getattr(self, param.name), OWNER))
        if not isinstance(self.device, str) or not _DEVICE.fullmatch(self.device):
            takes = "auto, cpu, mps, cuda or cuda:N"
            raise FieldError(OWNER, "device", self.device, takes, repr(self.device))
        if self.batch > self.train_images:
            raise FieldError(OWNER, "batch", self.batch, f"at most train_images = {self.train_images}")
        if self.method not in lab_methods() and "+" not in str(self.method):
            takes = f"one of {', '.join(lab_methods())}, or transform+[modifier-]rule@level"
            raise FieldError(OWNER, "method", self.method, takes, repr(self.method))
        if not isinstance(self.params, Mapping):
            takes = "a mapping from name to value"
            raise FieldError(OWNER, "params", self.params, takes, repr(self.params))
        object.__setattr__(self, "params", MappingProxyType(self._decided()))

    def _decided(self) -> dict[str, Any]:
        """Returns every parameter of the method, checked, the lab's own defaults filled in."""
        offered = {param.name: param.default for param in method_params(self.method)}
        if "window" in offered:  # losses averaged over an epoch, not over one batch
            offered["window"] = max(1, self.steps_per_epoch)
        own = {name: value for name, value in self.params.items() if name in offered and name in BEFORE}
        rest = {name: value for name, value in self.params.items() if name not in own}
        known = {name: value for name, value in offered.items() if name not in BEFORE}
        values = {**offered, **own, **method(self.method, **{**known, **rest}).params}
        free = {name: values[name] for name in offered}
        for param in method_params(self.method):  # the lab's narrower ranges
            free[param.name] = param.check(free[param.name], self.method)
        if free.get("m", -1) > self.features:
            takes = f"at most the feature's {self.features} dimensions (8 x width)"
            raise FieldError(OWNER, "m", free["m"], takes)
        method_spec(self.method).transform_spec.check_width(free, self.features, OWNER)
        return free

    @property
    def resolved(self) -> Method:
        """Returns the method with every parameter decided; DWA's window is one epoch unless it was given."""
        return _of_method(self.method, self.params)

    @property
    def features(self) -> int:
        """Returns d, the dimension of the shared feature."""
        return 8 * self.width

    @property
    def tasks(self) -> tuple[int, ...]:
        """Returns the classes that are tasks of this run: all ten, or the one of a single-task baseline."""
        return (int(self.params["task"]),) if self.method == "single_task" else tuple(range(len(CLASSES)))

    @property
    def steps_per_epoch(self) -> int:
        """Returns how many optimiser steps an epoch has."""
        return self.train_images // self.batch

    @property
    def title(self) -> str:
        """Returns what a legend calls the run, its seed left out: the method's title and what was changed of
        it.
        """
        if self.method == "single_task":
            return f"Single task: {CLASSES[self.tasks[0]]}"
        defaults = {param.name: param.default for param in method_params(self.method)}
        changed = [f"{name} {value}" for name, value in self.params.items() if value != defaults[name]]
        return " ".join([method_spec(self.method).title, *([f"({', '.join(changed)})"] if changed else [])])

    def to_json(self) -> str:
        """Returns the configuration as JSON, every field and parameter written out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | {"params": dict(self.params)}
        return json.dumps(values, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "LabConfig":
        """Returns the configuration `to_json` wrote. Raises ValueError for text that is none."""
        return cls.restored(json.loads(text))

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> "LabConfig":
        """Returns the configuration that `to_json` wrote, as plain values; what a run of version 0.1 did not
        know yet is as it was then.

        Raises ValueError for values that are none.
        """
        values = dict(values)
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"LabConfig has no field {sorted(unknown)[0]!r}.")
        if "params" in values:
            offered = {param.name for param in method_params(values.get("method", cls.method))}
            before = {name: value for name, value in BEFORE.items() if name in offered}
            values["params"] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in {**before, **values["params"]}.items()
            }
        return cls(**values)

    def arguments(self) -> list[str]:
        """Returns the command line's arguments that make this configuration again; defaults are left out."""
        words = ["--method", self.method]
        for param in method_params(self.method):
            if self.params[param.name] != param.default:
                words.append(_option(param, self.params[param.name]))
        for param in FIELDS:
            if getattr(self, param.name) != param.default:
                words.append(_option(param, getattr(self, param.name)))
        return words + (["--device", self.device] if self.device != "auto" else [])

    def command(self) -> str:
        """Returns the command, quoted for a shell, that repeats the run."""
        return shlex.join(["python", "-m", "experiments.cifar10.train", *self.arguments()])


def _of_method(key: str, params: Mapping[str, Any]) -> Method:
    """Returns the method; the lab's own parameters are not the registry's."""
    return method(key, **{name: value for name, value in params.items() if name not in BEFORE})


def _option(param: Param, value: Any) -> str:
    return f"--{option_name(param, dashes=True)}={param.format(value)}"
