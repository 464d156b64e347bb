"""The engine's file for the page: made from the kernels as they are, small, asking nobody; the doors to its build."""

import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from types import SimpleNamespace
from typing import NamedTuple

import numba
import numpy as np
import pytest
from numba import types
from source_tree import ROOT

from app import engine
from app.engine import contents
from mtlcore.compiled import bitcode
from mtlcore.compiled.deferred import njit
from mtlcore.compiled.signatures import Floats, Matrix
from tools.wasm import entries, manifest

LARGEST = 150_000  # bytes by gzip
KERNELS = {**contents.entries(), **contents.table()}
ANEW = "The engine's file is older than this: run `make wasm`."
IMPORTS, EXPORTS = 2, 7  # sections of a WebAssembly file


def test_every_kernel_is_in_the_file_as_it_is_now():
    assert engine.changed(KERNELS) == [], ANEW
    assert set(engine.manifest()["stamps"]) == set(KERNELS), ANEW


def test_a_page_runs_what_the_file_holds_as_it_is_now_and_nothing_else(monkeypatch):
    assert engine.holds(contents.table())
    assert not engine.holds(["rule:uniform", "rule:of_tomorrow"])
    stale = {**engine.manifest()["stamps"], "rule:uniform": "of another code"}
    monkeypatch.setitem(engine.manifest(), "stamps", stale)
    engine._is_now.cache_clear()
    assert engine.holds(["rule:mgda"])
    assert not engine.holds(["rule:mgda", "rule:uniform"])
    monkeypatch.setitem(engine.manifest(), "stamps", {**stale, "run_path": "of another code"})
    engine._runs.cache_clear()
    assert not engine.holds(["rule:mgda"])


@pytest.fixture(autouse=True)
def asked_anew():
    """What is known of the file is forgotten before and after each test."""
    engine._runs.cache_clear()
    engine._is_now.cache_clear()
    yield
    engine._runs.cache_clear()
    engine._is_now.cache_clear()


def test_the_table_numbers_the_kernels_in_order():
    assert engine.manifest()["table"] == {name: i for i, name in enumerate(contents.table())}, ANEW


def test_the_build_is_what_made_the_file():
    assert engine.manifest()["tool"] == manifest.tool_stamp(), ANEW


@pytest.mark.parametrize("name", contents.entries())
def test_the_layout_is_the_signature_s(name):
    assert engine.manifest()["exports"][f"enter_{name}"] == entries.layout(KERNELS[name]), ANEW


@pytest.mark.parametrize("tool", ["numba", "llvmlite"])
def test_the_file_is_made_with_the_releases_that_are_installed(tool):
    assert engine.manifest()["versions"][tool] == metadata.version(tool), ANEW


def test_the_file_is_the_manifest_s():
    assert engine.manifest()["digest"] == hashlib.sha256(engine.FILE.read_bytes()).hexdigest(), ANEW


def test_the_file_is_small():
    assert len(gzip.compress(engine.FILE.read_bytes(), 9)) <= LARGEST


