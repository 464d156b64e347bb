"""What a kernel is compiled from: its own code and all code it names, in whatever files that stands.

Machine code depends on definitions, not on files: on the kernel's function with its signature, and on every function,
constant and class it names, directly or not. Docstrings, comments, line numbers and neighbours that it does not name
are no part of it. So a reworded help text compiles nothing anew, and a changed solver exactly what calls it.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

Place = tuple[Path, str]  # a definition: its file and its name; with the name "" all of the file


@cache
def kernel_digest(module: Path, name: str, write: Callable[[ast.AST], str] = ast.dump) -> str:
    """Returns a digest of the function `name` of a module's file and of all project code that it names.

    A name that the module's top level does not define stands for the whole module. write: how a definition is put into
    words; `plainly` puts it into the same ones in every Python.
    """
    root = source_root(module)
    digest = hashlib.sha256()
    for place in sorted(_reached((module, name), root)):
        digest.update(
            f"{place[0].relative_to(root).as_posix()}\0{place[1]}\0{_code(place, write)}\0".encode()
        )
    return digest.hexdigest()


def imported_modules(name: str, root: Path) -> set[str]:
    """Returns the project modules that one imports, directly or not, by their dotted names; root holds them all."""
    module = root.joinpath(*name.split(".")).with_suffix(".py")
    seen, queue = set(), [module]
    while queue:
        path = queue.pop()
        if path not in seen:
            seen.add(path)
            queue.extend(file for file, _ in _imports(path, root).values())
    return {".".join(file.relative_to(root).with_suffix("").parts) for file in seen - {module}}


def source_root(module: Path) -> Path:
    """Returns the folder that holds the module's top-level package."""
    folder = module.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def _reached(start: Place, root: Path) -> set[Place]:
    """Returns every definition that one names, directly or not, itself included."""
    seen: set[Place] = set()
    queue = [start]
    while queue:
        path, name = queue.pop()
        place = (path, name if name in _definitions(path) else "")
        if place not in seen:
            seen.add(place)
            queue.extend(_named(place, root))
    return seen


@cache
def _named(place: Place, root: Path) -> tuple[Place, ...]:
    """Returns the project's definitions that one names: of its own file, and of those it imports."""
    return tuple(set(_all_named(place, root)))


def _all_named(place: Place, root: Path) -> Iterator[Place]:
    path, name = place
    names, imports = _definitions(path), _imports(path, root)
    for node in (inner for outer in _nodes(place) for inner in ast.walk(outer)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            file, part = imports.get(node.value.id, (path, node.value.id))
            if node.value.id in imports and not part:
                yield file, node.attr  # of an imported module, this one definition
        if isinstance(node, ast.Name):
            if node.id in imports and imports[node.id][1]:
                yield imports[node.id]
            elif node.id in names and node.id != name:
                yield path, node.id


@cache
def _tree(path: Path) -> ast.Module:
    """Returns what a file says, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(
            node, clean=False
        ):
            del node.body[0]
    return tree


@cache
def _definitions(path: Path) -> dict[str, list[ast.stmt]]:
    """Returns the statements of a file's top level by the names that they define."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in _tree(path).body:
        for name in _defines(statement):
            found.setdefault(name, []).append(statement)
    return found


def _defines(statement: ast.stmt) -> set[str]:
    """Returns the names that a statement of the top level defines; an import defines none here."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    nodes = list(ast.walk(statement))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@cache
def _imports(path: Path, root: Path) -> dict[str, Place]:
    """Returns what each name means that a file imports from the project: a definition, or with "" a module."""
    packages = {path.relative_to(root).parts[0], "mtlcore"}
    found: dict[str, Place] = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in packages:
            folder = root.joinpath(*node.module.split("."))
            for alias in node.names:
                inner, file = folder / f"{alias.name}.py", folder.with_suffix(".py")
                if inner.is_file():
                    found[alias.asname or alias.name] = (inner, "")
                elif file.is_file():
                    found[alias.asname or alias.name] = (file, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                file = root.joinpath(*alias.name.split(".")).with_suffix(".py")
                if alias.name.split(".")[0] in packages and file.is_file():
                    found[alias.asname or alias.name] = (file, "")
    return found


def _nodes(place: Place) -> list[ast.stmt] | list[ast.Module]:
    return _definitions(place[0])[place[1]] if place[1] else [_tree(place[0])]


def plainly(value: object) -> str:
    """Returns a definition as text, without what only some Pythons write down: fields that are empty."""
    if isinstance(value, list):
        return f"[{', '.join(map(plainly, value))}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    fields = ((name, getattr(value, name, None)) for name in value._fields)
    told = (f"{name}={plainly(field)}" for name, field in fields if field is not None and field != [])
    return f"{type(value).__name__}({', '.join(told)})"


@cache
def _code(place: Place, write: Callable[[ast.AST], str]) -> str:
    """Returns what a definition does, without where it stands and what it says of itself."""
    return "\n".join(map(write, _nodes(place)))
