"""Runs the tests as other machines would: other instruction sets, a cold kernel cache, cores that are busy.

    python tools/suite_under_conditions.py                    every condition, the whole suite each time
    python tools/suite_under_conditions.py --only generic busy -- tests/unit tests/parity

A suite that passes here and fails elsewhere usually asks for equal last digits of what BLAS, LAPACK or libm computed,
or reads a page before it has settled. Prints a line a condition and ends with 1 where one of them failed.
"""

import argparse
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JOBS = ("-n", "2", "--dist", "loadgroup")


@dataclass(frozen=True)
class Condition:
    """How one run differs from an ordinary one."""

    name: str
    says: str
    environment: dict[str, str] = field(default_factory=dict)
    cold: bool = False  # kernels are compiled anew, into a folder of their own
    busy: int = 0  # loops that keep a core busy meanwhile


CONDITIONS = (
    Condition("aten", "torch without AVX", {"ATEN_CPU_CAPABILITY": "default"}),
    Condition("generic", "kernels for any processor, cold", {"NUMBA_CPU_NAME": "generic"}, cold=True),
    Condition("haswell", "OpenBLAS's kernels for Haswell", {"OPENBLAS_CORETYPE": "Haswell"}),
    Condition("busy-1", "two busy loops beside it", busy=2),
    Condition("busy-2", "two busy loops beside it", busy=2),
    Condition("busy-3", "two busy loops beside it", busy=2),
)


def spin() -> None:
    """Keeps a core busy until it is ended."""
    while True:
        pass


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Has `count` processes spin for as long as the block runs."""
    loops = [multiprocessing.Process(target=spin, daemon=True) for _ in range(count)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.terminate()
            loop.join()


def run(condition: Condition, arguments: list[str]) -> tuple[bool, str]:
    """Runs pytest under one condition; returns whether it passed, and its closing line."""
    with tempfile.TemporaryDirectory() as kernels, busy(condition.busy):
        environment = os.environ | condition.environment
        if condition.cold:
            environment["NUMBA_CACHE_DIR"] = kernels
        log = subprocess.Popen(
            [sys.executable, "-m", "pytest", *JOBS, *arguments], cwd=ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert log.stdout is not None
        lines = []
        for line in log.stdout:
            lines.append(line.rstrip())
            if line.startswith(("FAILED", "ERROR")):
                print(f"  {line.rstrip()}", flush=True)
        passed = log.wait() == 0
    return passed, next(
        (line for line in reversed(lines) if re.search(r"\d+ (passed|failed|error)", line)), ""
    )


def main(argv: list[str] | None = None) -> int:
    """Returns 0 where every condition passed, else 1."""
    names = list(dict.fromkeys(condition.name.partition("-")[0] for condition in CONDITIONS))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("tests", nargs="*", help="what pytest gets besides, after --")
    chosen = parser.parse_args(argv)
    failed = 0
    for condition in CONDITIONS:
        if condition.name.partition("-")[0] not in chosen.only:
            continue
        begun = time.monotonic()
        passed, closing = run(condition, chosen.tests)
        failed += not passed
        took = (time.monotonic() - begun) / 60
        print(
            f"{condition.name:8} {condition.says:34} {'green' if passed else 'RED':6} {took:5.1f} min  {closing}"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
