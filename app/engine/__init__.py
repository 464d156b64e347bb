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
    """Returns whether a page can run these kernels of the table: the file has them and what runs them as they are now.

    A rule that was added or changed and not built runs on the server until somebody says `make wasm`.
    """
    known = manifest()["table"].keys()
    return _runs() and all(name in known and _is_now(name) for name in names)


@cache
def _runs() -> bool:
    from app.engine.contents import entries  # the engine itself, which nobody needs before a page is opened

    return not changed(entries())


@cache
def _is_now(name: str) -> bool:
    from app.engine.contents import named

    return not changed({name: named(name)})
