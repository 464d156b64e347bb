"""The engine's file called from Python, in node: arrays go in, and come back as the kernels left them."""

import json
import struct
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app import engine
from tools.find_node import find_node

RUNNER = Path(__file__).parent / "in_node.mjs"
RESULTS = 24  # bytes: the last of the ints, the last of the floats, milliseconds


@dataclass(frozen=True)
class InTable:
    """The address of a kernel, by its name in the manifest's table."""

    name: str


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


@dataclass
class Call:
    """One call of an entry: the words it is given, and its arrays, which become what the kernel leaves there.

    values: what each label of the entry's layout stands for; a named tuple stands for its fields.
    kernels: for arrays that hold a kernel's address as a number, the label, where in it, and the kernel.
    """

    entry: str
    values: Mapping[str, Any]
    kernels: Sequence[tuple[str, int, InTable]] = ()
    times: int = 1
    result: float | int | None = None
    milliseconds: float = 0.0

    def __post_init__(self) -> None:
        self.told = engine.manifest()
        self.layout = self.told["exports"][f"enter_{self.entry}"]
        self.flat = dict(flattened(self.values))
        self.memory = Memory()
        self.ints: list[Any] = []
        self.floats: list[float] = []
        for kind, label in self.layout:
            self._give(kind, 0 if label == "result" else self.flat[label])

    def _give(self, kind: str, value: Any) -> None:
        if kind == "float":
            self.floats.append(float(value))
        elif isinstance(value, InTable):
            self.ints.append({"kernel": self.told["table"][value.name]})
        elif kind in ("int", "bool"):
            self.ints.append(int(value))
        else:
            assert (value.dtype.str[1:], value.ndim) == (kind[:2], int(kind[3:-1])), (
                kind,
                value.dtype,
                value.ndim,
            )
            self.ints += [{"at": self.memory.place(value)}, *value.shape]

    def header(self, start: int) -> dict[str, Any]:
        """Returns what the runner reads, for a memory that begins at `start` of all calls' memories."""
        places = [
            [self.memory.place(self.flat[label]) + 8 * at, self.told["table"][kernel.name]]
            for label, at, kernel in self.kernels
        ]
        return {
            "entry": f"enter_{self.entry}", "ints": self.ints, "floats": self.floats, "times": self.times,
            "memory": [start, self.memory.size], "kernels": places,
        }  # fmt: skip

    def take(self, results: bytes, memory: bytes) -> None:
        """Reads what came back: the result, and every array by its label."""
        whole, real, self.milliseconds = struct.unpack("<qdd", results)
        kind, label = self.layout[-1]
        if label == "result":
            self.result = real if kind == "float" else whole
        held = [(label, self.flat[label]) for kind, label in self.layout if kind[1] == "8"]
        self.arrays = {
            label: np.frombuffer(memory, array.dtype, array.size, self.memory.place(array))
            for label, array in held
        }


def flattened(values: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, Any]]:
    """Yields every value by its label: a named tuple's fields by the tuple's label, a dot, and their names."""
    for name, value in values.items():
        if hasattr(value, "_asdict"):
            yield from flattened(value._asdict(), f"{stem}{name}.")
        else:
            yield f"{stem}{name}", value


def run(calls: Iterable[Call], file: Path = engine.FILE) -> None:
    """Makes all calls in one process of node; each then holds its result and its arrays."""
    calls = list(calls)
    starts = np.cumsum([0, *(call.memory.size for call in calls)]).tolist()
    headers = [call.header(start) for call, start in zip(calls, starts, strict=False)]
    told = json.dumps({"file": str(file), "calls": headers}).encode()
    given = b"".join(
        [struct.pack("<I", len(told)), told, *(piece for call in calls for piece in call.memory.pieces)]
    )
    node = find_node()
    assert node, "install node, or requirements-dev.txt, which brings one"
    ran = subprocess.run([node, str(RUNNER)], input=given, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    at = 0
    for call in calls:
        end = at + RESULTS + call.memory.size
        call.take(ran.stdout[at : at + RESULTS], ran.stdout[at + RESULTS : end])
        at = end
