"""Where compiled kernels are kept, so that a stale one can never be used.

Numba's cache looks only at the file a kernel stands in, not at the kernels it calls. Helper kernels that other
files call therefore live in modules whose name starts with an underscore, and the cache folder's name carries a
digest of those modules: change one and every kernel is compiled anew; change a rule and only that rule is.
"""

import hashlib
import os
from pathlib import Path

import numba
from platformdirs import user_cache_path


def use_cache_for(*packages: Path) -> Path:
    """Points numba's cache at a folder of its own for these packages' helper kernels; returns that folder.

    NUMBA_CACHE_DIR, where set, is the parent. Call it in a package's __init__, before any kernel is defined.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for package in packages:
        for module in sorted(package.rglob("_*.py")):
            if module.name != "__init__.py":
                digest.update(module.relative_to(package.parent).as_posix().encode() + module.read_bytes())
    parent = os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("gradient-balancing-playground") / "kernels"
    folder = Path(parent) / digest.hexdigest()[:16]
    numba.config.CACHE_DIR = str(folder)
    return folder
