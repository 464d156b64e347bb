"""What sets the project up: requirements are complete, and tools find what they need or say so plainly."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from source_tree import ROOT, imports, name_of, sources

from tools.find_browser import find_browser, find_firefox

ASKED = ("requirements.txt", "requirements-ray.txt", "requirements-docs.txt", "requirements-dev.txt")
FILES = (*ASKED, "requirements-bench.txt", "requirements-wasm.txt", "constraints.txt")
TORCHS_OWN = re.compile(r"setuptools|triton|nvidia-.*|cuda-.*")  # differ by build; torch pins them itself
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIND_PYTHON = ROOT / "tools/find_python.sh"


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(file: str) -> list[str]:
    """Returns the file's requirements, without comments and references to other files."""
    text = (ROOT / file).read_text(encoding="utf-8")
    bare = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in bare if line and not line.startswith("-")]


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned(file):
    assert lines(file)
    assert [line for line in lines(file) if not re.match(r"[\w.-]+(\[\w+\])?==[\w.]+( ?;.*)?$", line)] == []


def test_what_requirements_bring_along_is_pinned_too():
    pinned = {canonical(Requirement(line).name) for file in FILES for line in lines(file)}
    queue = [Requirement(line) for file in ASKED for line in lines(file)]
    seen, loose = set(), set()
    while queue:
        asked = queue.pop()
        name = canonical(asked.name)
        known = {(name, extra) for extra in ("", *asked.extras)}
        if known <= seen or TORCHS_OWN.fullmatch(name):
            continue
        seen |= known
        if name not in pinned:
            loose.add(name)
        queue += [needed for needed in brought_along(asked) if installed(needed.name)]
    assert len(seen) > 30
    assert not loose, (
        "install requirements-bench.txt in a fresh environment and freeze it into constraints.txt"
    )


def brought_along(asked: Requirement) -> list[Requirement]:
    """Returns what a requirement with these extras needs here."""
    needed = map(Requirement, metadata.requires(asked.name) or [])
    extras = ("", *asked.extras)
    return [n for n in needed if n.marker is None or any(n.marker.evaluate({"extra": e}) for e in extras)]


def installed(name: str) -> bool:
    """Says whether a requirement applies here: those for other systems and Pythons are not installed."""
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def asked_for(extra: str = "") -> dict[str, Requirement]:
    """Returns what a user who installs the project with an extra asks for, by name."""
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    found = {canonical(one.name): one for one in map(Requirement, lines)}
    own = found.pop(PROJECT["name"], None)
    for other in own.extras if own else ():
        found |= asked_for(other)
    return asked_for() | found if extra else found


def test_what_is_pinned_is_what_a_user_may_have():
    """Users get ranges, the tests one release of each: it lies in its range, and none is forgotten."""
    pins = {
        canonical(pin.name): pin
        for file in ("requirements.txt", "requirements-ray.txt")
        for pin in map(Requirement, lines(file))
    }
    assert asked_for("all").keys() == pins.keys()
    for name, asked in asked_for("all").items():
        (exact,) = (one.version for one in pins[name].specifier)
        assert exact in asked.specifier, name
        assert {">=", "<"} == {one.operator for one in asked.specifier}, name
        assert asked.extras == pins[name].extras


TORCH_SIDE = ("mtlcore/nn/", "mtlcore/transforms/", "toy_problems/reference.py")


@pytest.mark.parametrize("extra", ["", "nn", "lab", "app"])
def test_what_is_imported_is_asked_for(extra):
    """In the library alone and in each extra, whatever else happens to be installed."""
    torchs = [path for path in sources("mtlcore", "toy_problems") if name_of(path).startswith(TORCH_SIDE)]
    plain = [path for path in sources("mtlcore", "toy_problems") if path not in torchs]
    files = {"": plain, "nn": torchs, "lab": sources("experiments"), "app": sources("app")}[extra]
    assert files
    tops = {name.partition(".")[0] for path in files for name in imports(path)}
    others = tops - sys.stdlib_module_names - {"mtlcore", "toy_problems", "experiments", "app"}
    owners = metadata.packages_distributions()
    needed = {name: {canonical(owner) for owner in owners[name]} for name in others}
    assert {name: owner for name, owner in needed.items() if not owner & asked_for(extra).keys()} == {}


def test_one_version_everywhere():
    version = PROJECT["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def program(path: Path, exit_status: int) -> str:
    """Returns the path of a new program that ends at once with the given status."""
    path.write_text(f"#!/bin/sh\nexit {exit_status}\n")
    path.chmod(0o755)
    return str(path)


def find_python(**environment: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(FIND_PYTHON)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_python_that_is_good_enough_is_taken():
    found = find_python(PYTHON=sys.executable, PATH=os.environ["PATH"])
    assert (found.returncode, found.stdout.strip()) == (0, sys.executable)


def test_a_launcher_that_fails_is_passed_over(tmp_path):
    for name in ("python3.11", "python3.12"):
        program(tmp_path / name, 1)
    (tmp_path / "python3").symlink_to(sys.executable)
    found = find_python(PATH=f"{tmp_path}:/bin")
    assert found.stdout.strip() not in {str(tmp_path / "python3.11"), str(tmp_path / "python3.12")}
    assert found.returncode == 0


def test_without_a_python_it_says_what_to_install(tmp_path):
    found = find_python(PYTHON=program(tmp_path / "old", 1), PATH=os.environ["PATH"])
    assert found.returncode == 1
    assert found.stdout == ""
    assert "needs Python 3.11 or newer" in found.stderr


def test_a_placeholder_for_a_browser_is_passed_over(tmp_path, monkeypatch):
    program(tmp_path / "chromium", 1)
    real = program(tmp_path / "google-chrome", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == real


def test_a_placeholder_for_a_firefox_is_passed_over(tmp_path, monkeypatch):
    program(tmp_path / "firefox-esr", 1)
    real = program(tmp_path / "firefox", 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_firefox() == real


GROUPED = """
import os, pytest
@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("i", range(4))
def test(i, request):
    path = request.config.rootpath / os.environ["PYTEST_XDIST_WORKER"]
    path.touch()
"""


def test_tests_of_one_group_stay_in_one_process(tmp_path):
    """The browser's and the lab's tests share a server and a store, each group in its process."""
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", f"--rootdir={tmp_path}"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "4 passed" in ran.stdout
    assert len(list(tmp_path.glob("gw?"))) == 1
