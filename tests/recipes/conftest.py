"""A copy of the product in which a recipe of CONTRIBUTING.md is followed, and what is seen there afterwards."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    "mtlcore",
    "toy_problems",
    "experiments",
    "app",
    "tools",
    "tests",
    "docs",
    "README.md",
    "pyproject.toml",
)


@dataclass
class Copy:
    """A copy of the product. touched: what was written or changed in it."""

    folder: Path
    touched: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        """Writes a new file."""
        assert not (self.folder / name).exists()
        (self.folder / name).write_text(text, encoding="utf-8")
        self.touched.append(name)

    def replace(self, name: str, old: str, new: str) -> None:
        """Replaces the one place where `old` stands in a file."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (self.folder / name).write_text(text.replace(old, new), encoding="utf-8")
        self.touched.append(name)

    def append(self, name: str, text: str) -> None:
        """Writes text to the end of a file."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
        self.touched.append(name)

    def run(self, *command: str) -> str:
        """Returns what a Python command says that is run in the copy, with the kernels that every checkout shares."""
        done = subprocess.run(
            [sys.executable, *command], cwd=self.folder, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTEST_ADDOPTS": ""},  # whatever this suite was asked
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sees(self, expressions: dict[str, str], before: str) -> dict[str, Any]:
        """Returns the values of Python expressions by their names, after the statements `before`."""
        body = ", ".join(f"{name!r}: {text}" for name, text in expressions.items())
        found: dict[str, Any] = json.loads(
            self.run("-c", f"import json\n{before}\nprint(json.dumps({{{body}}}))")
        )
        return found

    def collected(self, *files: str) -> list[str]:
        """Returns the names of the tests in these files."""
        return [
            line
            for line in self.run(
                "-m", "pytest", "-o", "addopts=", "--collect-only", "-q", *files
            ).splitlines()
            if "::" in line
        ]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Gives a fresh copy of the product."""
    for part in PARTS:
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return Copy(tmp_path)
