"""The compiled engine: seconds of whole runs, beside the same work a step by a plain torch loop.

python -m benchmarks.toys [--steps 35000] [--repeats 3]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from app.offered import offered
from benchmarks.plain_rules import PLAIN, Rule
from mtlcore.registry import METHODS
from toy_problems import PROBLEMS, ToyConfig, run, sweep

ASKED = {
    **dict.fromkeys(("uniform", "mgda", "pcgrad", "imtl_g"), 0.1),
    **dict.fromkeys(("cagrad", "nash_mtl", "aligned_mtl", "gradvac"), 0.5),
}  # seconds
TOGETHER, FASTER = 4.0, 300.0
TORCHJD = {
    "uniform": "Mean", "rlw": "Random", "mgda": "MGDA", "graddrop": "GradDrop", "pcgrad": "PCGrad",
    "gradvac": "GradVac", "cagrad": "CAGrad", "imtl_g": "IMTLG", "nash_mtl": "NashMTL",
    "aligned_mtl": "AlignedMTL", "fairgrad": "FairGrad", "upgrad": "UPGrad", "dualproj": "DualProj",
}  # fmt: skip
ARGUMENTS = {"CAGrad": {"c": 0.4}, "NashMTL": {"n_tasks": 2}, "FairGrad": {"alpha": 1.0}}
FRESH = """
import time; start = time.perf_counter()
from toy_problems import ToyConfig, run
run(ToyConfig(problem="avocado", method="rotograd", params={"lr_rot": 0.1}))
print(time.perf_counter() - start)
"""


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Returns the median time of a call, after one that does not count."""
    call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def plain_rule(key: str) -> tuple[str, Rule]:
    """Returns where the rule comes from and the rule: torchjd's, or a plain torch one where it has none."""
    from torchjd import aggregation

    if key in PLAIN:
        return "torch", PLAIN[key]()
    name = TORCHJD[key]
    aggregator = getattr(aggregation, name)(**ARGUMENTS.get(name, {}))
    return "torchjd", lambda losses, gradients: aggregator(gradients)


def plain_step_seconds(key: str, budget: float = 1.0) -> tuple[str, float]:
    """Returns the time of one optimiser step of one path by autograd, the rule and torch's Adam."""
    problem = PROBLEMS["landscape"]
    source, rule = plain_rule(key)
    theta = torch.tensor([problem.starts[0]], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=0.001)

    def step() -> None:
        losses = [problem.formula(torch, theta, task, 0.5).sum() for task in (0, 1)]
        rows = [torch.autograd.grad(loss, theta)[0].flatten() for loss in losses]
        theta.grad = rule(torch.stack(losses).detach(), torch.stack(rows)).reshape(1, 2)
        optimizer.step()

    for _ in range(5):
        step()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < budget:
        step()
        count += 1
    return source, (time.perf_counter() - start) / count


def landscape(steps: int, repeats: int) -> bool:
    """Prints five starts of every landscape method; returns whether all is within what is asked."""
    print(f"Landscape, 5 starts x {steps} Adam steps, two threads")
    total, good = 0.0, True
    for key in offered("landscape"):
        config = ToyConfig(
            problem="landscape", method=key, optimizer="adam", lr=0.001, steps=steps, starts="paper",
            record_every=max(1, steps // 500),
        )  # fmt: skip
        own = seconds(lambda config=config: run(config), repeats)
        source, beside = plain_step_seconds(METHODS[key].rule)
        ratio = beside * 5 * steps / own
        limit = ASKED.get(key, TOGETHER)
        fine = own <= limit * steps / 35_000 and ratio >= FASTER
        asked = f"(asked <= {limit:.1f})" if key in ASKED else ""
        print(f"  {key:16s} {own:7.3f} s {asked:14s} {source:7s} {ratio:8.0f} x (asked >= 300)", _word(fine))
        total, good = total + own, good and fine
    fine = total <= TOGETHER
    print(f"  {'all together':16s} {total:7.3f} s (asked <= {TOGETHER:.1f})", _word(fine))
    return good and fine


def _word(fine: bool) -> str:
    return "ok" if fine else "MISSED"


def within(name: str, taken: float, asked: float) -> bool:
    """Prints a time in milliseconds beside the asked one; returns whether it is within."""
    print(f"  {name:46s} {1e3 * taken:8.1f} ms (asked <= {1e3 * asked:.0f})", _word(taken <= asked))
    return taken <= asked


def rotation(repeats: int) -> bool:
    """Prints RotoGrad on the non-convex problem; returns whether it is within what is asked."""
    good = True
    for d, asked in ((2, 0.005), (16, 0.060)):
        config = ToyConfig(problem="nonconvex", method="rotograd", steps=400, d=d)
        good &= within(
            f"RotoGrad, non-convex, d = {d}, 400 steps", seconds(lambda c=config: run(c), 5 * repeats), asked
        )
    return good


def grid(repeats: int) -> bool:
    """Prints a sweep of 900 configurations; returns whether it is within what is asked."""
    base = ToyConfig(problem="nonconvex", method="rotograd", steps=400)
    axes = {"lr": np.geomspace(1e-4, 1e-2, 30).tolist(), "lr_rot": np.geomspace(1e-4, 1.0, 30).tolist()}
    return within(
        "sweep, 30 x 30 configurations x 400 steps", seconds(lambda: sweep(base, axes), repeats), 2.0
    )


def first_call(repeats: int) -> bool:
    """Prints the first run of a fresh process whose kernels are in the cache; returns whether it is within."""
    taken = []
    for _ in range(repeats + 1):
        told = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
        taken.append(float(told.stdout))
    return within("first call in a fresh process, imports included", statistics.median(taken[1:]), 1.5)


def main() -> bool:
    """Prints every figure; returns whether all are within what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=35_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)  # two numbers a path: more threads only wait for each other
    print(f"{os.cpu_count()} cores")
    parts = [landscape(given.steps, given.repeats)]
    print("Whole runs")
    return all([*parts, rotation(given.repeats), grid(given.repeats), first_call(given.repeats)])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
