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
from source_tree import ROOT

from tools.find_browser import find_browser

ASKED = ("requirements.txt", "requirements-ray.txt", "requirements-docs.txt", "requirements-dev.txt")
FILES = (*ASKED, "requirements-bench.txt", "constraints.txt")
TORCHS_OWN = re.compile(r"setuptools|triton|nvidia-.*|cuda-.*")  # differ by build; torch pins them itself
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


def test_one_version_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
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
