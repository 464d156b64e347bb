"""No kernel asks the C library for a function: its last digit would differ from machine to machine, and in the page.

A fused multiply-add is no such function: IEEE 754 rounds it once, so that wherever it is computed it has the same bits.
`llvm.fmuladd`, which a compiler may fuse or not, has not.
"""

import importlib
import math
import re
from typing import Any

import numba
import pytest

from toy_problems.kernels import kernels_by_module

# What a C library computes, by its names there, and LLVM's intrinsics that become a call of one or a fused operation.
C_LIBRARY = [
    *("exp", "exp2", "exp10", "expm1", "log", "log2", "log10", "log1p", "pow", "sqrtf", "cbrt", "hypot", "fmod"),
    *("asinh", "acosh", "atanh"),
    *("sin", "cos", "tan", "sincos", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
    *("frexp", "ldexp", "scalbn", "remainder", "erf", "erfc", "lgamma", "tgamma", "numba_frexp", "numba_ldexp"),
]  # fmt: skip
IN_NETWORKS_ONLY = {
    "mtlcore.compiled.products"
}  # sums of float32 products, fast rather than the same everywhere


def asked_for(kernel: Any) -> set[str]:
    """Returns which of the C library's functions the intermediate code of a compiled kernel declares."""
    (compiled,) = kernel.overloads.values()
    code = str(compiled.library._get_module_for_linking())
    declared = re.findall(r"^declare [^@\n]*@\"?(?:llvm\.)?([A-Za-z0-9_]+)", code, re.MULTILINE)
    return set(declared) & {*C_LIBRARY, "fmuladd"}


@pytest.mark.parametrize("module", sorted(kernels_by_module().keys() - IN_NETWORKS_ONLY))
def test_no_kernel_asks_the_c_library(module):
    found = {}
    for name, kernel in vars(importlib.import_module(module)).items():
        if hasattr(kernel, "compile_own") and not isinstance(kernel, type):
            kernel.compile_own()
            if names := asked_for(kernel):
                found[name] = names
    assert not found


def test_a_call_of_the_c_library_is_found():
    def sine_to_a_power(x):
        return math.sin(x) ** (x / 3.0)

    kernel = numba.njit(sine_to_a_power)
    kernel(0.5)
    assert asked_for(kernel) == {"sin", "pow"}
