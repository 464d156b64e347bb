"""The engine's file: the kernels as WebAssembly for the page, and the manifest of what it holds.

Both are written by `make wasm` (tools/build_wasm.py) and committed. A kernel that is not in the file, or that has been
changed since, runs on the server.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mtlcore.compiled.bitcode import stamp

FILE = Path(__file__).parent / "engine.wasm"
MANIFEST = Path(__file__).parent / "manifest.json"


@cache
def manifest() -> dict[str, Any]:
    """Returns the manifest (see tools/wasm/manifest.py)."""
    found: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return found


def changed(kernels: Mapping[str, Any]) -> list[str]:
    """Returns the names of the kernels that the file does not hold as they are now."""
    stamps = manifest()["stamps"]
    return [name for name, kernel in kernels.items() if stamps.get(name) != stamp(kernel)]


def holds(names: Iterable[str]) -> bool:
    """Returns whether the file has all kernels of these names, as rules and problems are named in the manifest."""
    return set(names) <= manifest()["table"].keys()
