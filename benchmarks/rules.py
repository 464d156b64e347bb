"""A rule alone on a 10 x 10 Gram matrix: microseconds a call of `rule.weights`, beside torchjd's weighting.

    python -m benchmarks.rules [--tasks 10] [--repeats 5]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

import mtlcore

LIMIT = 50.0  # microseconds
FASTER = {"mgda": 20.0, "cagrad": 20.0, "nash_mtl": 20.0, "upgrad": 3.0}  # times torchjd
MATRICES = 8


def gradients(tasks: int) -> list[np.ndarray]:
    """Returns matrices of task gradients [K, 64], of different lengths and with conflict."""
    rng = np.random.default_rng(0)
    scales = np.exp(rng.normal(size=(MATRICES, tasks, 1)))
    return list(scales * (rng.normal(size=(MATRICES, tasks, 64)) + 0.5 * rng.normal(size=64)))


def ours(key: str, tasks: int) -> Callable[[], None]:
    """Returns a run of the rule over all matrices."""
    rule, losses = mtlcore.rule(key), list(np.linspace(0.5, 2.0, tasks))
    grams = [one @ one.T for one in gradients(tasks)]

    def run() -> None:
        for gram in grams:
            rule.weights(gram, losses)

    return run


def theirs(key: str, tasks: int) -> Callable[[], None] | None:
    """Returns the same work by torchjd's weighting, None where it has no such rule."""
    from torchjd import aggregation as agg

    of_gram = {
        "mgda": lambda: agg.MGDAWeighting(),
        "cagrad": lambda: agg.CAGradWeighting(c=0.5),
        "upgrad": lambda: agg.UPGradWeighting(),
        "dualproj": lambda: agg.DualProjWeighting(),
        "pcgrad": lambda: agg.PCGradWeighting(),
        "gradvac": lambda: agg.GradVacWeighting(),
        "imtl_g": lambda: agg.IMTLGWeighting(),
        "aligned_mtl": lambda: agg.AlignedMTLWeighting(),
        "fairgrad": lambda: agg.FairGradWeighting(alpha=1.0),
    }
    rows = [torch.from_numpy(one).float() for one in gradients(tasks)]
    if key == "nash_mtl":
        weighting, inputs = agg.NashMTL(n_tasks=tasks).weighting, rows
    elif key in of_gram:
        weighting, inputs = of_gram[key](), [one @ one.T for one in rows]
    else:
        return None

    def run() -> None:
        for one in inputs:
            weighting(one)

    return run


def microseconds(run: Callable[[], None], repeats: int, seconds: float = 0.2) -> float:
    """Returns the median time of one call, after one run that does not count."""
    run()
    start = time.perf_counter()
    run()
    loops = max(1, int(seconds / max(time.perf_counter() - start, 1e-7)))
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(loops):
            run()
        taken.append((time.perf_counter() - start) / (loops * MATRICES) * 1e6)
    return statistics.median(taken)


def main() -> bool:
    """Prints one line a rule; returns whether every figure is within what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)  # K x K matrices: more threads only wait for each other
    print(f"A rule alone, K = {given.tasks}: microseconds a call (asked <= {LIMIT:.0f})")
    good = True
    for key, spec in mtlcore.RULES.items():
        if spec.kind != "elementwise":
            good &= line(key, given.tasks, given.repeats)
    return good


def line(key: str, tasks: int, repeats: int) -> bool:
    """Prints one rule's line; returns whether it is within what is asked."""
    own = microseconds(ours(key, tasks), repeats)
    text, good = f"  {key:16s} {own:8.1f} us", own <= LIMIT
    other = theirs(key, tasks)
    if other is not None:
        beside = microseconds(other, min(repeats, 3))
        asked = FASTER.get(key)
        text += f"   torchjd {beside:9.1f} us, {beside / own:7.1f} x faster"
        text += "" if asked is None else f" (asked >= {asked:.0f})"
        good &= asked is None or beside / own >= asked
    print(text + ("  ok" if good else "  MISSED"))
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
