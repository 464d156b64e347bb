"""Does what a method learns move at the lab's defaults? One number for each method that has a state.

    python -m experiments.cifar10.mechanisms

A rule's number: how much its state changes the weights of the last step's gradients (and of the heads, where it has
weights for them), the largest difference to those of a fresh rule over the mean weight. A transform's: how far the
view that moved furthest has moved from where it began, in rad for rotations and as the spectral norm of A_k - I for
affine maps.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from experiments.cifar10 import data
from experiments.cifar10.config import LabConfig, lab_methods
from experiments.cifar10.parameters import QUICK, SIZES
from experiments.cifar10.place import Place
from experiments.cifar10.train import Trainer
from mtlcore.nn import MultiTask
from mtlcore.registry import method_spec
from mtlcore.rule_object import rule as rule_of


class Silent:
    """Takes what a trainer says of its steps."""

    def step(self, *numbers: Any) -> None:
        """Keeps nothing."""


def learning_methods() -> tuple[str, ...]:
    """Returns the lab's methods that keep something from step to step: a rule's state, or a transform."""
    specs = {key: method_spec(key) for key in lab_methods()}
    return tuple(key for key, spec in specs.items() if spec.has_transform or spec.rule_spec.state_size(2) > 0)


def trained(config: LabConfig) -> Trainer:
    """Returns the trainer of a run on this thread, after its last step; nothing is written."""
    images = data.load(config.data, config.train_images, config.test_images, config.data_seed)
    trainer = Trainer(config, Place(torch.device("cpu"), "CPU", "float32"), images)
    for epoch in range(config.epochs):
        for _ in trainer.epoch(epoch, Silent()):
            pass
    return trainer


def moved(model: MultiTask) -> dict[str, float]:
    """Returns the numbers of a trained model by mechanism: rule, and transform where it has one."""
    found = {}
    if model.rule.spec.state_size(model.tasks) > 0:
        found["rule"] = _rule_moved(model)
    turned = model.last.turned if model.last else None
    if turned is not None:
        found["transform"] = float(turned.max())
    elif model.transform.matters:
        maps = next(model.transform.parameters()).detach()
        found["transform"] = float(torch.linalg.matrix_norm(maps - torch.eye(maps.shape[-1]), 2).max())
    return found


def _rule_moved(model: MultiTask) -> float:
    """Returns how much the rule's state changes the last step's weights."""
    assert model.last is not None
    kept = model.rule.state_dict()
    losses = model.last.losses.tolist() if model.rule.spec.takes_losses(model.rule.params) else None
    fresh, same = (rule_of(model.rule.spec.key, **model.rule.params) for _ in range(2))
    same.load_state_dict(kept)
    empty = {"state": np.zeros_like(kept["state"]), "first_losses": np.zeros_like(kept["first_losses"])}
    fresh.load_state_dict({**kept, **empty})
    weights, others = (rule.weights(model.last.gram, losses) for rule in (same, fresh))
    found = [float(np.abs(weights - others).max() / np.abs(others).mean())]
    if model.rule.spec.head_state is not None:
        heads = kept["state"][model.tasks * model.rule.spec.head_state :][: model.tasks]
        found.append(float(np.abs(model.tasks * heads - 1.0).max()))
    return max(found)


def main(setting: Mapping[str, Any] = SIZES[QUICK]) -> int:
    """Prints the numbers of every such method in the quick setting."""
    torch.set_num_threads(1)
    sys.stdout.write("| method | rule | transform |\n|---|---|---|\n")
    for key in learning_methods():
        found = moved(trained(LabConfig(key, **setting)).model)
        cells = [f"{found[name]:.3g}" if name in found else "" for name in ("rule", "transform")]
        sys.stdout.write(f"| {method_spec(key).title} | {' | '.join(cells)} |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
