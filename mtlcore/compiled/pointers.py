"""A kernel handed to another kernel as the address of its machine code.

Numba takes a kernel for a function pointer by asking Python for its address at every call, which costs more than
a short run. Here the address is asked for once, and the receiving kernel makes the function pointer out of it.
"""

from functools import cache
from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from mtlcore.compiled.signatures import ELEMENTWISE, RULE

RULE_POINTER = types.FunctionType(RULE)
ELEMENTWISE_POINTER = types.FunctionType(ELEMENTWISE)

NOWHERE = 0  # the address of a kernel that will not be called


@cache
def address(kernel: Any, pointer: Any) -> int:
    """Returns where a kernel's machine code for the type `pointer` is; the kernel keeps it there."""
    compiled = kernel.get_compile_result(pointer.signature)
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def reader(pointer: Any) -> Any:
    """Returns the function, for use in kernels, that makes a function pointer of this type out of an address."""

    def read(typingctx: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            function = cgutils.create_struct_proxy(pointer)(context, builder)
            function.jit_addr = builder.inttoptr(args[0], cgutils.voidptr_t)
            function.c_addr = function.py_addr = cgutils.voidptr_t(None)
            return function._getvalue()

        return pointer(types.int64), generate

    return intrinsic(read)


rule_at = reader(RULE_POINTER)
element_at = reader(ELEMENTWISE_POINTER)
