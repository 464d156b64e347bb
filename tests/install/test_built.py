"""What is built holds everything, from whichever source it is built."""

import email
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.install.conftest import ROOT, Built

pytestmark = pytest.mark.xdist_group("install")
PACKAGES = ("mtlcore", "toy_problems", "experiments", "app")


def files(folder: Path) -> set[str]:
    """Returns the names of a package's files, from the checkout on, without what Python and numba keep there."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_the_sdist_gives_the_same_wheel(built: Built) -> None:
    assert built.again.read_bytes() == built.wheel.read_bytes()


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(built: Built) -> None:
    inside = {name for name in zipfile.ZipFile(built.wheel).namelist() if ".dist-info/" not in name}
    assert inside == set().union(*(files(ROOT / package) for package in PACKAGES))
    assert {f"{package}/py.typed" for package in PACKAGES} <= inside


def test_the_library_alone_asks_for_little(built: Built) -> None:
    archive = zipfile.ZipFile(built.wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    asked = map(Requirement, email.message_from_bytes(archive.read(name)).get_all("Requires-Dist", []))
    core = {one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}
    assert core == {"numpy", "numba", "platformdirs"}
