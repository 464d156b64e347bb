"""The kernels' cache on disk: read by the next process, and never stale."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOT, compiled, name_of, sources

INIT = """
from pathlib import Path
from mtlcore.compiled.cache import keep_kernels
keep_kernels(Path(__file__).parent)
"""
HELPER = """
from numba import njit
@njit("f8(f8)", cache=True)
def scaled(x):
    return {factor} * x
"""
CALLER = """
from numba import njit
from small._helper import scaled
@njit("f8(f8)", cache=True)
def value(x):
    return scaled(x) + {offset}
"""
SHOW = "from small.rule import value as v; print(v(1.0), sum(v.stats.cache_hits.values()))"


@pytest.fixture
def package(tmp_path):
    """A package of two kernels, of which one calls the other across files, cached as this project's are."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "_helper.py").write_text(HELPER.format(factor=2))
    (folder / "rule.py").write_text(CALLER.format(offset=1))
    return folder


def ran_anew(package: Path, **environment: str) -> tuple[float, int, str]:
    """Returns the value that a fresh process computes, how many kernels it read from the cache for it, and what
    it complained of.
    """
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    env = {
        **kept,
        "PYTHONPATH": f"{package.parent}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    ran = subprocess.run([sys.executable, "-c", SHOW], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    value, hits = ran.stdout.split()
    return float(value), int(hits), ran.stderr


def in_a_new_process(package: Path) -> tuple[float, int]:
    """Returns the value that a fresh process computes and how many kernels it read from the cache for it."""
    value, hits, complaint = ran_anew(package, NUMBA_CACHE_DIR=str(package.parent / "kernels"))
    assert complaint == ""
    return value, hits


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


def test_a_change_elsewhere_leaves_a_kept_kernel_alone(package):
    (package / "other.py").write_text("here = 1")
    in_a_new_process(package)
    (package / "other.py").write_text("here = 2")
    assert in_a_new_process(package) == (3.0, 1)


def test_a_helper_of_a_helper_reaches_the_kernel_too(package):
    (package / "_helper.py").write_text(
        HELPER.format(factor="FACTOR").replace(
            "import njit", "import njit\nfrom small import _factor\nFACTOR = _factor.FACTOR"
        )
    )
    (package / "_factor.py").write_text("FACTOR = 3.0")
    assert in_a_new_process(package) == (4.0, 0)
    (package / "_factor.py").write_text("FACTOR = 4.0")
    assert in_a_new_process(package) == (5.0, 0)


def test_other_peoples_kernels_are_kept_where_numba_keeps_them(package):
    show = "import small; from numba import config as c; print(c.CACHE_LOCATOR_CLASSES.split(',')[0], c.CACHE_DIR)"
    env = {**os.environ, "PYTHONPATH": f"{package.parent}{os.pathsep}{ROOT}"}
    env.pop("NUMBA_CACHE_DIR", None)
    ran = subprocess.run([sys.executable, "-c", show], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["mtlcore.compiled.cache.ImportsLocator"]


REWORDED = HELPER.format(factor=2).replace("\n    return", '\n    """Twice x."""  # in words\n    return')


def test_a_reworded_or_moved_helper_compiles_nothing_anew(package):
    in_a_new_process(package)
    (package / "_helper.py").write_text(f'"""More lines."""\n\nUNUSED = "help"\n{REWORDED}')
    assert in_a_new_process(package) == (3.0, 1)


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
PACKAGES = ("mtlcore", "toy_problems")
class Said(event.Listener):
    def on_start(self, event):
        function = event.data["dispatcher"].py_func
        if function.__module__.startswith(PACKAGES):
            print(function.__module__, function.__name__)
    def on_end(self, event): pass
with event.install_listener("numba:compile", Said()):
    importlib.import_module(sys.argv[1])
    from toy_problems.kernels import compile_each
    for name, module in list(sys.modules.items()):
        if name.startswith(PACKAGES):
            compile_each(vars(module).values())
"""


@pytest.fixture(scope="module")
def everything_compiled():
    tool = [sys.executable, "-m", "toy_problems.kernels"]
    subprocess.run(tool, cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("entry", ["mtlcore", "mtlcore.nn", "toy_problems", "toy_problems.reference"])
def test_nothing_is_left_to_compile_after_the_tool_has_run(entry, everything_compiled):
    """Whichever door a process comes in by, so the cache folder must not depend on the order of imports."""
    command = [sys.executable, "-c", COUNT, entry]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_a_second_checkout_of_the_same_sources_shares_the_kernels(package, tmp_path):
    in_a_new_process(package)
    copy = shutil.copytree(package, tmp_path / "elsewhere" / "small")
    kernels = shutil.copytree(package.parent / "kernels", copy.parent / "kernels")
    assert kernels.is_dir()
    assert in_a_new_process(copy) == (3.0, 1)


# Under a file no folder can be made, not even by root, whom no permission stops.
NO_HOME = {"HOME": "/dev/null/home", "XDG_CACHE_HOME": "/dev/null/cache"}


def test_where_no_folder_can_be_written_kernels_live_in_memory_and_one_warning_says_so(package):
    (package / "__pycache__").write_text("a file where the folder would be")
    for environment in (NO_HOME, {**NO_HOME, "NUMBA_CACHE_DIR": "/dev/null/kernels"}):
        value, hits, complaint = ran_anew(package, **environment)
        assert (value, hits) == (3.0, 0)
        assert complaint.count("RuntimeWarning") == 1
        assert "Set NUMBA_CACHE_DIR to a folder that can be written." in complaint


def test_with_a_home_that_cannot_be_written_kernels_are_kept_beside_the_sources_and_never_stale(package):
    assert ran_anew(package, **NO_HOME) == (3.0, 0, "")
    assert ran_anew(package, **NO_HOME) == (3.0, 1, "")
    (package / "_helper.py").write_text(HELPER.format(factor=5))
    assert ran_anew(package, **NO_HOME) == (6.0, 0, "")


def test_a_torn_file_of_the_cache_is_compiled_anew(package):
    in_a_new_process(package)
    for path in (package.parent / "kernels").rglob("*.nb[ci]"):
        path.write_bytes(path.read_bytes()[:100])
    assert in_a_new_process(package) == (3.0, 0)
    assert in_a_new_process(package) == (3.0, 1)
