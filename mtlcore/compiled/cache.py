"""Where compiled kernels are kept, so that a stale one can never be used.

Numba's cache looks only at the file a kernel stands in, not at the kernels it calls. Here a kernel's stamp covers
its own code and all code that it names (see `sources`): exactly the kernels that could have changed are compiled
anew. The stamp also names the files of a kept kernel, so that two checkouts of the same sources share their kernels
and two different ones do not undo each other's.

Where no folder can be written, kernels live in memory, for this process only, and a warning says so once.
"""

import contextlib
import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import numba
from numba.core import dispatcher
from numba.core.caching import FunctionCache, UserProvidedCacheLocator
from platformdirs import user_cache_path

from mtlcore.compiled.sources import kernel_digest, source_root

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
    """Returns where this project's kernels are kept: NUMBA_CACHE_DIR, or a folder in the user's cache; for a user who
    has no home, beside the sources.
    """
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    try:
        return user_cache_path("gradient-balancing-playground") / "kernels"
    except RuntimeError:
        return Path(__file__).parent / "__pycache__"


class ImportsLocator(UserProvidedCacheLocator):
    """Numba's locator for `folder()`, or beside the sources where that cannot be written, with a stamp that
    covers all code that the kernel names.
    """

    def __init__(self, py_func: Any, py_file: str, home: Path) -> None:
        module = Path(py_file).resolve()
        self._py_file = py_file  # what numba names where it warns that a kernel cannot be kept
        self._stamp = kernel_digest(module, py_func.__qualname__.partition(".")[0])
        self._cache_path = str(home / ".".join(module.relative_to(source_root(module)).with_suffix("").parts))

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
        return self._stamp

    def get_disambiguator(self) -> str:
        """Returns what tells apart kept kernels of one name: not the line, as in numba, but what it is made from."""
        return self._stamp[:16]


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
