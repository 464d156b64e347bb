"""Compiles every numba kernel once, with a line for each, and says in which folder they are kept.

Each kernel carries its signature and is compiled, or read from the cache folder, when it is first used: here all of
them are, one after the other. A second run finds nothing to do.
"""

import ast
import importlib
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numba.core import event

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("mtlcore", "toy_problems")
DECORATORS = ("njit", "kernel")  # toy_problems names njit with its options `kernel`


class Progress(event.Listener):
    """Prints `[3/80] mtlcore.rules.cagrad.cagrad` as numba starts on a kernel."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def on_start(self, event: event.Event) -> None:
        """Prints the kernel that numba has begun to compile; numba's own inner functions come with theirs."""
        function = event.data["dispatcher"].py_func
        if function.__module__.startswith(PACKAGES):
            self.done += 1
            self.show(f"[{self.done}/{max(self.total, self.done)}] {function.__module__}.{function.__name__}")

    def on_end(self, event: event.Event) -> None:
        """Says nothing when a kernel is ready: the next line or the summary does."""

    def show(self, line: str) -> None:
        """Prints a line, over the one before it on a terminal."""
        terminal = sys.stdout.isatty()
        print(f"\r\033[K{line}" if terminal else line, end="" if terminal else "\n", flush=True)


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


def fulfil(values: Iterable[Any]) -> None:
    """Has every kernel among the values compiled or read."""
    for value in [value for value in values if hasattr(value, "fulfil")]:
        value.fulfil()


def main() -> int:
    """Goes through every module with kernels; returns 0."""
    sys.path.insert(0, str(ROOT))
    started = time.perf_counter()
    modules = kernels_by_module()
    progress = Progress(sum(modules.values()))
    with event.install_listener("numba:compile", progress):
        for module in modules:
            fulfil(vars(importlib.import_module(module)).values())
    seconds = time.perf_counter() - started
    if progress.done:
        progress.show(f"{progress.done} kernels compiled in {seconds:.0f} s")
    else:
        progress.show(f"All {progress.total} kernels were compiled before; read in {seconds:.1f} s")
    newline = "\n" if sys.stdout.isatty() else ""
    kept = importlib.import_module("mtlcore._kernel_cache").folder()
    print(f"{newline}Kernels are kept in {kept}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
