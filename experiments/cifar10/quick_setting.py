"""Does balancing matter in the Lab's quick setting? Every method against uniform, seed by seed.

    python -m experiments.cifar10.quick_setting
    python -m experiments.cifar10.quick_setting --methods mgda_ub --set width=4 --set epochs=2 --out other.jsonl

Trains each method with its defaults once a seed, on one thread and without the queue, and prints the median and the
deviation of the mean F1 over tasks, the mean difference to uniform of the same seed, in how many seeds it is better,
and the two-sided p of the exact sign-flip test on those differences, as it is and after Holm's correction for the
number of methods. Runs that --out holds are not made again, so what was stopped goes on.
"""

import argparse
import functools
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments import paths
from experiments.cifar10.config import LabConfig, lab_methods
from experiments.cifar10.parameters import FIELDS, QUICK, SIZES
from mtlcore.registry import method_spec
from mtlcore.spec import FieldError

REFERENCE = "uniform"
# The measurement that the Lab's page and docs/lab.md tell of.
KEPT = Path(__file__).with_name("quick_setting.jsonl")
SURE = 0.05
METHODS = (
    "rotograd", "rotate_only", "rotograd_scale", "imtl_g_ub", "imtl_g_rk", "aligned_mtl_ub", "uncertainty",
    "gradnorm_z", "mgda_ub", "graddrop",
)  # fmt: skip
Results = Mapping[str, Mapping[int, float]]  # mean F1 by method and seed


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 after printing the table, 2 after a sentence that says what is wrong with a value."""
    given = _arguments(argv)
    try:
        setting = {**SIZES[QUICK], **dict(map(_assignment, given.set))}
    except FieldError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    os.nice(given.nice)
    known = {(line["method"], line["seed"]) for line in read(given.out, setting)}
    for seed in range(given.seeds):
        for method in dict.fromkeys((REFERENCE, *given.methods)):
            if (method, seed) not in known:
                line = _measured(LabConfig(method, seed=seed, **setting))
                with given.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
    found = results(read(given.out, setting))
    sys.stdout.write("\n".join([*table(found, setting), "", finding(found), ""]))
    return 0


def _measured(config: LabConfig) -> dict[str, Any]:
    """Returns what one run ends with."""
    import torch

    from experiments.cifar10.mechanisms import trained

    torch.set_num_threads(1)
    started = time.perf_counter()
    trainer = trained(config)
    turned = trainer.model.last.turned if trainer.model.last else None
    return {
        "method": config.method,
        "seed": config.seed,
        "f1": trainer.test()["f1/mean"],
        "turned": None if turned is None else float(turned.max()),
        "seconds": round(time.perf_counter() - started, 1),
        "config": json.loads(config.to_json()),
    }


def read(path: Path, setting: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the runs of this setting that a file holds; none where there is no file."""
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        line
        for line in lines
        if LabConfig.restored(line["config"]) == LabConfig(line["method"], seed=line["seed"], **setting)
    ]


def results(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, float]]:
    """Returns the mean F1 by method and seed."""
    found: dict[str, dict[int, float]] = {}
    for line in lines:
        found.setdefault(line["method"], {})[line["seed"]] = line["f1"]
    return found


def table(found: Results, setting: Mapping[str, Any]) -> Iterator[str]:
    """Yields the lines of a Markdown table: every method beside the reference, over the seeds both have."""
    differences = against_reference(found)
    raw = {method: sign_flip(values) for method, values in differences.items()}
    holm = corrected(raw)
    yield ", ".join(f"{name} {value}" for name, value in setting.items())
    yield ""
    yield "| method | seeds | mean F1 | minus uniform | better in | p | p (Holm) |"
    yield "|---|---|---|---|---|---|---|"
    for method, by_seed in found.items():
        scores = np.array(list(by_seed.values()))
        spread = f" ± {scores.std(ddof=1):.3f}" if len(scores) > 1 else ""
        cells = [method_spec(method).title, str(len(scores)), f"{np.median(scores):.3f}{spread}"]
        if method in differences:
            values = differences[method]
            wins = f"{(values > 0).sum()} of {len(values)}"
            cells += [f"{values.mean():+.3f}", wins, f"{raw[method]:.3f}", f"{holm[method]:.3f}"]
        yield f"| {' | '.join(cells + [''] * (7 - len(cells)))} |"


def finding(found: Results) -> str:
    """Returns which methods differ from uniform beyond chance, in a sentence for people."""
    differences = against_reference(found)
    holm = corrected({method: sign_flip(values) for method, values in differences.items()})
    sure = [method for method in differences if holm[method] < SURE]
    better = [method_spec(method).title for method in sure if differences[method].mean() > 0]
    worse = [method_spec(method).title for method in sure if differences[method].mean() < 0]
    seeds = min((len(values) for values in differences.values()), default=0)
    return (
        f"Over {seeds} seeds {_listed(better) or 'no method'} scored better than uniform here and "
        f"{_listed(worse) or 'none'} worse; the remaining {len(differences) - len(sure)} of "
        f"{len(differences)} measured cannot be told from it (sign-flip test, p < 0.05 after Holm's correction)."
    )


@functools.cache
def kept_finding() -> str:
    """Returns the sentence for the runs that came with the project."""
    return finding(results(read(KEPT, SIZES[QUICK])))


def against_reference(found: Results) -> dict[str, np.ndarray]:
    """Returns each other method's score minus the reference's, over the seeds that both have."""
    base = found.get(REFERENCE, {})
    return {
        method: np.array([scores[seed] - base[seed] for seed in sorted(scores.keys() & base.keys())])
        for method, scores in found.items()
        if method != REFERENCE
    }


def sign_flip(differences: np.ndarray) -> float:
    """Returns the two-sided p of the exact sign-flip test: of all 2^S signs, the share whose mean is as far from 0."""
    count = len(differences)
    signs = 1 - 2 * (np.arange(2**count)[:, None] >> np.arange(count) & 1)
    return float(np.mean(np.abs(signs @ differences) >= abs(differences.sum()) * (1 - 1e-12)))


def corrected(raw: Mapping[str, float]) -> dict[str, float]:
    """Returns the p values after Holm's correction for their number."""
    found, largest = {}, 0.0
    for place, (name, value) in enumerate(sorted(raw.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, value * (len(raw) - place)))
        found[name] = largest
    return found


def _listed(titles: Sequence[str]) -> str:
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def _assignment(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    known = {param.name: param for param in FIELDS}
    if name not in known:
        raise FieldError("", "--set", text, f"FIELD=VALUE with one of {', '.join(known)}")
    return name, known[name].parse(value)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.cifar10.quick_setting", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seeds", type=int, default=10, choices=range(1, 21), metavar="1 to 20")
    offered = [method for method in lab_methods() if method not in ("single_task", REFERENCE)]
    parser.add_argument("--methods", nargs="+", choices=offered, default=METHODS, metavar="METHOD")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--out", type=Path, default=paths.written(KEPT), help="lines of JSON, one a run")
    parser.add_argument("--nice", type=int, default=0)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
