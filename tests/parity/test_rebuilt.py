"""The engine's file made anew, where its tools are installed (requirements-wasm.txt): the file that is committed."""

import json
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from app import engine
from tests.in_node import run
from tests.parity.test_page_engine import drawn
from tools.wasm.manifest import versions
from toy_problems import PROBLEMS, ToyConfig

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(find_spec("ziglang") is None, reason="needs requirements-wasm.txt")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory) -> Path:
    """The folder of a file and a manifest that were just made."""
    folder = tmp_path_factory.mktemp("engine")
    command = [sys.executable, "tools/build_wasm.py", "--to", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_the_file_made_anew_computes_the_same(rebuilt):
    """Whatever releases made it; of these the committed one's give the same bytes too."""
    configs = [ToyConfig(problem=problem, method="rotograd", steps=20, seed=3) for problem in PROBLEMS]
    calls = [drawn(config) for config in configs]
    run(calls, rebuilt / engine.FILE.name, rebuilt / engine.MANIFEST.name)
    assert [found for call in calls if (found := call.differing())] == []
    told = json.loads((rebuilt / engine.MANIFEST.name).read_text(encoding="utf-8"))
    alike = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    if alike and engine.manifest()["versions"] == versions():
        assert (rebuilt / engine.FILE.name).read_bytes() == engine.FILE.read_bytes()
        assert told == engine.manifest()
