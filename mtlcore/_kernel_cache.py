"""Where compiled kernels are kept, so that a stale one can never be used.

Numba's cache looks only at the file a kernel stands in, not at the files of the kernels it calls. Here a
kernel's stamp covers its own file and every project module that file imports, directly or not: change one and
exactly the kernels that could have changed are compiled anew. The stamp also names the folder, so that two
checkouts of the same sources share their kernels and two different ones do not undo each other's.

Where no folder can be written, kernels live in memory, for this process only, and a warning says so once.
"""

import ast
import contextlib
import hashlib
import os
import pickle
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import dispatcher
from numba.core.caching import FunctionCache, UserProvidedCacheLocator
from platformdirs import user_cache_path

_PACKAGES: set[Path] = set()
_warned: list[str] = []
_DEFAULTS = (
    "UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator,IPythonCacheLocator,ZipCacheLocator"
)


def keep_kernels(package: Path) -> None:
    """Has numba keep the kernels of one package in `folder()`, under stamps that cover their imports.

    Call it in the package's __init__, before any kernel is defined. Other kernels stay where they were.
    """
    _PACKAGES.add(package.resolve())
    ours = f"{ImportsLocator.__module__}.{ImportsLocator.__qualname__}"
    settings: Any = numba.config  # whose names numba makes at run time
    others = settings.CACHE_LOCATOR_CLASSES or _DEFAULTS
    if ours not in others:
        settings.CACHE_LOCATOR_CLASSES = f"{ours},{others}"
    numbas: Any = dispatcher  # which has no setting for what happens where a write fails
    numbas.FunctionCache = KernelCache


def folder() -> Path:
    """Returns where this project's kernels are kept: NUMBA_CACHE_DIR, or a folder in the user's cache."""
    own = user_cache_path("gradient-balancing-playground") / "kernels"
    return Path(os.environ.get("NUMBA_CACHE_DIR") or own)


class ImportsLocator(UserProvidedCacheLocator):
    """Numba's locator for `folder()`, or beside the sources where that cannot be written, with a stamp that
    covers what the kernel's file imports.
    """

    def __init__(self, py_func: Any, py_file: str, home: Path) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        module = Path(py_file).resolve()
        name = ".".join(module.relative_to(_root(module)).with_suffix("").parts)
        self._cache_path = str(home / f"{name}-{stamp(module)[:16]}")

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "ImportsLocator | None":
        """Returns a locator for a kernel of this project's packages, None for any other."""
        if _PACKAGES.isdisjoint(Path(py_file).resolve().parents):
            return None
        for home in (folder(), Path(py_file).parent / "__pycache__"):
            locator = cls(py_func, py_file, home)
            with contextlib.suppress(OSError):
                locator.ensure_cache_path()
                return locator
        return cls(py_func, py_file, folder())  # what lies there may still be read; KernelCache says the rest

    def get_source_stamp(self) -> str:
        """Returns the digest that numba compares with the one a kept kernel was compiled under."""
        return stamp(Path(self._py_file).resolve())


class KernelCache(FunctionCache):
    """Numba's cache of one function, which does without the disk where the disk refuses a project's kernel."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Returns the kept kernel, None where there is none that can be read: it is compiled anew then."""
        try:
            return super().load_overload(sig, target_context)
        except OSError:
            if not self._ours():
                raise
        except (EOFError, pickle.UnpicklingError):  # torn by a crash of the machine
            if not self._ours():
                raise
            with contextlib.suppress(OSError):
                self.flush()
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keeps the kernel on the disk; warns, once a process, where that cannot be done."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            if not self._ours():
                raise
            _warn(error)

    def _ours(self) -> bool:
        return isinstance(self._impl.locator, ImportsLocator)


def _warn(reason: OSError) -> None:
    """Says once in a process that kernels are not kept, and what to do about it."""
    if not _warned:
        _warned.append(str(reason))
        warnings.warn(
            f"Compiled kernels cannot be kept in {folder()} ({reason.strerror}): every process compiles its own, "
            "which takes seconds to minutes. Set NUMBA_CACHE_DIR to a folder that can be written.",
            RuntimeWarning,
            stacklevel=2,
        )


@cache
def stamp(module: Path) -> str:
    """Returns a digest of a module's file and of every project module it imports, directly or not."""
    root = _root(module)
    seen = _reached(module, root)
    digest = hashlib.sha256()
    for path in sorted(seen):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def imported_modules(name: str, root: Path) -> set[str]:
    """Returns the project modules that one imports, directly or not, by their dotted names; root holds them all."""
    module = root.joinpath(*name.split(".")).with_suffix(".py")
    files = _reached(module, root) - {module}
    return {".".join(file.relative_to(root).with_suffix("").parts) for file in files}


def _reached(module: Path, root: Path) -> set[Path]:
    """Returns a module's file and those of every project module that it imports, directly or not."""
    seen: set[Path] = set()
    queue = [module]
    while queue:
        path = queue.pop()
        if path not in seen:
            seen.add(path)
            queue.extend(_imported(path, root))
    return seen


def _root(module: Path) -> Path:
    """Returns the folder that holds the module's top-level package."""
    folder = module.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


@cache
def _imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Returns the files of the project's modules that a file imports; no kernel stands in an __init__."""
    packages = {path.relative_to(root).parts[0], "mtlcore"}
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    files = (
        root.joinpath(*name.split(".")).with_suffix(".py") for name in names if name.split(".")[0] in packages
    )
    return tuple(file for file in files if file.is_file())
