"""The paper's comparison as one command: methods x seeds and single-task baselines, then a page of results.

`python -m experiments.cifar10.study --data cifar10 --seeds 0 1 2` launches every run that has not been made
yet, waits for the queue and writes `docs/results/cifar10.md`. It can be stopped and started again: finished
runs are kept. On a machine without a GPU the same command takes --width, --train-images and --epochs to a
size that fits, and --methods some of the methods.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments import launch, paths, store
from experiments.cifar10 import CLASSES
from experiments.cifar10.config import FIELDS, LabConfig
from experiments.cifar10.study_page import page
from experiments.comparison import Table
from experiments.launch.devices import devices
from experiments.launch.folder import ENDED
from mtlcore.command_line import add_options, option_name, read_options
from mtlcore.spec import FieldError

METHODS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("uniform", {}),
    ("graddrop", {}),
    ("pcgrad", {}),
    ("mgda_ub", {}),
    ("gradnorm_z", {}),
    ("imtl_g", {}),
    ("imtl_g_ub", {}),
    ("imtl_g_rk", {}),
    ("cagrad", {}),
    ("nash_mtl", {}),
    ("aligned_mtl_ub", {}),
    ("rotograd", {"m": 64}),
    ("rotograd", {}),
)
KEYS = tuple(dict.fromkeys(key for key, _ in METHODS))
NAMES = ("data", "width", "epochs", "train_images", "test_images", "batch", "lr", "augment")
SHARED = tuple(param for name in NAMES for param in FIELDS if param.name == name)
OUT = paths.written(paths.ROOT / "docs" / "results" / "cifar10.md")


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when every run has finished and the page is written, 1 where a run did not, 2 for a wrong value."""
    given = _arguments(argv)
    try:
        shared = {p.name: p.default for p in SHARED} | read_options(SHARED, vars(given))
        configs = list(study(given.methods, given.seeds, given.baseline_seeds, shared))
    except FieldError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    wanted = {config.to_json() for config in configs}
    done = {LabConfig.restored(run.config).to_json() for run in store.runs() if run.status == "FINISHED"}
    missing = [config for config in configs if config.to_json() not in done]
    if missing:
        launch.submit(missing)
    failed = _wait(wanted)
    tables = [table for table in store.tables() if _setting_of(table) == {**_setting_of(table), **shared}]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(page(tables[0], configs, failed, given.note, _command(configs)), encoding="utf-8")
    sys.stderr.write(f"\nWrote {given.out}\n")
    return 1 if failed else 0


def study(
    keys: Sequence[str], seeds: Sequence[int], baseline_seeds: Sequence[int], shared: dict[str, Any]
) -> Iterator[LabConfig]:
    """Yields every configuration: the baselines, one network a task, then the methods, seed by seed."""
    features = 8 * shared["width"]
    for seed in baseline_seeds:
        for task in range(len(CLASSES)):
            yield LabConfig("single_task", {"task": task}, seed=seed, **shared)
    for seed in seeds:
        for method, params in METHODS:
            if method in keys and params.get("m", 0) < features:  # else the same as rotating all of them
                yield LabConfig(method, params, seed=seed, **shared)


def _command(configs: Sequence[LabConfig]) -> str:
    first = configs[0]
    given = " ".join(f"--{option_name(p, dashes=True)} {p.format(getattr(first, p.name))}" for p in SHARED)
    seeds = sorted({config.seed for config in configs if config.method != "single_task"})
    baselines = sorted({config.seed for config in configs if config.method == "single_task"})
    return (
        f"python -m experiments.cifar10.study {given} --seeds {' '.join(map(str, seeds))} "
        f"--baseline-seeds {' '.join(map(str, baselines))}{_some(configs)}"
    )


def _some(configs: Sequence[LabConfig]) -> str:
    """Returns the option that asks for these methods alone, "" where they are all."""
    keys = tuple(dict.fromkeys(config.method for config in configs if config.method != "single_task"))
    return "" if set(keys) == set(KEYS) else f" --methods {' '.join(keys)}"


def _setting_of(table: Table) -> dict[str, Any]:
    return dict(table.setting)


def _wait(wanted: set[str]) -> list[str]:
    """Returns a line for every run that ended otherwise than well, once all of them have ended."""
    from tqdm import tqdm

    with tqdm(total=len(wanted), unit="run", dynamic_ncols=True) as bar:
        while True:
            mine = [run for run in launch.queue() if LabConfig.restored(run.config).to_json() in wanted]
            good = {LabConfig.restored(run.config).to_json() for run in mine if run.state == "finished"}
            bar.update(len(good) - bar.n)
            now = next((run for run in mine if run.state == "running"), None)
            bar.set_description(f"{now.title} seed {now.seed}: {now.message}" if now else "")
            if all(run.state in ENDED for run in mine):
                break
            time.sleep(1.0)  # between two looks at runs that take minutes or hours
    bad = [
        run
        for run in mine
        if run.state != "finished" and LabConfig.restored(run.config).to_json() not in good
    ]
    return [f"{run.title}, seed {run.seed}: {run.state}. {run.message}" for run in bad]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m experiments.cifar10.study",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = ", ".join(device.title for device in devices())
    add_options(parser, SHARED, dashes=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help=f"runs queue for {where}")
    parser.add_argument("--baseline-seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--note", default="", help="a paragraph for the page, under its title")
    parser.add_argument("--methods", nargs="+", choices=KEYS, default=list(KEYS))
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
