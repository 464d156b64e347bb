"""Compiles the kernels of the toy engine to WebAssembly, for the page: `make wasm`.

Writes `engine.wasm` and `manifest.json` to app/engine, or to the folder given with --to. It takes a minute or two, and
needs requirements-wasm.txt; whoever installs the project, or adds a rule, does not: what is not in the file runs on the
server. The file is the same, byte for byte, wherever the releases that its manifest names build it on Linux x86-64.
"""

import argparse
import gzip
import os
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mtlcore.compiled import bitcode  # noqa: E402

# The order in which numba writes a kernel's code down follows from the order of its sets.
ORDER = {"PYTHONHASHSEED": "0"}


def build(folder: Path) -> tuple[int, int]:
    """Writes the file and its manifest to a folder; returns its size in bytes, as it is and compressed by gzip."""
    from app.engine import contents
    from tools.wasm import manifest
    from tools.wasm.entries import entry
    from tools.wasm.link import linked

    kernels, table = contents.entries(), contents.table()
    made = {f"enter_{name}": entry(kernel, f"enter_{name}") for name, kernel in kernels.items()}
    roots = {name: bitcode.portable(kernel) for name, kernel in made.items()}
    file = linked(roots, [bitcode.portable(kernel) for kernel in table.values()])
    told = manifest.manifest(kernels, table, file)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.wasm").write_bytes(file)
    (folder / "manifest.json").write_text(manifest.written(told), encoding="utf-8")
    return len(file), len(gzip.compress(file, 9))


def anew() -> int:
    """Runs this command in a process whose settings numba reads as it is imported; returns its exit code."""
    with (
        TemporaryDirectory() as cache
    ):  # of its own: code that comes from a cache has lost what is needed here
        settings = {**bitcode.SETTINGS, **ORDER, "NUMBA_CACHE_DIR": cache}
        os.environ.update(settings)
        return os.spawnv(os.P_WAIT, sys.executable, [sys.executable, *sys.argv])


def main() -> int:
    """Builds the file and says how large it is; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "app/engine", help="the folder to write to")
    asked = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in {**bitcode.SETTINGS, **ORDER}.items()):
        return anew()
    from numba.core.errors import NumbaWarning

    warnings.simplefilter("ignore", NumbaWarning)  # that kernels which take others by address are not kept
    size, compressed = build(asked.to)
    print(f"{asked.to / 'engine.wasm'}: {size / 1000:.0f} kB, {compressed / 1000:.0f} kB by gzip")
    return 0


if __name__ == "__main__":
    sys.exit(main())
