"""The component's front end as three strings."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "frontend" / "live"
MODULES = (
    "bus", "scale", "shares", "exchange", "element", "number", "choice", "sharing", "panel", "mount",
)  # fmt: skip
HTML = '<div class="live"></div>'


@cache
def javascript() -> str:
    parts = []
    for name in MODULES:
        for line in (FOLDER / f"{name}.js").read_text(encoding="utf-8").splitlines():
            if line.startswith("import "):
                continue
            parts.append(line.removeprefix("export ") if not line.startswith("export default") else line)
    return "\n".join(parts)


@cache
def css() -> str:
    """Returns the component's styles."""
    return (FOLDER / "live.css").read_text(encoding="utf-8")
