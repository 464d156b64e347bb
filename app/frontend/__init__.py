"""The front end: ES modules, the bundle that is made of them, and how a page loads it.

`make frontend` bundles `main.js` into `dist/`, which is committed, so that the app needs no node. The server hands it
out under an address that names its content: browsers keep it, and two versions never mix.
"""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
DIST = FOLDER / "dist"
FILES = {"frontend.js": "text/javascript"}


@cache
def stamp() -> str:
    """Returns the name of the bundle's content, which stands in its address."""
    return str(json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))["bundle"][:16])


def address(name: str) -> str:
    """Returns where the server hands out a file of the bundle, relative to the app's first page."""
    return f"frontend/{stamp()}/{name}"


def loader(mount: str) -> str:
    """Returns the script of a component: it loads the bundle, once a page, and calls one of its mounts.

    Streamlit sends this script anew at every run, and not what it loads.
    """
    return f"""
const bundle = import(new URL("{address("frontend.js")}", document.baseURI).href);
export default function (component) {{
  let leave = null, left = false;
  bundle.then((module) => {{ if (!left) leave = module.{mount}(component); }});
  return () => {{ left = true; leave?.(); }};
}}"""
