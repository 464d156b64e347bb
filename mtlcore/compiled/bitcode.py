"""A kernel's code as LLVM bitcode that suits any machine, for a build to another one than this.

Numba has no public way to it. The few private doors that are used stand in this file alone; `closed_doors` says which
of them another numba does not have, and a test asks it.
"""

import os
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from mtlcore.compiled.sources import kernel_digest, plainly

# What the environment has to say before numba is imported: code as it is written down, not yet made for a processor.
SETTINGS = {"NUMBA_OPT": "0", "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
DOORS = (
    "overloads",  # of a kernel: what was compiled, by signature
    "library._final_module",  # of what was compiled: the code, everything it calls included
    "fndesc.llvm_func_name",  # and the name of its function there
)
WRAPPERS = ("_ZN7cpython", "cfunc.")  # how the names of functions begin that only Python or C would call
# Functions of numba's runtime that kernels call: memory for arrays, and another shape for the same numbers.
RUNTIME = (
    "NRT_MemInfo_alloc", "NRT_MemInfo_alloc_aligned", "NRT_MemInfo_call_dtor", "numba_attempt_nocopy_reshape",
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """A kernel's function: its name, and the module (llvmlite's) that holds it and all it calls."""

    symbol: str
    module: Any


def portable(kernel: Any) -> Code:
    """Returns a kernel's code. Raises RuntimeError in a process that was not started with SETTINGS."""
    wrong = {name: value for name, value in SETTINGS.items() if os.environ.get(name) != value}
    if wrong:
        raise RuntimeError(
            f"portable code needs a process with {' '.join(f'{k}={v!r}' for k, v in wrong.items())}."
        )
    module = _behind(compiled(kernel), DOORS[1]).clone()
    code = Code(_behind(compiled(kernel), DOORS[2]), module)
    for function in module.functions:
        if not function.is_declaration and function.name.startswith(WRAPPERS):
            function.linkage = "internal"  # goes with the next cleaning, and with it what only it needs
    module.get_function(code.symbol).linkage = "external"
    return code


def compiled(kernel: Any) -> Any:
    """Returns what numba made of a kernel that has one signature."""
    if hasattr(kernel, "compile_own"):
        kernel.compile_own()
    (result,) = _behind(kernel, DOORS[0]).values()
    return result


def closed_doors(kernel: Any) -> list[str]:
    """Returns which of DOORS this numba does not have, asked of a kernel that has been called."""
    results = list(getattr(kernel, DOORS[0], {}).values())
    closed = [] if results else [DOORS[0]]
    return closed + [door for result in results for door in DOORS[1:] if not _opens(result, door)]


def stamp(kernel: Any) -> str:
    """Returns what says whether a kernel's code is still the one that it was: the same on every machine and Python."""
    function = kernel.py_func
    return kernel_digest(Path(function.__code__.co_filename).resolve(), function.__name__, plainly)[:16]


def _behind(value: Any, door: str) -> Any:
    return reduce(getattr, door.split("."), value)


def _opens(value: Any, door: str) -> bool:
    try:
        _behind(value, door)
    except AttributeError:
        return False
    return True
