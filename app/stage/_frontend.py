"""The component's front end as three strings; the JavaScript modules are joined, the palette put in."""

import json
import re
from functools import cache
from pathlib import Path

from app.palette import as_json

FOLDER = Path(__file__).parent / "frontend"
MODULES = (
    "numbers", "decode", "scene", "clock", "theme", "layout", "marks", "labels", "panels", "charts", "legend",
    "sentences", "meter", "controls", "keys", "drag", "pointer", "payload", "look", "arrange", "stage", "mount",
)  # fmt: skip


def lean(source: str) -> str:
    """Returns a module's source without exports, comments and indentation: it travels with every update."""
    lines = (re.sub(r"^export (?!default)", "", line.strip()) for line in source.splitlines())
    kept = (re.sub(r"\s+// .*$", "", line) for line in lines if line and not line.startswith("//"))
    return "\n".join(kept)


@cache
def javascript() -> str:
    """Returns the one module that Streamlit loads. The files share a scope, so none imports another."""
    parts = (lean((FOLDER / f"{name}.js").read_text(encoding="utf-8")) for name in MODULES)
    return "\n".join([f"const PALETTES = {json.dumps(as_json(), separators=(',', ':'))};", *parts])


@cache
def html() -> str:
    """Returns the component's markup."""
    return (FOLDER / "stage.html").read_text(encoding="utf-8")


@cache
def css() -> str:
    """Returns the component's styles."""
    return (FOLDER / "stage.css").read_text(encoding="utf-8")
