"""What moves the parameters after a backward: the network's optimiser, the transform's, and their rates."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch

from experiments.cifar10.config import LabConfig
from mtlcore.nn import MultiTask

_NAMES = {"lr": "optimizer", "lr_rot": "rotation_optimizer"}  # a rate, and what takes its steps with it


class Optimisers:
    """A run's optimisers, made when they are first needed; their rates are functions of the step alone.

    With its first optimiser torch loads its whole compiler, for two seconds; a run's first point is there before.
    """

    def __init__(self, config: LabConfig, model: MultiTask, device: str) -> None:
        self.config, self.model, self.device = config, model, device
        self.steps = config.epochs * config.steps_per_epoch
        self.transform = config.resolved.spec.transform_spec

    def share(self, step: int) -> float:
        """Returns which share of the learning rate the schedule leaves for a step, counted from 0."""
        return 0.5 * (1 + math.cos(math.pi * step / self.steps)) if self.config.schedule == "cosine" else 1.0

    def rotation_share(self, step: int) -> float:
        """Returns which share of the rotations' rate is left for a step, counted from 0.

        The network's schedule times rot_final^(step / steps) times rot_decay^step: they fall faster than it.
        """
        given = self.config.params
        schedule = self.share(step) if given["rot_schedule"] == "network" else 1.0
        decay = given[self.transform.rate_decay]
        return float(schedule * given["rot_final"] ** (step / self.steps) * decay**step)

    def rates(self, step: int) -> dict[str, float]:
        """Returns the learning rates of a step, counted from 0: lr, and lr_rot where the transform learns by one."""
        rates = {"lr": self.config.lr * self.share(step)}
        if any(True for _ in self.model.transform_parameters()):
            rate = self.config.params[self.transform.learning_rate]
            rates["lr_rot"] = rate * self.rotation_share(step)
        return rates

    @cached_property
    def parts(self) -> dict[str, torch.optim.Optimizer]:
        """Returns every optimiser by the name that it is saved under, in the order of their steps."""
        parts = {"optimizer": self._network()}
        if turning := self.model.transform_optimizer():
            parts["rotation_optimizer"] = turning[0]
        return parts

    def _network(self) -> torch.optim.Optimizer:
        given: dict[str, Any] = {
            "lr": self.config.lr,
            "weight_decay": self.config.weight_decay,
            "fused": self.device in ("cuda", "cpu"),
        }
        parameters = list(self.model.network_parameters())
        if self.config.optimizer == "adam":
            return torch.optim.AdamW(parameters, **given)
        return torch.optim.SGD(parameters, momentum=0.9, **given)

    def step(self, step: int) -> None:
        """Takes a step, counted from 0, at its rates, with the gradients that are in `.grad`."""
        for name, rate in self.rates(step).items():
            part = self.parts[_NAMES[name]]
            for group in part.param_groups:
                group["lr"] = rate
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """Returns each optimiser's state by its name."""
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Takes what `state_dict` returned."""
        for name, part in self.parts.items():
            part.load_state_dict(saved[name])
