"""Does balancing matter in the Lab's quick setting? Every method against uniform, seed by seed.

    python -m experiments.cifar10.quick_setting --seeds 10
    python -m experiments.cifar10.quick_setting --seeds 10 --methods uniform rotograd --set width=2 --set epochs=6

Trains each method with its defaults once a seed, one thread and no queue, and prints the median and deviation of the
mean F1 over tasks, the mean difference to uniform of the same seed, in how many seeds it is better, and the
two-sided p of the exact sign-flip test on those differences, as it is and after Holm's correction for the number of
methods. Numbers already in --out are kept, so a run that was stopped goes on.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.cifar10 import data
from experiments.cifar10.config import LabConfig, lab_methods
from experiments.cifar10.parameters import FIELDS, QUICK, SIZES
from experiments.cifar10.place import Place
from experiments.cifar10.train import Trainer

REFERENCE = "uniform"
Results = Mapping[str, Mapping[int, float]]  # mean F1 by method and seed


class _Silent:
    """Takes what a trainer says of its steps."""

    def step(self, *numbers: Any) -> None:
        """Keeps nothing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 after printing the table."""
    given = _arguments(argv)
    torch.set_num_threads(1)
    if given.nice:
        os.nice(given.nice)
    setting = {**SIZES[QUICK], **dict(given.set)}
    lines = _read(given.out)
    for seed in range(given.first, given.first + given.seeds):
        for method in dict.fromkeys((REFERENCE, *given.methods)):
            config = LabConfig(method, seed=seed, **setting)
            if config.to_json() not in {line["config"] for line in lines}:
                lines.append(_trained(config))
                if given.out:
                    with given.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(lines[-1]) + "\n")
    wanted = {LabConfig(line["method"], seed=line["seed"], **setting).to_json() for line in lines}
    found: dict[str, dict[int, float]] = {}
    for line in lines:
        if line["config"] in wanted:
            found.setdefault(line["method"], {})[line["seed"]] = line["f1"]
    sys.stdout.write("\n".join(table(found, setting)) + "\n")
    return 0


def _trained(config: LabConfig) -> dict[str, Any]:
    """Returns what one run ends with."""
    started = time.perf_counter()
    images = data.load(config.data, config.train_images, config.test_images, config.data_seed)
    trainer = Trainer(config, Place(torch.device("cpu"), "CPU", "float32"), images)
    for epoch in range(config.epochs):
        for _ in trainer.epoch(epoch, _Silent()):
            pass
    turned = trainer.model.last.turned if trainer.model.last else None
    return {
        "method": config.method,
        "seed": config.seed,
        "f1": trainer.test()["f1/mean"],
        "turned": None if turned is None else float(turned.max()),
        "seconds": time.perf_counter() - started,
        "config": config.to_json(),
    }


def table(found: Results, setting: Mapping[str, Any]) -> Iterator[str]:
    """Yields the lines of a Markdown table: every method beside the reference, over the seeds both have."""
    tests = {}
    for method, scores in found.items():
        seeds = sorted(scores.keys() & found[REFERENCE].keys())
        tests[method] = np.array([scores[seed] - found[REFERENCE][seed] for seed in seeds])
    others = [method for method in tests if method != REFERENCE]
    raw = {method: sign_flip(tests[method]) for method in others}
    holm = corrected(raw)
    yield ", ".join(f"{name} {value}" for name, value in setting.items())
    yield ""
    yield "| method | seeds | mean F1 | minus uniform | better in | p | p (Holm) |"
    yield "|---|---|---|---|---|---|---|"
    for method, differences in tests.items():
        scores = np.array(list(found[method].values()))
        cells = [method, str(len(scores)), f"{np.median(scores):.3f} ± {scores.std(ddof=1):.3f}"]
        if method in raw:
            wins = f"{(differences > 0).sum()} of {len(differences)}"
            cells += [f"{differences.mean():+.3f}", wins, f"{raw[method]:.3f}", f"{holm[method]:.3f}"]
        yield f"| {' | '.join(cells + [''] * (7 - len(cells)))} |"


def sign_flip(differences: np.ndarray) -> float:
    """Returns the two-sided p of the exact sign-flip test: of all 2^S signs, the share whose mean is as far from 0."""
    count = len(differences)
    signs = 1 - 2 * (np.arange(2**count)[:, None] >> np.arange(count) & 1)
    means = np.abs(signs @ differences)
    return float(np.mean(means >= abs(differences.sum()) * (1 - 1e-12)))


def corrected(raw: Mapping[str, float]) -> dict[str, float]:
    """Returns the p values after Holm's correction for their number."""
    found, largest = {}, 0.0
    for place, (name, value) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, value * (len(raw) - place)))
        found[name] = largest
    return found


def _read(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _assignment(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    param = {param.name: param for param in FIELDS}.get(name)
    if param is None:
        raise argparse.ArgumentTypeError(f"takes FIELD=VALUE with a field of the configuration, got {text!r}")
    return name, value if param.kind == "choice" else json.loads(value)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.cifar10.quick_setting", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seeds", type=int, default=10, help="how many, at most 20")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--methods", nargs="+", default=[m for m in lab_methods() if m != "single_task"])
    parser.add_argument("--set", type=_assignment, action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--out", type=Path, help="a file of JSON lines that keeps what was trained")
    parser.add_argument("--nice", type=int, default=0)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
