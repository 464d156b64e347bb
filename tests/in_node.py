"""Kernels called twice: here, and in node out of the engine's file. Arrays go in, and both leave the same bits in them."""

import json
import struct
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import types

from app import engine
from mtlcore.compiled.pointers import address
from tools.find_node import find_node
from tools.wasm import contents

RUNNER = Path(__file__).with_suffix(".mjs")
RESULTS = 24  # bytes: the last of the ints, the last of the floats, milliseconds


@cache
def numbers_in_table() -> dict[int, int]:
    """Returns where a kernel stands in the manifest's table, by its address in this process."""
    places = {name: place for name, place in engine.manifest()["table"].items()}
    return {
        address(kernel, types.FunctionType(kernel.own_signature)): places[name]
        for name, kernel in contents.table().items()
    }


def flattened(values: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, Any]]:
    """Yields every value by its label: a named tuple's fields by the tuple's label, a dot, and their names."""
    for name, value in values.items():
        if hasattr(value, "_asdict"):
            yield from flattened(value._asdict(), f"{stem}{name}.")
        else:
            yield f"{stem}{name}", value


@dataclass
class Memory:
    """What a call reads and writes, as it lies in the page's memory: arrays that share theirs go on sharing it."""

    pieces: list[bytes] = field(default_factory=list)
    bases: dict[int, tuple[int, np.ndarray]] = field(default_factory=dict)
    size: int = 0

    def place(self, array: np.ndarray) -> int:
        """Returns where an array begins."""
        base: Any = array
        while isinstance(base.base, np.ndarray):
            base = base.base
        assert base.flags.c_contiguous
        assert array.flags.c_contiguous
        if id(base) not in self.bases:
            raw = base.tobytes() + bytes(-base.nbytes % 64)
            self.bases[id(base)] = (self.size, base)
            self.pieces.append(raw)
            self.size += len(raw)
        start = self.bases[id(base)][0]
        return start + (array.ctypes.data - base.ctypes.data if array.size else 0)


class Call:
    """One call of a kernel with these values: by `run` in node, on copies, and by `differing` here, on the arrays
    themselves. A kernel's address among the values is that of the same kernel wherever it is called.
    """

    def __init__(self, entry: str, *values: Any, times: int = 1) -> None:
        self.entry, self.values, self.times = entry, values, times
        self.kernel = contents.entries()[entry]
        self.layout: list[list[str]] = engine.manifest()["exports"][f"enter_{entry}"]
        named = zip(self.kernel.py_func.__code__.co_varnames, values, strict=False)
        self.flat = dict(flattened(dict(named)))
        self.memory = Memory()
        self.ints: list[Any] = []
        self.floats: list[float] = []
        self.kernels: list[list[int]] = []  # in arrays: where, and which
        for kind, label in self.layout:
            self._give(kind, 0 if label == "result" else self.flat[label])

    def _give(self, kind: str, value: Any) -> None:
        if kind == "float":
            self.floats.append(float(value))
        elif kind in ("int", "bool"):
            known = numbers_in_table().get(int(value))
            self.ints.append(int(value) if known is None else {"kernel": known})
        else:
            assert (value.dtype.str[1:], value.ndim) == (kind[:2], int(kind[3:-1])), (kind, value.dtype, value.ndim)
            self.ints += [{"at": self.memory.place(value)}, *value.shape]
            if kind == "f8[1]" and value.size and (known := numbers_in_table().get(int(value[0]))):
                self.kernels.append([self.memory.place(value), known])

    def header(self, start: int) -> dict[str, Any]:
        """Returns what the runner reads, for a memory that begins at `start` of all calls' memories."""
        return {
            "entry": f"enter_{self.entry}", "ints": self.ints, "floats": self.floats, "times": self.times,
            "memory": [start, self.memory.size], "kernels": self.kernels,
        }  # fmt: skip

    def take(self, results: bytes, memory: bytes) -> None:
        """Reads what came back from node: the result, every array by its label, and the time it took."""
        whole, real, self.milliseconds = struct.unpack("<qdd", results)
        kind, label = self.layout[-1]
        self.result = (real if kind == "float" else whole) if label == "result" else None
        held = [(label, self.flat[label]) for kind, label in self.layout if kind[1] == "8"]
        self.arrays = {
            label: np.frombuffer(memory, array.dtype, array.size, self.memory.place(array))
            for label, array in held
        }

    def differing(self) -> list[str]:
        """Calls the kernel here; returns the labels of what is not equal to the last bit."""
        result = self.kernel(*self.values)
        addresses = {at for at, _ in self.kernels}
        mine = ((label, self.flat[label]) for label in self.arrays)
        found = [
            label
            for label, array in mine
            if array.tobytes() != self.arrays[label].tobytes() and self.memory.place(array) not in addresses
        ]
        return found + (["result"] if result != self.result else [])


def run(calls: Iterable[Call], file: Path = engine.FILE) -> None:
    """Makes all calls in one process of node; each then holds its result and its arrays."""
    calls = list(calls)
    starts = np.cumsum([0, *(call.memory.size for call in calls)]).tolist()
    told = json.dumps({"file": str(file), "calls": _headers(calls, starts)}).encode()
    memories = (piece for call in calls for piece in call.memory.pieces)
    given = b"".join([struct.pack("<I", len(told)), told, *memories])
    node = find_node()
    assert node, "install node, or requirements-dev.txt, which brings one"
    ran = subprocess.run([node, str(RUNNER)], input=given, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    at = 0
    for call in calls:
        end = at + RESULTS + call.memory.size
        call.take(ran.stdout[at : at + RESULTS], ran.stdout[at + RESULTS : end])
        at = end


def _headers(calls: Sequence[Call], starts: Sequence[int]) -> list[dict[str, Any]]:
    return [call.header(start) for call, start in zip(calls, starts, strict=False)]
