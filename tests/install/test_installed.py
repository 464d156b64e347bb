"""The installed project, used from a folder that has nothing to do with it."""

import re
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.conftest import free_port, listening
from tests.install.conftest import ROOT, Installed
from tools.streamlit_client import visited
from toy_problems.kernels import kernels_by_module

pytestmark = pytest.mark.xdist_group("install")
SETTINGS = tomllib.loads((ROOT / "app/.streamlit/config.toml").read_text(encoding="utf-8"))
NAME = "gradient-balancing-playground"
TEXT = f"from importlib.metadata import metadata; print(metadata({NAME!r}).get_payload())"
WHERE = "import mtlcore, toy_problems, experiments, app as a; print(mtlcore, toy_problems, experiments, a, sep='\\n')"
# Loaded by Python before anything else: a user of whom the system knows no home, as in a container.
NOBODY = """
import os, pwd
def unknown(user):
    raise KeyError(user)
pwd.getpwuid = unknown
os.environ.pop("HOME", None)
"""
# Under a file no folder can be read or made, not even by root, whom no permission stops.
NO_FOLDER = "/dev/null/home"


def test_every_package_is_imported_from_where_it_was_installed(installed: Installed) -> None:
    lines = installed.ran("-W", "error", "-c", WHERE).stdout.splitlines()
    assert len(lines) == 4
    assert [line for line in lines if str(installed.folder) not in line] == []


def test_the_readme_s_code_runs(installed: Installed) -> None:
    description = installed.ran("-c", TEXT).stdout
    examples = re.findall(r"^```python\n(.*?)^```", description, re.DOTALL | re.MULTILINE)
    assert len(examples) >= 3
    for example in examples:
        said = installed.ran("-W", "error", "-c", example)
        assert "nan" not in said.stdout
        assert said.stderr == ""


def test_all_kernels_can_be_compiled_beforehand(installed: Installed) -> None:
    assert {"mtlcore.rules.mgda", "toy_problems.compiled.path"} <= kernels_by_module().keys()
    found = installed.ran("-c", "from toy_problems.kernels import kernels_by_module as k; print(sorted(k()))")
    assert found.stdout.strip() == str(sorted(kernels_by_module()))


def test_without_the_app_s_packages_the_command_says_what_to_install(installed: Installed) -> None:
    asked = "import sys; sys.modules['streamlit'] = None; from app.__main__ import main; main([])"
    ran = subprocess.run([installed.python, "-c", asked], cwd=installed.elsewhere, env=installed.environment(),
                         text=True, capture_output=True, check=False)  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == f"The library is here and the app is not: pip install '{NAME}[app]'\n"


@pytest.fixture
def nobody(tmp_path: Path) -> dict[str, str]:
    """Returns the environment of a user who has no home at all."""
    (tmp_path / "sitecustomize.py").write_text(NOBODY)
    return {"PYTHONPATH": str(tmp_path), "MTL_DATA": str(tmp_path / "data")}


@contextmanager
def serving(installed: Installed, command: list[str], **environment: str) -> Iterator[str]:
    """Starts the app from elsewhere; yields its address."""
    port = free_port()
    started = [*command, f"--port={port}", "--no-browser"]
    with listening(started, port, installed.elsewhere, installed.environment(**environment)) as address:
        yield address


def test_one_command_starts_the_app_where_no_home_can_be_written(installed: Installed) -> None:
    with serving(installed, [installed.command], HOME=NO_FOLDER) as address:
        is_well(address)
        lab = visited(address, page="lab")
        assert lab.shown("exception") == []
        said = " ".join(alert.body.replace("\\", "") for alert in lab.shown("alert"))
        assert f"cannot keep its data in {NO_FOLDER}" in said
        assert "set MTL_DATA to a folder" in said
    assert list(installed.elsewhere.iterdir()) == []


def test_the_module_starts_the_app_for_a_user_without_a_home(
    installed: Installed, nobody: dict[str, str]
) -> None:
    with serving(installed, [installed.python, "-m", "app"], **nobody) as address:
        is_well(address)
        assert visited(address, page="lab").shown("exception") == []


def is_well(address: str) -> None:
    """Asserts that the app answers, that its first page has its style and settings, and that its script runs."""
    with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
        assert answer.read() == b"ok"
    asked = urllib.request.Request(address, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked) as answer:
        assert b"site-name" in answer.read()
    first = visited(address)
    assert first.shown("exception") == []
    assert [text.body for text in first.shown("markdown")][0].startswith("## ")
    assert first.shown("bidi_component")
    assert first.theme.light.primary_color == SETTINGS["theme"]["light"]["primaryColor"]


def test_a_user_without_a_home_keeps_kernels_beside_the_sources(
    installed: Installed, nobody: dict[str, str]
) -> None:
    code = "from mtlcore.compiled import cache; print(cache.folder())"
    assert installed.ran("-c", code, **nobody, NUMBA_CACHE_DIR="").stdout.startswith(str(installed.folder))


def test_the_lab_keeps_its_runs_in_the_user_s_data_folder(installed: Installed, tmp_path: Path) -> None:
    home = tmp_path / "a home with spaces"
    home.mkdir()
    small = [
        "--data",
        "synthetic",
        "--width",
        "2",
        "--train-images",
        "256",
        "--test-images",
        "100",
        "--epochs",
        "1",
    ]
    said = installed.ran("-m", "experiments.cifar10.train", *small, HOME=str(home))
    (run,) = re.findall(r"^Run (\S+):", said.stdout, re.MULTILINE)
    (found,) = home.rglob(f"lab/runs/{run}")
    assert found.parents[2].name == NAME
    assert "finished" in (found / "status.json").read_text()
    assert list(installed.elsewhere.iterdir()) == []


def test_the_lab_says_what_to_do_for_a_user_without_a_home(
    installed: Installed, nobody: dict[str, str]
) -> None:
    asked = [installed.python, "-m", "experiments.cifar10.train", "--data", "synthetic"]
    ran = subprocess.run(
        asked, cwd=installed.elsewhere, env=installed.environment(**nobody | {"MTL_DATA": ""}), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "set MTL_DATA to a folder" in ran.stderr
