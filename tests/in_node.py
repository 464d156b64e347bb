"""Kernels called twice, here and in node by the page's own code: whatever goes in, both leave the same bits behind."""

import json
import struct
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import types

from app import engine
from app.engine import contents
from mtlcore.compiled.pointers import address
from tools.find_node import find_node

RUNNER = Path(__file__).with_suffix(".mjs")


@cache
def names_in_table() -> dict[int, str]:
    """Returns the manifest's name of a kernel by its address in this process."""
    kernels = contents.table().items()
    return {address(kernel, types.FunctionType(kernel.own_signature)): name for name, kernel in kernels}


def flattened(values: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, Any]]:
    """Yields every value by its label: a named tuple's fields by the tuple's label, a dot, and their names."""
    for name, value in values.items():
        if hasattr(value, "_asdict"):
            yield from flattened(value._asdict(), f"{stem}{name}.")
        else:
            yield f"{stem}{name}", value


class Call:
    """One call of a kernel with these values: by `run` in node, on copies, and by `differing` here, on the arrays
    themselves. A kernel's address among the values is that of the same kernel wherever it is called.
    """

    def __init__(self, entry: str, *values: Any, times: int = 1) -> None:
        self.entry, self.given, self.times = entry, values, times
        self.kernel = contents.entries()[entry]
        names = self.kernel.py_func.__code__.co_varnames
        self.flat = dict(flattened(dict(zip(names, values, strict=False))))
        self.returns = engine.manifest()["exports"][f"enter_{entry}"][-1][1] == "result"

    def told(self, start: int) -> tuple[dict[str, Any], bytes]:
        """Returns what the runner reads of this call, and its arrays, which begin at `start` of all calls' arrays."""
        values, pieces = {}, []
        for label, value in self.flat.items():
            if isinstance(value, np.ndarray):
                addresses = [
                    [0, name] for x in value[:1] if value.ndim == 1 and (name := names_in_table().get(x))
                ]
                kind = value.dtype.str[1:]
                values[label] = {"array": kind, "from": start, "shape": value.shape, "kernels": addresses}
                pieces.append(value.tobytes())
                start += value.nbytes
            else:
                name = names_in_table().get(value)
                values[label] = {"kernel": name} if name else value
        return {"entry": self.entry, "values": values, "times": self.times}, b"".join(pieces)

    def take(self, told: Mapping[str, Any], arrays: bytes) -> int:
        """Reads what came back from node: result, time and every array; returns how many bytes the arrays were."""
        self.result, self.milliseconds, self.arrays, at = told["result"], told["milliseconds"], {}, 0
        for label, mine in self.flat.items():
            if isinstance(mine, np.ndarray):
                self.arrays[label] = arrays[at : at + mine.nbytes]
                at += mine.nbytes
        return at

    def differing(self) -> list[str]:
        """Calls the kernel here; returns the labels of what is not equal to the last bit."""
        result = self.kernel(*self.given)
        found = [
            label for label, array in self.arrays.items()
            if array != self.flat[label].tobytes() and not label.endswith("rule_hp")  # which may begin with an address
        ]  # fmt: skip
        return found + (["result"] if self.returns and result != self.result else [])


def run(calls: Iterable[Call], file: Path = engine.FILE, manifest: Path = engine.MANIFEST) -> None:
    """Makes all calls in one process of node; each then holds its result and its arrays."""
    calls, told, arrays = list(calls), [], b""
    for call in calls:
        header, pieces = call.told(len(arrays))
        told.append(header)
        arrays += pieces
    head = json.dumps({"file": str(file), "manifest": str(manifest), "calls": told}).encode()
    head += b" " * (-len(head) % 8)
    node = find_node()
    assert node, "install node, or requirements-dev.txt, which brings one"
    given = struct.pack("<I", len(head)) + head + arrays
    ran = subprocess.run([node, str(RUNNER)], input=given, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    at = 4 + struct.unpack_from("<I", ran.stdout)[0]
    for call, result in zip(calls, json.loads(ran.stdout[4:at]), strict=True):
        at += call.take(result, ran.stdout[at:])
