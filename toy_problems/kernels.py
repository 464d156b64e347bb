"""Compiles every numba kernel once, with a line for each, and says in which folder they are kept:
`python -m toy_problems.kernels`.

Each kernel carries its signature and is compiled, or read from the cache folder, when it is first used: here all of
them are, on every core. A module waits for the modules whose kernels its own may call, so that none is compiled twice.
A second run finds nothing to do.
"""

import ast
import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from numba.core import event

from mtlcore.compiled import cache, sources

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("mtlcore", "toy_problems")
DECORATORS = ("njit", "kernel")  # toy_problems names njit with its options `kernel`
MOST = 8  # processes; the longest chain of modules takes an eighth of the whole


class Progress(event.Listener):
    """Prints `[3/80] mtlcore.rules.cagrad.cagrad` as numba starts on a kernel; `count` is shared by processes."""

    def __init__(self, total: int, count: Any = None) -> None:
        self.total = total
        self.count = count or multiprocessing.get_context("spawn").Value("i", 0)

    @property
    def done(self) -> int:
        """Returns how many kernels have been begun."""
        return int(self.count.value)

    def on_start(self, event: event.Event) -> None:
        """Prints the kernel that numba has begun to compile; numba's own inner functions come with theirs."""
        function = event.data["dispatcher"].py_func
        if function.__module__.startswith(PACKAGES):
            with self.count.get_lock():
                self.count.value += 1
                at = f"{self.done}/{max(self.total, self.done)}"
                self.show(f"[{at}] {function.__module__}.{function.__name__}")

    def on_end(self, event: event.Event) -> None:
        """Says nothing when a kernel is ready: the next line or the summary does."""

    def show(self, line: str) -> None:
        """Prints a line, over the one before it on a terminal."""
        terminal = sys.stdout.isatty()
        sys.stdout.write(f"\r\033[K{line}" if terminal else f"{line}\n")
        sys.stdout.flush()


def compiled_functions(source: str) -> list[ast.FunctionDef]:
    """Returns the functions of a source text that numba compiles."""
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return [f for f in functions if any(_name(d) in DECORATORS for d in f.decorator_list)]


def _name(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2]


def kernels_by_module() -> dict[str, int]:
    """Returns the modules that define compiled functions, and how many each."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    counts = {path: len(compiled_functions(path.read_text(encoding="utf-8"))) for path in paths}
    return {".".join(p.relative_to(ROOT).with_suffix("").parts): n for p, n in counts.items() if n}


def compile_each(values: Iterable[Any]) -> None:
    """Has every kernel among the values compiled or read."""
    for value in list(values):
        if hasattr(value, "compile_own") and not isinstance(value, type):
            value.compile_own()


def begin(progress_of: tuple[int, Any]) -> None:
    """Has a process print a line for each kernel that it compiles."""
    event.register("numba:compile", Progress(*progress_of))


def compile_module(name: str) -> None:
    """Has every kernel of a module compiled or read."""
    compile_each(vars(importlib.import_module(name)).values())


def compile_all(pool: Executor, needs: dict[str, set[str]]) -> None:
    """Compiles every module, each after those it needs; raises what the first failing one raised."""
    order = TopologicalSorter(needs)
    order.prepare()
    running: dict[Future[None], str] = {}
    while order.is_active():
        running |= {pool.submit(compile_module, name): name for name in order.get_ready()}
        ready, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ready:
            future.result()
            order.done(running.pop(future))


def main() -> int:
    """Goes through every module with kernels; returns 0."""
    started = time.perf_counter()
    modules = kernels_by_module()
    needs = {name: sources.imported_modules(name, ROOT) & modules.keys() for name in modules}
    context = multiprocessing.get_context("spawn")
    progress = Progress(sum(modules.values()), context.Value("i", 0))
    shared = ((progress.total, progress.count),)
    with ProcessPoolExecutor(min(MOST, os.cpu_count() or 1), context, begin, shared) as pool:
        compile_all(pool, needs)
    seconds = time.perf_counter() - started
    if progress.done:
        progress.show(f"{progress.done} kernels compiled in {seconds:.0f} s")
    else:
        progress.show(f"All {progress.total} kernels were compiled before; read in {seconds:.1f} s")
    newline = "\n" if sys.stdout.isatty() else ""
    sys.stdout.write(f"{newline}Kernels are kept in {cache.folder()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
