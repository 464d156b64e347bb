"""Reads the project's sources as syntax trees: what a file imports, compiles, calls and writes to."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from toy_problems.kernels import compiled_functions

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def tree(path: Path) -> ast.Module:
    """Returns the file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def sources(*folders: str) -> list[Path]:
    """Returns every Python file in the folders, named from the repository's root."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """Returns the file's name from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """Returns the dotted name under which the file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def bindings(path: Path) -> Iterator[tuple[str, str]]:
    """Yields (name in the file, full name) of every import, at the top or inside a function."""
    package = module_of(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            stem = ".".join([*above, *filter(None, [node.module])])
            yield from ((alias.asname or alias.name, f"{stem}.{alias.name}") for alias in node.names)


def imports(path: Path) -> list[str]:
    """Returns the full name of everything the file imports, importlib.import_module("name") included."""
    calls = (n for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and n.args)
    loads = (n.args[0] for n in calls if ast.unparse(n.func).split(".")[-1] == "import_module")
    return [full for _, full in bindings(path)] + [a.value for a in loads if isinstance(a, ast.Constant)]


def imports_of(path: Path, *wanted: str) -> list[str]:
    """Returns the file's imports that are one of the wanted modules or stand inside one."""
    return [name for name in imports(path) if f"{name}.".startswith(tuple(f"{w}." for w in wanted))]


def compiled(path: Path) -> list[ast.FunctionDef]:
    """Returns the functions of the file that numba compiles."""
    return compiled_functions(path.read_text(encoding="utf-8"))


def calls(path: Path) -> dict[str, set[str]]:
    """Returns what each compiled function of the file calls of the file's own and of what it imports, by full names."""
    stem = module_of(path)
    known = dict(bindings(path)) | {kernel.name: f"{stem}.{kernel.name}" for kernel in compiled(path)}
    found = {}
    for kernel in compiled(path):
        nodes = (node for node in ast.walk(kernel) if isinstance(node, ast.Call))
        called = (ast.unparse(node.func).partition(".") for node in nodes)
        found[f"{stem}.{kernel.name}"] = {
            known[first] + dot + rest for first, dot, rest in called if first in known
        }
    return found


def calls_from_kernels(path: Path) -> set[str]:
    """Returns the full names of the imported things that the file's compiled functions call."""
    found = calls(path)
    return set().union(*found.values()) - found.keys()


def writes_grad(path: Path) -> list[int]:
    """Returns the lines that write an attribute named grad: =, +=, an in-place method, setattr."""
    return [node.lineno for node in ast.walk(tree(path)) if any(map(_is_grad, _written(node)))]


def _written(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            return [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return [target]
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr.endswith("_"):
            return [value]
        case ast.Call(func=ast.Name(id="setattr"), args=[_, name, *_]):
            return [name]
    return []


def _is_grad(target: ast.expr) -> bool:
    while isinstance(target, ast.Subscript):  # p.grad[:] = ... writes it too
        target = target.value
    return getattr(target, "attr", getattr(target, "value", None)) == "grad"
