"""`njit` with a signature that is compiled, or read from the cache, when it is first used.

Numba compiles a kernel with a signature as its file is imported. A page needs one rule and one engine at a time, and a
kernel read from the cache brings its callees with it: deferring halves the time to a fresh process' first answer.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numba
from numba.core import sigutils, typeinfer
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher


class Deferred(CPUDispatcher):
    """A kernel that waits for its first use, then becomes an ordinary one with its one signature."""

    own_signature: Any  # the signature
    compiling: bool

    def compile_own(self) -> None:
        """Compiles the kernel or reads it from the cache; other threads wait meanwhile."""
        with global_compiler_lock:
            if type(self) is CPUDispatcher or self.compiling:  # done by another thread, or calling itself
                return
            self.compiling = True
            try:
                with typeinfer.register_dispatcher(self):
                    self.compile(self.own_signature)
            finally:
                self.compiling = False
            self.disable_compile()
            self.__class__ = CPUDispatcher

    def __call__(self, *args: Any) -> Any:
        """Returns what the kernel returns."""
        self.compile_own()
        return CPUDispatcher.__call__(self, *args)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Returns the kernel's type to a kernel that calls it."""
        self.compile_own()
        return CPUDispatcher.get_call_template(self, args, kws)

    def get_compile_result(self, sig: Any) -> Any:
        """Returns what numba needs to hand the kernel on as a function pointer."""
        self.compile_own()
        return CPUDispatcher.get_compile_result(self, sig)

    def get_function_type(self) -> Any:
        """Returns the kernel's type as a function pointer, known before it is compiled."""
        args, return_type = sigutils.normalize_signature(self.own_signature)
        return numba.types.FunctionType(return_type(*args))


def njit(signature: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Returns numba's njit for one signature, deferred to the first use."""

    def decorate(function: Callable[..., Any]) -> Any:
        kernel: Any = numba.njit(**options)(function)
        if isinstance(kernel, CPUDispatcher):  # a plain function where numba is switched off
            kernel.own_signature, kernel.compiling = signature, False
            kernel.__class__ = Deferred
        return kernel

    return decorate


# How the kernels of an engine are compiled: without the interpreter's lock, and dividing by 0 as IEEE 754 does.
kernel = partial(njit, cache=True, nogil=True, error_model="numpy")
