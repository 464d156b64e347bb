"""The kernels' cache on disk: read by the next process, and never stale."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from source_tree import ROOT, compiled, name_of, sources

from mtlcore._kernel_cache import use_cache_for

# by its path: importing mtlcore would compile every rule into the fresh cache folder
INIT = f"""
import runpy
from pathlib import Path
use_cache_for = runpy.run_path({str(ROOT / "mtlcore/_kernel_cache.py")!r})["use_cache_for"]
use_cache_for(Path(__file__).parent)
"""
HELPER = """
from numba import njit
@njit("f8(f8)", cache=True)
def scaled(x):
    return {factor} * x
"""
CALLER = """
from numba import njit
from worlds._helper import scaled
@njit("f8(f8)", cache=True)
def value(x):
    return scaled(x) + {offset}
"""
SHOW = "from worlds.rule import value as v; print(v(1.0), sum(v.stats.cache_hits.values()))"


@pytest.fixture
def package(tmp_path):
    """A package of two kernels, of which one calls the other across files, cached as this project's are."""
    folder = tmp_path / "worlds"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "_helper.py").write_text(HELPER.format(factor=2))
    (folder / "rule.py").write_text(CALLER.format(offset=1))
    return folder


def in_a_new_process(package: Path) -> tuple[float, int]:
    """Returns the value that a fresh process computes and how many kernels it read from the cache for it."""
    paths = {"PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(package.parent / "kernels")}
    ran = subprocess.run(
        [sys.executable, "-c", SHOW], env={**os.environ, **paths}, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    value, hits = ran.stdout.split()
    return float(value), int(hits)


def test_the_next_process_reads_what_this_one_compiled(package):
    assert in_a_new_process(package) == (3.0, 0)
    assert in_a_new_process(package) == (3.0, 1)


def test_a_changed_helper_reaches_the_kernels_that_call_it(package):
    in_a_new_process(package)
    (package / "_helper.py").write_text(HELPER.format(factor=5))
    assert in_a_new_process(package) == (6.0, 0)


def test_a_changed_rule_is_compiled_anew(package):
    in_a_new_process(package)
    (package / "rule.py").write_text(CALLER.format(offset=7))
    assert in_a_new_process(package) == (9.0, 0)


def test_only_shared_kernels_change_the_folder(package, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(package.parent / "elsewhere"))
    before = use_cache_for(package)
    assert before.parent == package.parent / "elsewhere"
    (package / "rule.py").write_text(CALLER.format(offset=9))
    assert use_cache_for(package) == before
    (package / "_helper.py").write_text(HELPER.format(factor=9))
    assert use_cache_for(package) != before


def test_every_kernel_is_compiled_at_import_and_kept():
    """A signature and the cache option, or the first click of a visitor pays for the compilation."""
    bare = [
        f"{name_of(path)}: {kernel.name}"
        for path in sources("mtlcore", "toy_problems")
        for kernel in compiled(path)
        for decorator in map(ast.unparse, kernel.decorator_list)
        if not re.fullmatch(r"kernel\(.+\)|njit\(.+, cache=True.*\)", decorator, re.DOTALL)
    ]
    assert not bare


COUNT = """
import importlib, sys
from numba.core import event
from tools.compile_kernels import Progress
progress = Progress(0)
with event.install_listener("numba:compile", progress):
    importlib.import_module(sys.argv[1])
"""


@pytest.fixture(scope="module")
def everything_compiled():
    tool = [sys.executable, str(ROOT / "tools/compile_kernels.py")]
    subprocess.run(tool, cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("entry", ["mtlcore", "mtlcore.nn", "toy_problems", "toy_problems.reference"])
def test_nothing_is_left_to_compile_after_the_tool_has_run(entry, everything_compiled):
    """Whichever door a process comes in by, so the cache folder must not depend on the order of imports."""
    command = [sys.executable, "-c", COUNT, entry]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("", "")
