"""The project as a user has it: built, and installed into an environment of its own, in a folder with spaces."""

import os
import site
import subprocess
import sys
import tarfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mtlcore.compiled import cache

ROOT = Path(__file__).parents[2]
# What would lead a program back to the checkout, or to another home than the one a test gives it.
AWAY = ("PYTHONPATH", "MTL_DATA", "XDG_CACHE_HOME", "XDG_DATA_HOME")


def ran(command: Sequence[str], **more: object) -> subprocess.CompletedProcess[str]:
    """Returns what a command printed; fails with it where the command failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def build(source: Path, into: Path, target: str) -> Path:
    """Returns the file that the build backend makes of a source folder; target: wheel or sdist."""
    hatchling = [sys.executable, "-m", "hatchling", "build"]
    ran([*hatchling, "--target", target, "--directory", str(into)], cwd=source)
    (made,) = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made


@dataclass(frozen=True)
class Built:
    """The three files: the wheel of this checkout, its sdist, and the wheel that a user builds from the sdist."""

    wheel: Path
    sdist: Path
    again: Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Returns what is built, all of it without a network."""
    home = tmp_path_factory.mktemp("built")
    sdist = build(ROOT, home / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(home, filter="data")
    unpacked = home / sdist.name.removesuffix(".tar.gz")
    return Built(build(ROOT, home / "first", "wheel"), sdist, build(unpacked, home / "again", "wheel"))


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and the folder that its programs are run from."""

    folder: Path
    elsewhere: Path

    @property
    def python(self) -> str:
        """Returns its interpreter."""
        return str(self.folder / "bin" / "python")

    @property
    def command(self) -> str:
        """Returns the command that starts the app."""
        return str(self.folder / "bin" / "gradient-playground")

    def environment(self, **more: str) -> dict[str, str]:
        """Returns what its programs find around them: nothing of this checkout, but kernels that were compiled."""
        kept: Mapping[str, str] = {name: value for name, value in os.environ.items() if name not in AWAY}
        return {**kept, "NUMBA_CACHE_DIR": str(cache.folder()), **more}

    def ran(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Returns what its Python printed, run elsewhere; more: the environment's variables."""
        return ran([self.python, *arguments], cwd=self.elsewhere, env=self.environment(**more))


@pytest.fixture(scope="session")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Returns the wheel's environment. It sees the packages that the tests run with, which pip need not fetch then."""
    home = tmp_path_factory.mktemp("a place with spaces")
    folder = home / "the environment"
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    (packages / "these.pth").write_text("".join(f"{seen}\n" for seen in site.getsitepackages()))
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    ran([*pip, "install", "--quiet", "--no-deps", "--no-index", str(built.wheel)])
    (home / "elsewhere").mkdir()
    return Installed(folder, home / "elsewhere")
