"""Trains ten binary tasks on one backbone: `python -m experiments.cifar10.train --method rotograd --m 64
--epochs 2`.

From top to bottom: the command, one run, the trainer with its step, its epoch and its test. Several GPUs:
`torchrun --nproc-per-node 2 -m -- experiments.cifar10.train ...`; the batch is then split over them.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from experiments import store
from experiments.cifar10 import checkpoint, data, metrics
from experiments.cifar10.augment import augmented, normalised, statistics
from experiments.cifar10.config import LabConfig
from experiments.cifar10.model import build
from experiments.cifar10.optimisers import Optimisers
from experiments.cifar10.place import Place, find_place
from mtlcore import method as method_of
from mtlcore.nn import MultiTask

_TEST_BATCH = 500


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status of one run: arguments checked first, then trained where the app sees it too."""
    from experiments.cifar10.foreground import run_here

    return run_here(argv)


def train_run(request: Mapping[str, Any], folder: Path, recorder: Any, report: Any) -> None:
    """Trains what a run folder asks for, from its last checkpoint if it has one.

    recorder: takes the numbers. report: `say` and `step`, for the status. Raises what went wrong.
    """
    config = LabConfig.restored(request["config"])
    device = (
        ("cuda:0" if torch.cuda.is_available() else "cpu")
        if request["device"] == "ray"
        else request["device"]
    )
    place = find_place(device, config.precision, config.width)
    versions = {f"lab.{name}": version for name, version in checkpoint.versions().items()}
    recorder.tag({"lab.device": place.title, "lab.command": config.command(), **versions})
    train(config, place, folder, recorder, report)


def train(config: LabConfig, place: Place, folder: Path, recorder: Any, report: Any) -> None:
    """Reads the data, then trains epoch by epoch; an epoch's numbers are in the store before its checkpoint
    is.

    Raises ValueError where the batch cannot be split over the processes.
    """
    if config.batch % place.world:
        raise ValueError(f"batch takes a multiple of the {place.world} processes, got {config.batch}.")
    images = data.load(
        config.data,
        config.train_images,
        config.test_images,
        config.data_seed,
        lambda done, total: report.step(
            0, 0, None, f"fetching CIFAR-10: {done / 1e6:.0f} of {total / 1e6:.0f} MB"
        ),
    )
    report.say(f"training on {place.title}, {place.precision}", source=images.source)
    trainer = Trainer(config, place, images)
    begun = trainer.load(folder, report)
    recorder.resume_at(trainer.steps)
    recorder.tag({store.DATA_TAG: images.source, "lab.data_digest": trainer.digest})
    for epoch in range(begun, config.epochs):
        for numbers in trainer.epoch(epoch, report):
            recorder.log(trainer.steps, numbers)
        if place.rank != 0:  # one process of several writes and tests
            continue
        turned = metrics.turned(trainer.model.last, config.tasks)
        recorder.log(trainer.steps, trainer.test() | turned | trainer.pace())
        recorder.tag({store.EPOCH_TAG: str(epoch + 1)})
        recorder.flush()
        checkpoint.save(folder, epoch + 1, trainer.state())
        report.say(f"epoch {epoch + 1} of {config.epochs}", epoch=epoch + 1, step=trainer.steps)
    if place.rank == 0:
        checkpoint.forget_all_but(folder, 1)


