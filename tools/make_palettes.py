"""Writes app/frontend/palettes.js from app/palette.py; `make frontend` calls it."""

import json
from pathlib import Path

from app.palette import as_json

TARGET = Path(__file__).parents[1] / "app" / "frontend" / "palettes.js"
HEAD = "// Made from app/palette.py by tools/make_palettes.py: change it there.\n"


def main() -> None:
    """Writes the file."""
    TARGET.write_text(f"{HEAD}export const PALETTES = {json.dumps(as_json(), indent=2)};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
