"""Runs what makes and checks the front end, in the node of tools/find_node.py.

    python -m tools.frontend install | bundle | types | test

install: the packages of package-lock.json, into node_modules. bundle: main.js and what it imports, into dist. types:
what tsc finds. test: the modules' own tests.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.find_node import MISSING, find_node

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "node_modules"
UNBUILT = "The front end's packages are not installed: run make packages."
INSTALL = ("ci", "--ignore-scripts", "--no-fund", "--no-audit")


def command(task: str) -> list[str]:
    """Returns what runs a task, from the root of the checkout.

    Raises RuntimeError where there is no node, or its packages are not installed, and says what to do.
    """
    node = find_node()
    if node is None:
        raise RuntimeError(MISSING)
    if task == "install":
        return [node, _npm(node), *INSTALL]
    if task == "test":
        return [node, "--test", *(str(path) for path in sorted((ROOT / "tests/frontend").glob("*.test.mjs")))]
    if not (PACKAGES / ".package-lock.json").exists():
        raise RuntimeError(UNBUILT)
    if task == "types":
        return [node, str(PACKAGES / "typescript/bin/tsc"), "--project", "app/frontend/jsconfig.json"]
    return [node, "tools/bundle.mjs"]


def _npm(node: str) -> str:
    """Returns npm's script: the one on the PATH, or the one that came with node."""
    found = shutil.which("npm")
    brought = Path(node).parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    path = brought if brought.exists() or found is None else Path(found).resolve()
    if not path.exists():
        raise RuntimeError(MISSING)
    return str(path)


def main(arguments: Sequence[str]) -> int:
    """Runs a task; returns its exit status, 1 with a word why where it cannot run."""
    if len(arguments) != 1 or arguments[0] not in ("install", "bundle", "types", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return subprocess.run(command(arguments[0]), cwd=ROOT, check=False).returncode
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
