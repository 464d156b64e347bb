"""What moves the parameters after a backward: the network's optimiser, the transform's, and their schedules."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import torch

from experiments.cifar10.config import LabConfig
from mtlcore.nn import MultiTask


class Optimisers:
    """A run's optimisers and schedules, made when they are first needed.

    With its first optimiser torch loads its whole compiler, for two seconds; a run's first point is there before.
    """

    def __init__(self, config: LabConfig, model: MultiTask, device: str) -> None:
        self.config, self.model, self.device = config, model, device

    def share(self, step: int) -> float:
        """Returns which share of the learning rate the schedule leaves for a step, counted from 0."""
        if self.config.schedule != "cosine":
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * step / (self.config.epochs * self.config.steps_per_epoch)))

    @cached_property
    def parts(self) -> dict[str, Any]:
        """Returns every optimiser and schedule by the name that it is saved under, in the order of their steps."""
        network = self._network()
        parts = {"optimizer": network, "schedule": torch.optim.lr_scheduler.LambdaLR(network, self.share)}
        if turning := self.model.transform_optimizer():
            parts |= {"rotation_optimizer": turning[0], "rotation_schedule": turning[1]}
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

    def step(self) -> None:
        """Takes one step with the gradients that are in `.grad`."""
        for part in self.parts.values():
            part.step()

    def rates(self, step: int) -> dict[str, float]:
        """Returns the learning rates of a step, counted from 0: lr, and lr_rot where the transform learns by one."""
        rates = {"lr": self.config.lr * self.share(step)}
        if any(True for _ in self.model.transform_parameters()):
            decay = self.model.method.transform_params.get("rot_decay", 1.0)
            rates["lr_rot"] = self.model.lr_rot * decay**step
        return rates

    def state_dict(self) -> dict[str, Any]:
        """Returns each part's state by its name."""
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Takes what `state_dict` returned."""
        for name, part in self.parts.items():
            part.load_state_dict(saved[name])
