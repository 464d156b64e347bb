"""The stamps of this project's own kernels: prose moves none, a changed number those that call it and no other."""

import ast
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from source_tree import ROOT, calls, compiled, module_of, sources

from mtlcore.compiled.sources import kernel_digest

PACKAGES = ("mtlcore", "toy_problems")
KERNELS = [(path, kernel.name) for path in sources(*PACKAGES) for kernel in compiled(path)]
PROSE = ("title", "idea", "cite", "help", "label", "note", "explained", "no_preferences")


def stamps(root: Path) -> dict[str, str]:
    """Returns every kernel's stamp, by its full name, in the tree that lies at root."""
    return {
        f"{module_of(path)}.{name}": kernel_digest(root / path.relative_to(ROOT), name)
        for path, name in KERNELS
    }


def rewritten(root: Path, paths: Iterable[Path], change: Callable[[ast.Module], None]) -> Path:
    """Returns a copy of the packages in which some files are written anew after a change, on other lines."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        change(tree)
        text = f"# Other comments,\n# on other lines.\n{ast.unparse(ast.fix_missing_locations(tree))}\n"
        (root / path.relative_to(ROOT)).write_text(text, encoding="utf-8")
    return root


def documented(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yields every docstring."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            yield node.body[0].value


def told(tree: ast.Module) -> Iterator[ast.keyword]:
    """Yields every help text, title, idea and the like that a specification gives by its name."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    yield from (word for call in calls for word in call.keywords if word.arg in PROSE)


def reword(tree: ast.Module) -> int:
    """Says everything in other words; returns how often."""
    texts, words = list(documented(tree)), list(told(tree))
    for text in texts:
        text.value = "In other words."
    for word in words:
        word.value = ast.Constant("In other words.")
    return len(texts) + len(words)


def test_other_words_move_no_stamp(tmp_path):
    counts = []
    copy = rewritten(tmp_path, sources(*PACKAGES), lambda tree: counts.append(reword(tree)))
    assert sum(counts) > 500  # or this test would have changed next to nothing
    assert stamps(copy) == stamps(ROOT)


CALLS = {kernel: called for path in sources(*PACKAGES) for kernel, called in calls(path).items()}


def callers(changed: str) -> set[str]:
    """Returns the changed kernel and every kernel that calls it, directly or not."""
    reached = {changed}
    while more := {kernel for kernel, called in CALLS.items() if called & reached} - reached:
        reached |= more
    return reached


def number_in(kernel: ast.FunctionDef) -> ast.Constant | None:
    """Returns the first number in a kernel's code, None where it has none."""
    constants = (
        node for statement in kernel.body for node in ast.walk(statement) if isinstance(node, ast.Constant)
    )
    return next((node for node in constants if type(node.value) in (int, float)), None)


def called_by_few_and_by_many() -> tuple[str, str]:
    """Returns the solver with a number in it that the fewest other kernels call, and the one that most do."""
    paths = sources("mtlcore/solvers")
    numbered = (f"{module_of(path)}.{k.name}" for path in paths for k in compiled(path) if number_in(k))
    ranked = sorted(
        (name for name in numbered if len(callers(name)) > 1), key=lambda name: (len(callers(name)), name)
    )
    return ranked[0], ranked[-1]


@pytest.mark.parametrize("changed", called_by_few_and_by_many())
def test_another_number_in_a_solver_moves_the_stamps_of_what_calls_it_and_no_other(changed, tmp_path):
    module, _, name = changed.rpartition(".")

    def change(tree: ast.Module) -> None:
        (kernel,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
        number_in(kernel).value += 1

    before = stamps(ROOT)
    after = stamps(rewritten(tmp_path, [ROOT.joinpath(*module.split(".")).with_suffix(".py")], change))
    moved = {kernel for kernel in before if after[kernel] != before[kernel]}
    assert moved == callers(changed)
    assert 1 < len(moved) < len(before)
