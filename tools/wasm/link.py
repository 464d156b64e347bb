"""Kernels' portable code made into one WebAssembly file that imports nothing.

LLVM's own compiler for wasm32 comes with llvmlite, the linker with the package `ziglang`. The file has no C library: a
kernel that calls one is refused by name, because its last digits would differ from one machine to the next.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import llvmlite.binding as llvm

from mtlcore.compiled.bitcode import RUNTIME, Code

FOLDER = Path(__file__).parent
TRIPLE = "wasm32-unknown-unknown"
# What every browser of the last years has.
FEATURES = "+bulk-memory,+bulk-memory-opt,+sign-ext,+mutable-globals,+nontrapping-fptoint,+simd128"
EFFORT = 3  # of LLVM's four levels
PYTHON = re.compile(
    r"_?Py[A-Z_]|numba_(unpickle|gil_\w+)$"
)  # called where a kernel has no machine code: never here
EXACT = frozenset({"fma"})  # rounded correctly by definition, so alike everywhere
# LLVM's own words for what becomes a call of a C library, or of a processor's fused operation.
LIBRARYS = re.compile(
    r"llvm\.(a?(sin|cos|tan)[h2]?|sincos|exp(2|10)?|log(2|10)?|powi?|frexp|ldexp|modf|fma|fmuladd)\."
)
ADDRESSES = "addresses"
# numba's records of what an error says and where; they hold this machine's paths, and nobody in a page reads them.
EXCEPTIONS = re.compile(r"^(@\.const\.picklebuf\..* = .*constant \{[^}]*\}) \{.*\}$", re.MULTILINE)


class CallsLibrary(Exception):
    """A kernel calls functions that are in no file: a C library's, whose last digits differ between machines."""


def linked(entries: Mapping[str, Code], table: Iterable[Code]) -> bytes:
    """Returns the file: entries are called by name, `kernel_at(i)` gives the address of the table's i-th kernel.

    Raises CallsLibrary naming what a kernel calls that is not there.
    """
    table = list(table)
    module = _together([*entries.values(), *table])
    module.link_in(llvm.parse_assembly(_doors(entries, table)))
    kept = {*entries, ADDRESSES}
    machine = _machine()
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    _hide(module, kept)
    module = _rewritten(_cleaned(module, machine))
    _hide(module, kept)
    _optimise(module, machine)
    if missing := sorted(_declared(module) - {*RUNTIME, *EXACT}):
        raise CallsLibrary(
            f"kernels may call none of these: {', '.join(missing)}. See mtlcore.compiled.elementary."
        )
    module.verify()
    return _file(machine.emit_object(module), entries)


def _together(codes: Iterable[Code]) -> Any:
    """Returns one module of them all; a kernel that several name is in it once."""
    first, *others = {code.symbol: code.module for code in codes}.values()
    module = first.clone()
    for other in others:
        module.link_in(other.clone())
    return module


def _doors(entries: Mapping[str, Code], table: list[Code]) -> str:
    """Returns the functions by which a page enters, as LLVM's text, and the table's addresses.

    numba's functions take where to write a result and an exception before their own arguments, and return a status.
    """
    lines = [f'@"{symbol}" = external global i8' for symbol in {code.symbol: None for code in table}]
    inside = ", ".join(f'ptr @"{code.symbol}"' for code in table)
    lines.append(f"@{ADDRESSES} = constant [{len(table)} x ptr] [{inside}]")
    for name, code in entries.items():
        lines += [
            f'declare i32 @"{code.symbol}"(ptr, ptr, ptr, ptr)',
            f"define i32 @{name}(ptr %ints, ptr %floats) {{",
            "  %result = alloca ptr",
            "  %exception = alloca ptr",
            f'  %status = call i32 @"{code.symbol}"(ptr %result, ptr %exception, ptr %ints, ptr %floats)',
            "  ret i32 %status",
            "}",
        ]
    return "\n".join(lines)


@cache
def _machine() -> Any:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE)
    return target.create_target_machine(cpu="generic", features=FEATURES, opt=EFFORT, reloc="static")


def _hide(module: Any, kept: set[str]) -> None:
    """Leaves only what is kept to be seen from outside, so that what nobody needs can go."""
    for value in (*module.functions, *module.global_variables):
        if not value.is_declaration and value.name not in kept and not value.name.startswith("llvm."):
            value.linkage = "internal"


def _passes(machine: Any) -> Any:
    options = llvm.create_pipeline_tuning_options(speed_level=EFFORT)
    options.loop_vectorization = options.slp_vectorization = True
    options.loop_unrolling = (
        False  # longer loops are slower here: a quarter of the time on average, a fifth of the size
    )
    return llvm.create_pass_builder(machine, options)


def _cleaned(module: Any, machine: Any) -> Any:
    """Returns the module without what nobody reaches."""
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.add_strip_dead_prototype_pass()
    passes.run(module, _passes(machine))
    return module


def _rewritten(module: Any) -> Any:
    """Returns the module with what this machine's processor or interpreter would do in another way's words."""
    stubs = "\n".join(_stub(f) for f in module.functions if f.is_declaration and PYTHON.match(f.name))
    text = EXCEPTIONS.sub(r"\1 zeroinitializer", str(module))
    for name, instead in {"sqrt": "llvm.sqrt.f64", "llvm.fma.f64": "fused"}.items():
        text = text.replace(f"@{name}(", f"@{instead}(")
    module = llvm.parse_assembly(text)
    for more in ((FOLDER / "fused.ll").read_text(encoding="utf-8"), f"declare void @llvm.trap()\n{stubs}"):
        module.link_in(llvm.parse_assembly(more))
    return module


def _stub(function: Any) -> str:
    """Returns a function of Python's that stops the program, as LLVM's text."""
    (line,) = (line for line in str(function).splitlines() if line.startswith("declare"))
    declared = re.split(r" [#!]", line)[0].replace("declare", "define", 1)
    return f"{declared} noinline cold noreturn {{\n  call void @llvm.trap()\n  unreachable\n}}"


def _optimise(module: Any, machine: Any) -> None:
    """Optimises twice: counts of references that cancel out are seen once everything stands in one place."""
    for _ in range(2):
        builder = _passes(machine)
        passes = builder.getModulePassManager()
        passes.add_refprune_pass()
        passes.run(module, builder)


def _declared(module: Any) -> set[str]:
    """Returns the names of the functions that a module calls and does not have, but those that LLVM makes itself."""
    names = {function.name for function in module.functions if function.is_declaration}
    return {name for name in names if not name.startswith("llvm.") or LIBRARYS.match(name)}


def _file(compiled: bytes, names: Iterable[str]) -> bytes:
    """Returns the WebAssembly file of compiled kernels and `runtime.c`."""
    with TemporaryDirectory() as folder:
        kernels, out = Path(folder, "kernels.o"), Path(folder, "engine.wasm")
        kernels.write_bytes(compiled)
        command = [
            *(
                sys.executable,
                "-m",
                "ziglang",
                "cc",
                "--target=wasm32-freestanding",
                "-O2",
                "-fno-sanitize=all",
            ),
            *(
                "-Wl,--no-entry",
                "-Wl,--strip-all",
                "-Wl,--gc-sections",
                *(f"-Wl,--export={n}" for n in names),
            ),
            *(str(FOLDER / "runtime.c"), str(kernels), "-o", str(out)),
        ]
        caches = {f"ZIG_{which}_CACHE_DIR": str(Path(folder, which)) for which in ("GLOBAL", "LOCAL")}
        subprocess.run(command, check=True, env={**os.environ, **caches})
        return out.read_bytes()
