"""Which way imports go: app -> {toy_problems, experiments} -> mtlcore, never up and never sideways."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from source_tree import (
    ROOT,
    calls_from_kernels,
    compared,
    compiled,
    imports,
    imports_at_once,
    imports_of,
    module_of,
    name_of,
    sources,
    strings,
    writes_grad,
)

from mtlcore.registry import TRANSFORMS as TRANSFORM_KEYS

PACKAGES = ("mtlcore", "toy_problems", "experiments", "app")
MAY_IMPORT = {
    "mtlcore": {"mtlcore"},
    "toy_problems": {"toy_problems", "mtlcore"},
    "experiments": {"experiments", "mtlcore"},
    "app": set(PACKAGES),
}
OUTSIDE = {"tests", "benchmarks", "tools"}  # nothing in the product leans on these
TRANSFORMS = ROOT / "mtlcore/transforms"
REFERENCE = ROOT / "toy_problems/reference.py"


def offenders(paths: Iterable[Path], found: Callable[[Path], Any]) -> dict[str, Any]:
    """Returns what was found, by file, for the files where it was."""
    return {name_of(path): what for path in paths if (what := found(path))}


def outside(folder: str, paths: Iterable[Path]) -> list[Path]:
    """Returns the paths that are not inside the folder."""
    return [path for path in paths if ROOT / folder not in path.parents]


@pytest.mark.parametrize("package", ["mtlcore", "toy_problems", "app", "app/figures"])
def test_the_package_is_where_these_tests_look(package):
    assert sources(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_down(package):
    forbidden = (set(PACKAGES) | OUTSIDE) - MAY_IMPORT[package]
    assert not offenders(sources(package), lambda path: imports_of(path, *forbidden))


def quick_sources() -> list[Path]:
    """Returns what a slider's change runs through, where torch would cost seconds at the first start."""
    found = outside("mtlcore/nn", sources("mtlcore", "toy_problems", "app/figures"))
    return [path for path in found if path != REFERENCE]


def loaded(path: Path, *wanted: str) -> list[str]:
    """Returns the file's imports that are one of the wanted modules or stand inside one.

    A transform's file holds its halves for torch too, which import what they need when they are asked for.
    """
    if path.parent != TRANSFORMS:
        return imports_of(path, *wanted)
    return [name for name in imports_at_once(path) if f"{name}.".startswith(tuple(f"{w}." for w in wanted))]


def test_no_torch_where_a_slider_must_be_quick():
    assert not offenders(quick_sources(), lambda path: loaded(path, "torch", "geotorch"))


LOAD = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(sorted({"torch", "streamlit"} & sys.modules.keys()))
"""


def test_nothing_loads_torch_or_the_screen_behind_the_back():
    command = [sys.executable, "-c", LOAD, *map(module_of, quick_sources())]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


def test_only_the_app_knows_the_screen():
    below = sources("mtlcore", "toy_problems", "experiments")
    assert not offenders(below, lambda path: imports_of(path, "streamlit", "plotly", "altair"))


def test_only_figures_build_plotly_figures():
    assert not offenders(outside("app/figures", sources("app")), lambda path: imports_of(path, "plotly"))


def test_figures_are_pure():
    assert not offenders(sources("app/figures"), lambda path: imports_of(path, "streamlit"))


def test_the_app_never_imports_a_training_loop():
    def loops(path: Path) -> list[str]:
        return [name for name in imports_of(path, "experiments") if "train" in name.split(".")]

    assert not offenders(sources("app"), loops)


def test_only_the_torch_side_writes_gradients():
    others = [path for path in outside("mtlcore/nn", sources(*PACKAGES)) if path != REFERENCE]
    assert not offenders(others, writes_grad)


def test_a_rule_or_a_problem_is_called_by_no_other_kernel():
    """What kernels share stands in `solvers`, where a reader sees that a change reaches further.

    What transforms alone share stands in private modules beside them.
    """
    own = {
        f"{module_of(path)}.{kernel.name}"
        for path in sources("mtlcore/rules", "mtlcore/transforms", "toy_problems/problems")
        if not path.name.startswith("_")
        for kernel in compiled(path)
    }
    assert own
    assert not offenders(sources("mtlcore", "toy_problems"), lambda path: calls_from_kernels(path) & own)


def test_nobody_outside_a_package_imports_its_private_modules():
    def private(path: Path) -> list[str]:
        folder = f"{module_of(path.parent / '__init__.py')}."
        private = (name.partition("._") for name in imports_of(path, *PACKAGES) if "._" in name)
        return [f"{package}._{rest}" for package, _, rest in private if not folder.startswith(f"{package}.")]

    assert not offenders(sources(*PACKAGES, "benchmarks", "tools"), private)


ORDER = (
    "param",
    "draws",
    "properties",
    "transform_spec",
    "spec",
    "compiled",
    "solvers",
    "rules",
    "transforms",
    "modifiers",
    "constructions",
    "methods",
    "registry",
    "nn",
)  # each leans on those before it alone


def test_inside_the_core_imports_go_one_way():
    def upward(path: Path) -> list[str]:
        room = module_of(path).split(".")[1] if path.parent != ROOT / "mtlcore" else path.stem
        if room not in ORDER:
            return []
        above = ORDER[ORDER.index(room) + 1 :]
        return loaded(path, *(f"mtlcore.{name}" for name in above))

    assert not offenders(sources("mtlcore"), upward)


def test_no_kernel_is_compiled_anew_because_a_rule_was_added():
    """A kept kernel's stamp covers what its file imports, so no file with a kernel imports a registry."""
    files = {
        module_of(path): path for path in sources("mtlcore", "toy_problems") if path.name != "__init__.py"
    }
    reached = [path for path in files.values() if compiled(path)]
    assert reached
    for path in reached:  # grows while it is walked
        names = {part for name in imports(path) for part in (name, name.rpartition(".")[0])}
        reached += [files[name] for name in names & files.keys() if files[name] not in reached]
    assert not {"mtlcore.registry", "mtlcore.modified", "mtlcore.rule_object", "toy_problems.problems"} & set(
        map(module_of, reached)
    )


# Words that are a transform's key and mean something else where they stand.
ALSO = {"none"}  # no noise, no preferences, no rescaling
# The curve of how far views have turned.
OTHERWISE = {"app/fields.py": {"rotation"}, "app/series.py": {"rotation"}}
NAMING = {"mtlcore/registry.py", "mtlcore/methods.py", "app/presets.py", "app/composing.py"}


def test_no_generic_code_names_a_transform():
    """Whoever wants to know something about a transform asks its SPEC: another one then needs no other file."""
    generic = [
        path
        for path in outside("mtlcore/transforms", outside("app/claims", sources(*PACKAGES, "tools")))
        if name_of(path) not in NAMING and ROOT / "mtlcore/rules" not in path.parents
    ]

    def named(path: Path) -> set[str]:
        return strings(path) & set(TRANSFORM_KEYS) - ALSO - OTHERWISE.get(name_of(path), set())

    assert len(generic) > 150
    assert not offenders(generic, named)
    assert not offenders(generic, lambda path: compared(path, "transform"))
