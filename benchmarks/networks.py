"""A whole training step of a ResNet-18 with ten tasks: MultiTask beside the plain loss and torchjd.

    python -m benchmarks.networks [--rounds 5] [--device cuda] [--level features|parameters|all]

Steps that are compared run in turn in one process, so that every ratio is of neighbours in time; the median over the
rounds is printed beside what is asked. At the parameters, where a step is K backwards, half the rounds are enough;
the peak of the memory above what its code took is told by a process of its own for each case.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

import mtlcore
from benchmarks.memory import peak, resident
from benchmarks.resnet import resnet18
from mtlcore.nn import MultiTask

Step = Callable[[int], None]  # takes how many of the images it sees
RULES = ("pcgrad", "cagrad", "mgda", "aligned_mtl", "nash_mtl")


@dataclass(frozen=True)
class Setting:
    """The size of the work."""

    tasks: int = 10
    batch: int = 64
    width: int = 64
    device: str = "cpu"


def network(setting: Setting) -> tuple[nn.Module, list[nn.Module]]:
    """Returns the backbone and one linear head a task."""
    torch.manual_seed(0)
    heads: list[nn.Module] = [nn.Linear(8 * setting.width, 1) for _ in range(setting.tasks)]
    return resnet18(setting.width).to(setting.device), [head.to(setting.device) for head in heads]


def data(setting: Setting) -> tuple[Tensor, Tensor]:
    """Returns images [N, 3, 32, 32] and binary labels [N, K]."""
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(setting.batch, 3, 32, 32, generator=generator)
    labels = torch.randint(2, (setting.batch, setting.tasks), generator=generator).float()
    return images.to(setting.device), labels.to(setting.device)


def losses_of(predictions: Sequence[Tensor], labels: Tensor) -> list[Tensor]:
    """Returns each task's binary cross-entropy."""
    pairs = zip(predictions, labels.unbind(1), strict=True)
    return [functional.binary_cross_entropy_with_logits(p[:, 0], y) for p, y in pairs]


def plain_step(setting: Setting) -> Step:
    """Returns a step on the mean of the losses."""
    backbone, heads = network(setting)
    images, labels = data(setting)
    modules = nn.ModuleList([backbone, *heads])
    optimizer = torch.optim.SGD(modules.parameters(), lr=1e-3)

    def step(size: int) -> None:
        optimizer.zero_grad()
        z = backbone(images[:size])
        torch.stack(losses_of([head(z) for head in heads], labels[:size])).mean().backward()
        optimizer.step()

    return step


def our_step(setting: Setting, method: str, parametrization: str = "retraction", **params: object) -> Step:
    """Returns a step of `MultiTask`, the transform's own optimiser included."""
    backbone, heads = network(setting)
    images, labels = data(setting)
    chosen = mtlcore.method(method, **params)
    model = MultiTask(backbone, heads, chosen, parametrization=parametrization)
    optimizers = [torch.optim.SGD(model.network_parameters(), lr=1e-3)]
    own = model.transform_optimizer(lr=5e-4)
    optimizers += [own[0]] if own else []

    def step(size: int) -> None:
        for optimizer in optimizers:
            optimizer.zero_grad()
        model.backward(losses_of(model(images[:size]), labels[:size]))
        for optimizer in optimizers:
            optimizer.step()

    return step


def aggregator(rule: str, tasks: int) -> nn.Module:
    """Returns torchjd's aggregator for a rule."""
    from torchjd import aggregation

    warnings.filterwarnings("ignore", "You are solving a parameterized problem")  # at its every first solve
    made = {
        "pcgrad": lambda: aggregation.PCGrad(),
        "cagrad": lambda: aggregation.CAGrad(c=0.5),
        "mgda": lambda: aggregation.MGDA(),
        "aligned_mtl": lambda: aggregation.AlignedMTL(),
        "nash_mtl": lambda: aggregation.NashMTL(n_tasks=tasks),
    }
    return made[rule]()


def load_code(name: str, tasks: int) -> None:
    """Reads what a case's rule needs to run, by one call: machine code and imports are no working memory."""
    if name.startswith("torchjd"):
        import torchjd.autojac  # noqa: F401

        aggregator(name.removeprefix("torchjd ").partition(",")[0], tasks)(torch.eye(tasks))
    else:
        mtlcore.rule(mtlcore.METHODS[name].rule).weights(torch.eye(tasks).numpy(), [1.0] * tasks)


def torchjd_step(setting: Setting, rule: str, chunk: int | None = 1) -> Step:
    """Returns a step of torchjd's mtl_backward with the rule's aggregator."""
    from torchjd.autojac import jac_to_grad, mtl_backward

    balance = aggregator(rule, setting.tasks)
    backbone, heads = network(setting)
    images, labels = data(setting)
    modules = nn.ModuleList([backbone, *heads])
    optimizer = torch.optim.SGD(modules.parameters(), lr=1e-3)

    def step(size: int) -> None:
        optimizer.zero_grad()
        z = backbone(images[:size])
        losses = losses_of([head(z) for head in heads], labels[:size])
        mtl_backward(losses, features=z, parallel_chunk_size=chunk)
        jac_to_grad(backbone.parameters(), balance)
        optimizer.step()

    return step


