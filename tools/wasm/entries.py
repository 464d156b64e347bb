"""Kernels that are called with two lists of numbers, made from the signatures of the engine's own.

A page cannot hand over numba's arrays and named tuples. `enter_NAME(ints, floats)` takes the same as plain words: the
whole numbers and the addresses and shapes of arrays in one list, the float64 numbers in another. Which word means what
is the layout: [kind, label] for each argument, and for each field of a named tuple, in order.
"""

from dataclasses import dataclass, field
from typing import Any

import numba
from numba import carray, types
from numba.core import sigutils
from numba.extending import intrinsic

ARRAYS = {types.float64: "f8", types.int64: "i8"}  # the elements of an array, as a layout names them
SCALARS = {types.int64: "int", types.float64: "float", types.boolean: "bool"}
NAMED = (types.NamedTuple, types.NamedUniTuple)
SIGNATURE = types.void(types.CPointer(types.int64), types.CPointer(types.float64))
RESULT = "result"  # the last word of a layout, written by a kernel that returns something


def _pointer(element: Any) -> Any:
    """Returns the function, for use in kernels, that makes a pointer out of an address."""
    pointer = types.CPointer(element)

    def read(typingctx: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(pointer))

        return pointer(types.int64), generate

    return intrinsic(read)


NAMES = {"carray": carray, "at_f8": _pointer(types.float64), "at_i8": _pointer(types.int64)}


@dataclass
class Words:
    """The words of one entry as they are handed out, in order, and the Python names that its source needs."""

    layout: list[list[str]] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=lambda: dict(NAMES))
    ints: int = 0
    floats: int = 0

    def next(self, kind: str) -> str:
        """Returns the source of the next word of ints or floats, where a number of this kind stands."""
        if kind == "float":
            self.floats += 1
            return f"floats[{self.floats - 1}]"
        self.ints += 1
        return f"ints[{self.ints - 1}]"

    def read(self, what: Any, label: str) -> str:
        """Returns the source that puts an argument together. Raises TypeError for one that no words can say."""
        if isinstance(what, NAMED):
            self.names[what.instance_class.__name__] = what.instance_class
            fields = zip(what.types, what.fields, strict=True)
            inner = ",\n".join(self.read(each, f"{label}.{name}") for each, name in fields)
            return f"{what.instance_class.__name__}({inner})"
        if isinstance(what, types.Array) and what.layout == "C" and what.dtype in ARRAYS:
            kind = ARRAYS[what.dtype]
            self.layout.append([f"{kind}[{what.ndim}]", label])
            address, *shape = (self.next("int") for _ in range(1 + what.ndim))
            return f"carray(at_{kind}({address}), ({', '.join(shape)},))"
        if what in SCALARS:
            self.layout.append([SCALARS[what], label])
            word = self.next(SCALARS[what])
            return f"{word} != 0" if what == types.boolean else word
        raise TypeError(f"{label}: an entry takes numbers, arrays of them and named tuples, got {what}.")

    def written(self, what: Any) -> str:
        """Returns the source that keeps what a kernel returns: nothing, or the word after all others."""
        if what == types.void:
            return ""
        if what not in SCALARS:
            raise TypeError(f"an entry's kernel returns a number or nothing, got {what}.")
        self.layout.append([SCALARS[what], RESULT])
        return f"{self.next(SCALARS[what])} = "


def words_of(kernel: Any) -> tuple[str, Words]:
    """Returns the source of a kernel's call with words, and the words. Raises TypeError for what no words can say."""
    arguments, returned = sigutils.normalize_signature(kernel.own_signature)
    words = Words()
    names = kernel.py_func.__code__.co_varnames
    given = [words.read(what, label) for what, label in zip(arguments, names, strict=False)]
    return f"{words.written(returned)}target({', '.join(given)})", words


def layout(kernel: Any) -> list[list[str]]:
    """Returns the layout of a kernel's entry.

    kinds: "int", "bool" and "float" are one word; "f8[n]" and "i8[n]" are 1 + n words of ints, an array's address and
    its shape. A last word labelled "result" is written by the kernel.
    """
    return words_of(kernel)[1].layout


def entry(kernel: Any, name: str) -> Any:
    """Returns the entry of a kernel, itself a kernel, under this name."""
    call, words = words_of(kernel)
    scope = {**words.names, "target": kernel}
    exec(compile(f"def {name}(ints, floats):\n    {call}\n", f"<{name}>", "exec"), scope)
    return numba.njit(SIGNATURE, error_model="numpy")(scope[name])
