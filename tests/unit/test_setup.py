"""What sets the project up: requirements are complete, and tools find what they need or say so plainly."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from source_tree import ROOT

from tools.find_browser import find_browser

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "constraints.txt")
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
    assert [line for line in lines(file) if not re.match(r"[\w.-]+==[\w.]+( ?;.*)?$", line)] == []


def test_what_requirements_bring_along_is_pinned_too():
    pinned = {canonical(re.split("==", line)[0]) for file in FILES for line in lines(file)}
    queue = [re.split("==", line)[0] for line in lines("requirements-dev.txt") + lines("requirements.txt")]
    seen, loose = set(), set()
    while queue:
        name = canonical(queue.pop())
        if name in seen or TORCHS_OWN.fullmatch(name):
            continue
        seen.add(name)
        if name not in pinned:
            loose.add(name)
        for needed in metadata.requires(name) or []:
            dependency = re.match(r"[\w.-]+", needed)[0]
            if "extra ==" not in needed and installed(dependency):
                queue.append(dependency)
    assert len(seen) > 30
    assert not loose, (
        "install requirements-bench.txt in a fresh environment and freeze it into constraints.txt"
    )


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