def sections(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the sections of a WebAssembly file: their number and what they hold."""
    at = 8  # after the magic number and the version
    while at < len(file):
        number, size, shift = file[at], 0, 0
        while True:
            at += 1
            size |= (file[at] & 127) << shift
            shift += 7
            if file[at] < 128:
                break
        yield number, file[at + 1 : at + 1 + size]
        at += 1 + size


def test_the_file_asks_nobody_and_names_no_place_of_the_machine_that_made_it():
    file = engine.FILE.read_bytes()
    found = dict(sections(file))
    assert IMPORTS not in found
    assert all(name.encode() in found[EXPORTS] for name in engine.manifest()["exports"])
    assert not [word for word in (b"site-packages", b".py", b"NumbaEnv") if word in file]


def test_numba_s_private_doors_are_open():
    """The first to fail with a numba that has closed one: see mtlcore/compiled/bitcode.py."""
    kernel = numba.njit(lambda x: x + 1.0)
    kernel(1.0)
    assert bitcode.closed_doors(kernel) == []


@pytest.mark.parametrize("closed", bitcode.DOORS)
def test_a_closed_door_is_named(closed):
    inside = {
        door.partition(".")[0]: SimpleNamespace(**{door.partition(".")[2]: 1}) for door in bitcode.DOORS[1:]
    }
    result = SimpleNamespace(**{name: it for name, it in inside.items() if not closed.startswith(f"{name}.")})
    kernel = SimpleNamespace() if closed == bitcode.DOORS[0] else SimpleNamespace(overloads={1: result})
    assert bitcode.closed_doors(kernel) == [closed]


@njit(types.float64(types.float64))
def half(x):
    """Returns half of x."""
    return 0.5 * x


def test_portable_code_is_refused_where_numba_makes_it_for_this_processor():
    with pytest.raises(RuntimeError, match="NUMBA_OPT='0'"):
        bitcode.portable(half)


LIBRARY = """
import math, numba
from mtlcore.compiled.bitcode import portable
from tools.wasm.link import CallsLibrary, linked
kernel = numba.njit("float64(float64, float64)")(lambda x, y: math.erf(x) ** y)
try:
    linked({}, [portable(kernel)])
except CallsLibrary as error:
    print(error)
"""


def test_a_kernel_that_calls_a_library_is_refused_by_the_names_of_what_it_calls():
    env = {**os.environ, **bitcode.SETTINGS}
    ran = subprocess.run(
        [sys.executable, "-c", LIBRARY], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.startswith("kernels may call none of these: erf, llvm.pow.f64.")


class Pair(NamedTuple):
    """Two arrays."""

    rows: np.ndarray
    numbers: np.ndarray


class Whole(NamedTuple):
    """Some of everything that a kernel may take."""

    pair: Pair
    steps: int
    rate: float


WHOLE = types.NamedTuple(
    [types.NamedTuple([Matrix, types.Array(types.int64, 1, "C")], Pair), types.int64, types.float64], Whole
)


@njit(types.boolean(types.boolean, WHOLE, Floats))
def anything(turned, whole, out):
    """Returns turned, and writes of the rest to out."""
    out[0] = whole.pair.rows[1, 0] + whole.pair.numbers[1] + whole.steps + whole.rate
    return turned


LAYOUT = [
    ["bool", "turned"], ["f8[2]", "whole.pair.rows"], ["i8[1]", "whole.pair.numbers"], ["int", "whole.steps"],
    ["float", "whole.rate"], ["f8[1]", "out"], ["bool", "result"],
]  # fmt: skip


def test_an_entry_takes_named_tuples_as_words_and_leaves_what_the_kernel_returns():
    assert entries.layout(anything) == LAYOUT
    rows, numbers, out = np.arange(4.0).reshape(2, 2), np.array([7, 20]), np.zeros(1)
    places = [1, rows.ctypes.data, 2, 2, numbers.ctypes.data, 2, 300, out.ctypes.data, 1, -1]
    ints, floats = np.array(places, dtype=np.int64), np.array([0.25])
    entered = entries.entry(anything, "enter_anything")

    @numba.njit
    def enter(ints, floats):
        entered(ints.ctypes, floats.ctypes)

    enter(ints, floats)
    assert (out[0], ints[-1]) == (2.0 + 20.0 + 300.0 + 0.25, 1)


@pytest.mark.parametrize(
    "given", [types.Array(types.float32, 1, "C"), types.Array(types.float64, 1, "A"), types.int32]
)
def test_what_no_words_can_say_is_refused_by_its_label(given):
    kernel = njit(types.void(given))(lambda x: None)
    with pytest.raises(TypeError, match="x: an entry takes"):
        entries.layout(kernel)


def test_a_kernel_that_returns_arrays_has_no_entry():
    kernel = njit(Floats(Floats))(lambda x: x)
    with pytest.raises(TypeError, match="returns a number or nothing"):
        entries.layout(kernel)