def cases(setting: Setting) -> dict[str, Callable[[], Step]]:
    """Returns every step by name."""
    found: dict[str, Callable[[], Step]] = {
        "plain": lambda: plain_step(setting),
        "uniform": lambda: our_step(setting, "uniform"),
        "mgda_ub": lambda: our_step(setting, "mgda_ub"),
        "aligned_mtl_ub": lambda: our_step(setting, "aligned_mtl_ub"),
        "rotograd m=64": lambda: our_step(setting, "rotograd", m=64),
        "rotograd m=512": lambda: our_step(setting, "rotograd", m=8 * setting.width),
        "blocks of 2, m=512": lambda: our_step(
            setting, "rotation_blocks+rotograd_scale@features", m=8 * setting.width
        ),
        "rotograd m=512 expm": lambda: our_step(setting, "rotograd", "expm", m=8 * setting.width),
    }
    for rule in RULES:
        found[rule] = lambda rule=rule: our_step(setting, rule)  # type: ignore[misc]
        found[f"torchjd {rule}"] = lambda rule=rule: torchjd_step(setting, rule)  # type: ignore[misc]
    found["torchjd mgda, default chunks"] = lambda: torchjd_step(setting, "mgda", None)
    return found


# name, what it is divided by, what is asked of the ratio
FEATURES = (
    ("uniform", "plain", 1.05),
    ("mgda_ub", "plain", 1.10),
    ("aligned_mtl_ub", "plain", 1.10),
    ("rotograd m=64", "plain", 1.10),
    ("rotograd m=512", "plain", 1.35),
    ("blocks of 2, m=512", "plain", None),
    ("rotograd m=512 expm", "plain", None),
)
PARAMETERS = (*((rule, f"torchjd {rule}", 1.0) for rule in RULES),)
DEFAULT = ("torchjd mgda, default chunks", "torchjd mgda", None)
MEMORY = tuple((rule, f"torchjd {rule}", 0.8) for rule in RULES)


def timed(step: Step, setting: Setting) -> float:
    """Returns the seconds one step takes."""
    if setting.device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    step(setting.batch)
    if setting.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(names: Sequence[str], setting: Setting, rounds: int) -> dict[str, list[float]]:
    """Returns each case's seconds, round by round; one round before does not count."""
    made = cases(setting)
    steps = {name: made[name]() for name in names}
    for step in steps.values():
        step(setting.batch)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        order = list(steps.items())
        for name, step in order if number % 2 else order[::-1]:  # a machine that slows down favours neither
            taken[name].append(timed(step, setting))
    return taken


def report(rows: Sequence[tuple[str, str, float | None]], taken: dict[str, list[float]], unit: str) -> bool:
    """Prints one line a row; returns whether every ratio is within what is asked."""
    good = True
    for name, base, asked in rows:
        ratio = statistics.median(a / b for a, b in zip(taken[name], taken[base], strict=True))
        wanted = "" if asked is None else f"asked <= {asked:.2f}"
        verdict = "" if asked is None else "ok" if ratio <= asked else "MISSED"
        good &= verdict != "MISSED"
        value = statistics.median(taken[name])
        print(f"  {name:30s} {value:9.3f} {unit}  {ratio:5.2f} x {base:20s} {wanted:14s} {verdict}")
    return good


def alone(name: str, setting: Setting) -> list[float]:
    """Returns the peak memory of a step, in MB, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.networks", "--one", name, "--device", setting.device]
    command += ["--batch", str(setting.batch), "--width", str(setting.width), "--tasks", str(setting.tasks)]
    # glibc's threshold for giving memory back moves with what was freed: held still, the peak is what was in use.
    steady = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=steady).stdout
    return [float(found)]


def one(name: str, setting: Setting) -> None:
    """Prints the peak memory of a step in MB, after a step on a few images."""
    load_code(name, setting.tasks)
    before = resident()
    step = cases(setting)[name]()
    step(2 if setting.device == "cpu" else setting.batch)
    timed(step, setting)
    print(torch.cuda.max_memory_allocated() / 1e6 if setting.device == "cuda" else peak() - before)


def main() -> bool:
    """Prints the tables; returns whether every figure is within what is asked."""
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--level", choices=("features", "parameters", "all"), default="all")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    for name in ("tasks", "batch", "width"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Setting, name))
    given = parser.parse_args()
    setting = Setting(given.tasks, given.batch, given.width, given.device)
    if given.one:
        one(given.one, setting)
        return True
    size = sum(p.numel() for p in network(setting)[0].parameters()) / 1e6
    work = f"K = {setting.tasks}, {size:.1f} M parameters, batch {setting.batch}, {setting.device}"
    print(f"Whole step, {work}")
    good = True
    if given.level in ("features", "all"):
        print(" at the features, beside the plain mean loss")
        names = ["plain", *(row[0] for row in FEATURES)]
        good &= report(FEATURES, measure(names, setting, given.rounds), "s")
    if given.level in ("parameters", "all"):
        good &= parameter_level(setting, given.rounds)
    return good


def parameter_level(setting: Setting, rounds: int) -> bool:
    """Prints time and memory at the parameters, beside torchjd with parallel_chunk_size=1."""
    good = True
    beside = "beside torchjd with parallel_chunk_size=1"
    print(f" at the parameters, {beside}")
    for row in (*PARAMETERS, DEFAULT):
        good &= report([row], measure(row[:2], setting, max(2, rounds // 2)), "s")
    print(f" at the parameters, peak memory, {beside}")
    found = {name: alone(name, setting) for row in MEMORY for name in row[:2]}
    return report(MEMORY, found, "MB") and good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