class Trainer:
    """Everything one run keeps while it trains; `steps` counts the steps done."""

    def __init__(self, config: LabConfig, place: Place, images: data.Images) -> None:
        self.config, self.place, self.steps = config, place, 0
        torch.manual_seed(config.seed)
        self.train = torch.from_numpy(images.train).to(place.device)
        self.test_images = torch.from_numpy(images.test).to(place.device)
        self.targets = place.targets(images.train_classes, config.tasks)
        self.test_targets = place.targets(images.test_classes, config.tasks)
        self.mean, self.spread = statistics(self.train)
        self.digest = images.digest
        backbone, heads = build(config.width, len(config.tasks), config.seed)
        self.model = MultiTask(backbone, heads, _method(config), seed=config.seed)
        self.model.to(device=place.device)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self.optimisers = Optimisers(config, self.model, place.device.type)
        self.images_per_second = 0.0

    def epoch(self, number: int, report: Any) -> Iterator[dict[str, float]]:
        """Trains one epoch; yields the numbers of the steps that are logged, `steps` being the step they
        belong to.
        """
        self.model.train()
        draws = torch.Generator().manual_seed(self.config.seed * 100_003 + number)
        order = torch.randperm(len(self.train), generator=draws)
        started, before = time.perf_counter(), self.steps
        for indices in order.split(self.config.batch):
            if len(indices) < self.config.batch:
                break
            rates = self.optimisers.rates(self.steps)
            self.backward(indices, draws)
            self.steps += 1
            if self.steps == 1 or self.steps % self.config.log_every == 0:
                yield metrics.step_metrics(self.model.last, self.model.transform, self.config.tasks, rates)
            self.optimisers.step(self.steps - 1)
            done = self.steps - before
            pace = (time.perf_counter() - started) / done
            self.images_per_second = self.config.batch / pace
            left = pace * (self.config.epochs * self.config.steps_per_epoch - self.steps)
            report.step(self.steps, number, left, f"epoch {number + 1} of {self.config.epochs}")

    def backward(self, indices: Tensor, draws: torch.Generator) -> None:
        """Leaves every parameter's gradient for the images with these numbers in its `.grad`."""
        images = self.train[indices.to(self.place.device)]
        images = augmented(images, draws) if self.config.augment else images
        share = self.place.share(len(indices))
        targets = self.targets[indices.to(self.place.device)][share]
        with self.place.autocast():
            logits = self.model(normalised(images[share], self.mean, self.spread))
        losses = [binary_cross_entropy_with_logits(x.float(), targets[:, k]) for k, x in enumerate(logits)]
        self.model.zero_grad(set_to_none=True)
        self.model.backward(losses)

    @torch.no_grad()
    def test(self) -> dict[str, float]:
        """Returns each task's F1 score and loss on the test images, and the mean F1 score."""
        self.model.eval()
        counted = metrics.Confusion(len(self.config.tasks), self.place.device)
        for images, targets in zip(
            self.test_images.split(_TEST_BATCH), self.test_targets.split(_TEST_BATCH), strict=True
        ):
            with self.place.autocast():
                logits = torch.stack(self.model(normalised(images, self.mean, self.spread)), 1).float()
            losses = binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(0)
            counted.add(logits, targets, losses)
        score, mean_losses = counted.result()
        tasks = self.config.tasks
        return (
            metrics.per_task("f1", score, tasks)
            | metrics.per_task("test_loss", mean_losses, tasks)
            | {"f1/mean": float(score.mean())}
        )

    def pace(self) -> dict[str, float]:
        """Returns images per second over the last epoch's steps and the peak memory so far, in MB."""
        return {"images_per_second": self.images_per_second, "memory_mb": self.place.peak_memory() / 1e6}

    def state(self) -> dict[str, Any]:
        """Returns everything a resumed run needs to go on as if nothing had happened."""
        return {
            "config": self.config.to_json(),
            "steps": self.steps,
            "data": self.digest,
            "versions": checkpoint.versions(),
            "model": self.model.state_dict(),
            "random": torch.get_rng_state(),
            **self.optimisers.state_dict(),
        }

    def load(self, folder: Path, report: Any) -> int:
        """Returns the epoch to begin with: 0, or the one after the newest intact checkpoint, whose state is
        taken.

        Raises ValueError where the checkpoint is of another configuration or other data.
        """
        found = checkpoint.newest(folder)
        if found is None:
            return 0
        for complaint in found.complaints:
            report.say(complaint)
        saved = found.content
        was = {"config": LabConfig.from_json(saved["config"]), "data": saved["data"]}
        for name, mine in (("config", self.config), ("data", self.digest)):
            if was[name] != mine:
                raise ValueError(
                    f"The checkpoint in {folder} was made with another {name}: launch a new run."
                )
        if saved["versions"] != checkpoint.versions():
            report.say(f"saved under {saved['versions']}, going on under {checkpoint.versions()}")
        self.model.load_state_dict(saved["model"])
        self.optimisers.load_state_dict(saved)
        torch.set_rng_state(saved["random"])
        self.steps = saved["steps"]
        epoch = self.steps // self.config.steps_per_epoch
        report.say(f"going on after epoch {epoch}", epoch=epoch, step=self.steps)
        return epoch


def _method(config: LabConfig) -> Any:
    """Returns the method for the tasks this network has: a single-task baseline's only head is its head 0."""
    return method_of("single_task", task=0) if config.method == "single_task" else config.resolved


if __name__ == "__main__":
    sys.exit(main())
