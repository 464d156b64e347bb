"""What the page and the tests know of the file: how its kernels are called, which it holds, what it was made from."""

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from mtlcore.compiled.bitcode import stamp
from tools.wasm.entries import layout

VERSION = 1  # of the manifest's own shape
TOOLS = ("numba", "llvmlite", "ziglang")


def versions() -> dict[str, str]:
    """Returns the releases that decide the file's bytes."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: metadata.version(name) for name in TOOLS}}


def tool_stamp() -> str:
    """Returns what says whether the build has changed, or what it puts into the file."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".c", ".ll"):
            digest.update(f"{path.name}\0{path.read_text(encoding='utf-8')}\0".encode())
    return digest.hexdigest()[:16]


def manifest(entries: Mapping[str, Any], table: Mapping[str, Any], file: bytes) -> dict[str, Any]:
    """Returns the manifest of a file.

    exports: the layout of each entry's words (see `entries.layout`). table: the index, for `kernel_at`, of each kernel
    that others get by its address. stamps and tool: what the file was made from; versions: by which releases.
    """
    return {
        "version": VERSION,
        "versions": versions(),
        "digest": hashlib.sha256(file).hexdigest(),
        "tool": tool_stamp(),
        "exports": {f"enter_{name}": layout(kernel) for name, kernel in entries.items()},
        "table": {name: index for index, name in enumerate(table)},
        "stamps": {name: stamp(kernel) for name, kernel in {**entries, **table}.items()},
    }


def written(value: Mapping[str, Any]) -> str:
    """Returns the manifest's text, a line for each fact."""
    lines = []
    for name, fact in value.items():
        if isinstance(fact, dict):
            inner = ",\n".join(f"    {json.dumps(key)}: {json.dumps(each)}" for key, each in fact.items())
            lines.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(fact)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
