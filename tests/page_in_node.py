"""What the page's own modules make of a view and of what a hand changes, asked in node."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app import engine
from app.stage.facts import facts
from app.stage.pack import Run
from app.stage.recipe import recipe
from app.view import View
from tools.find_node import find_node

SCRIPT = Path(__file__).parent / "page_in_node.mjs"


@dataclass(frozen=True)
class Asked:
    """A view, what a hand has changed since, and whether its paths are run as well."""

    view: View
    live: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    run: bool = False

    @property
    def plain(self) -> dict[str, Any]:
        """Returns what the page knows of it."""
        view = self.view
        runs = [Run(key, None, [(0, "")]) for key in view.methods]  # type: ignore[arg-type]  # for their words alone
        return {
            "recipe": recipe(view, runs),
            "facts": facts(view.problem, view["tasks"]),
            "live": dict(self.live),
            "run": self.run,
        }


def answers(
    asked: Sequence[Asked], file: Path = engine.FILE, manifest: Path = engine.MANIFEST
) -> list[dict[str, Any]]:
    """Returns what the page makes of each: `plans` of every method's paths, and where they are run their digests."""
    told = json.loads(manifest.read_text(encoding="utf-8"))
    given = json.dumps({"file": str(file), "manifest": told, "cases": [one.plain for one in asked]})
    node = find_node()
    assert node, "install node, or requirements-dev.txt, which brings one"
    ran = subprocess.run([node, str(SCRIPT)], input=given.encode(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found
