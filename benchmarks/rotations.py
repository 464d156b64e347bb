"""What rotations cost a network's step at m = d = 512, ten tasks, batch 64: the full one beside blocks.

    python -m benchmarks.rotations [--rounds 30] [--device cuda]

One turn is all that a step asks of a transform: the K views, the gradients seen from z, its own slope, an optimiser's
step and what takes it into the rotations. The transforms take turns, so every ratio is of neighbours in time.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

import mtlcore
from mtlcore.nn.processes import Processes
from mtlcore.nn.transform import BackwardContext, Transform
from mtlcore.transforms.networks import Asked

TASKS, BATCH, WIDTH = 10, 64, 512
SIZES = (2, 8, 32, 128)


def made(key: str, device: str, **values: object) -> Transform:
    """Returns a transform's module as a network's method has it."""
    given = mtlcore.method(f"{key}+uniform@features", **values).on_networks().transform_params
    spec = mtlcore.TRANSFORMS[key]
    module: Transform = spec.network(Asked(TASKS, WIDTH, 1, given, "retraction", 0, torch.float32))
    return module.to(device)


def turn_of(transform: Transform, device: str) -> Callable[[], None]:
    """Returns what one step asks of a transform."""
    generator = torch.Generator().manual_seed(0)
    z, seen = (
        torch.randn(shape, generator=generator).to(device)
        for shape in ((BATCH, WIDTH), (TASKS, BATCH, WIDTH))
    )
    optimizer = torch.optim.SGD(transform.parameters(), lr=1e-4)

    def turn() -> None:
        transform.views(z)
        pulled = transform.pull_back(seen)
        gram: Tensor = pulled.flatten(1) @ pulled.flatten(1).T
        present = list(range(TASKS))
        context = BackwardContext(seen, pulled, z, pulled.mean(0), gram, Processes(None), present)
        for parameter, gradient in transform.learn(context):
            parameter.grad = gradient
        optimizer.step()

    return turn


def seconds(turn: Callable[[], None], device: str) -> float:
    """Returns how long one turn takes."""
    start = time.perf_counter()
    turn()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def main() -> bool:
    """Prints every transform's time; returns whether every block is cheaper than the full rotation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    given = parser.parse_args()
    turns = {"rotation, m = 512": turn_of(made("rotation", given.device), given.device)}
    for size in SIZES:
        made_of = made("rotation_blocks", given.device, block=size)
        turns[f"rotation_blocks, b = {size}"] = turn_of(made_of, given.device)
    taken: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(given.rounds + 2):
        for name, turn in turns.items():
            took = seconds(turn, given.device)
            if number >= 2:
                taken[name].append(took)
    full, *_ = taken.values()
    good = True
    print(f"Rotations in a step, K = {TASKS}, N = {BATCH}, d = {WIDTH}, {given.device}")
    for name, times in taken.items():
        ratio = statistics.median(a / b for a, b in zip(times, full, strict=True))
        good &= ratio <= 1.0
        print(f"  {name:26s} {1e3 * statistics.median(times):8.2f} ms  {ratio:5.2f} x the full rotation")
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
