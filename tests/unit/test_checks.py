"""What checks a change is the same everywhere: the Makefile's commands, in CI and before a commit."""

import re
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from source_tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]


def test_ci_runs_the_readme_s_commands_and_the_checks():
    """And nothing that a person could not run: each of its own steps is a target of the Makefile."""
    asked = [set(re.findall(r"\bmake ([a-z-]+)", step["run"])) for step in STEPS if "run" in step]
    assert set().union(*asked) == {"app", "test", "lint", "site", "wasm"}
    assert all(len(targets) == 1 and targets <= TARGETS for targets in asked)


def test_ci_asks_the_address_that_the_app_listens_on():
    (asked,) = {found for step in STEPS for found in re.findall(r"http://127[\w.:/]+", step.get("run", ""))}
    port = re.search(r"^PORT \?= (\d+)$", MAKEFILE, re.MULTILINE)
    assert port is not None
    assert asked == f"http://127.0.0.1:{port[1]}/_stcore/health"


def test_ci_takes_the_pythons_that_the_project_takes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = JOBS["commands"]["strategy"]["matrix"]["python"]
    looked_for = re.findall(r"python(3\.\d+)", (ROOT / "tools/find_python.sh").read_text(encoding="utf-8"))
    assert set(pythons) <= set(looked_for)
    takes = SpecifierSet(project["requires-python"])
    oldest = min(pythons, key=lambda name: int(name.removeprefix("3.")))
    assert oldest in takes
    assert f"3.{int(oldest.removeprefix('3.')) - 1}" not in takes


@pytest.mark.parametrize("job", JOBS)
def test_every_python_of_ci_is_text(job):
    """Written as a number, 3.10 would be 3.1."""
    steps = JOBS[job]["steps"]
    asked = [step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")]
    matrix = JOBS[job].get("strategy", {}).get("matrix", {}).get("python", [])
    assert asked
    assert all(isinstance(python, str) for python in [*asked, *matrix])


def test_a_commit_is_checked_by_what_ci_runs():
    hooks = [
        hook
        for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))[
            "repos"
        ]
        for hook in repository["hooks"]
    ]
    assert [hook["entry"] for hook in hooks] == ["make lint"]
    assert all(re.search(hook["files"], name) for hook in hooks for name in ("app/main.py", "pyproject.toml"))


def test_types_are_checked_wherever_a_person_may_import_from():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*packages, "tools"} == set(settings["tool"]["mypy"]["packages"])
