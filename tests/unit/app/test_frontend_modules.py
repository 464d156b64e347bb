"""The front end's modules: their own tests pass, their types hold, none imports itself by way of others."""

import json
import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from app.frontend import FOLDER
from tools import frontend

MODULES = sorted(path for path in FOLDER.rglob("*.js") if "dist" not in path.relative_to(FOLDER).parts)
IMPORT = re.compile(r"^(?:import|export)\s[^;]*?[\"'](\.[^\"']+\.js)[\"'];", re.MULTILINE)
LOCK = json.loads((frontend.ROOT / "package-lock.json").read_text(encoding="utf-8"))


def ran(task: str) -> subprocess.CompletedProcess[str]:
    try:
        command = frontend.command(task)
    except RuntimeError as error:
        reason = str(error)
    else:
        return subprocess.run(command, cwd=frontend.ROOT, capture_output=True, text=True, check=False)
    pytest.fail(reason, pytrace=False)


def imported(module: Path) -> set[Path]:
    """Returns the modules that a module imports."""
    return {(module.parent / name).resolve() for name in IMPORT.findall(module.read_text(encoding="utf-8"))}


def test_the_modules_own_tests_pass():
    done = ran("test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^(?:#|ℹ) pass [1-9]", done.stdout, re.MULTILINE)


def test_the_types_hold():
    done = ran("types")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_imports_itself_by_way_of_others():
    graph = {module.resolve(): imported(module) for module in MODULES}
    assert sum(map(len, graph.values())) > len(graph)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(path.name for path in reversed(error.args[1])), pytrace=False)


def test_packages_are_pinned_and_fetched_from_where_npm_is_set_to():
    asked = json.loads((frontend.ROOT / "package.json").read_text(encoding="utf-8"))
    assert not asked.get("dependencies")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked["devDependencies"].values())
    packages = {name: one for name, one in LOCK["packages"].items() if name}
    assert all(one["version"] and one["integrity"] for one in packages.values())
    assert [name for name, one in packages.items() if "resolved" in one] == []  # each names a registry


def test_without_packages_one_is_told_what_to_run(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(frontend, "PACKAGES", tmp_path / "none")
    assert frontend.main(["types"]) == 1
    assert "make packages" in capsys.readouterr().err


def test_without_node_one_is_told_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(frontend, "find_node", lambda: None)
    assert frontend.main(["test"]) == 1
    assert "requirements-dev.txt" in capsys.readouterr().err


def test_an_unknown_task_is_refused(capsys):
    assert frontend.main(["deploy"]) == 2
    assert "install | bundle | types | test" in capsys.readouterr().err
