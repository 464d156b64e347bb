"""The front end: ES modules, the bundle that is made of them, and how a page loads it.

`make frontend` bundles `main.js` into `dist/`, which is committed, so that the app needs no node. The server hands it
out under an address that names its content: browsers keep it, and two versions never mix.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from app.engine import FILE, MANIFEST

FOLDER = Path(__file__).parent
DIST = FOLDER / "dist"


def _facts() -> bytes:
    # They ask the registry, which nobody needs before a page is opened.
    from app.stage.facts import all_facts, written

    return written(all_facts()).encode()


def _workbench() -> bytes:
    from app.workbench.told import told

    return json.dumps(told()).encode()


ABSENT = "This part of the page could not be loaded. Reload the page."

# What is handed out: the kind of each file, and what it holds.
FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = MappingProxyType({
    "frontend.js": ("text/javascript", (DIST / "frontend.js").read_bytes),
    "worker.js": ("text/javascript", (DIST / "worker.js").read_bytes),
    "engine.wasm": ("application/wasm", FILE.read_bytes),
    "engine.json": ("application/json", MANIFEST.read_bytes),
    "facts.json": ("application/json", _facts),
    "workbench.json": ("application/json", _workbench),
})  # fmt: skip


@cache
def stamp() -> str:
    """Returns the name of all files' content, which stands in their address."""
    digest = hashlib.sha256()
    for _, content in FILES.values():
        digest.update(content())
    return digest.hexdigest()[:16]


def address(name: str) -> str:
    """Returns where the server hands out a file of the bundle, relative to the app's first page."""
    return f"frontend/{stamp()}/{name}"


def loader(mount: str) -> str:
    """Returns the script of a component: it loads the bundle, once a page, and calls one of its mounts.

    Streamlit sends this script to every session over its socket, and not what it loads, which browsers keep. Where the
    bundle does not come, as from a server that has another one by now, the component says so.
    """
    return f"""
const bundle = import(new URL("{address("frontend.js")}", document.baseURI).href);
export default function (component) {{
  let leave = null, left = false;
  bundle.then(
    (module) => {{ if (!left) leave = module.{mount}(component); }},
    () => {{
      const said = document.createElement("p");
      said.textContent = "{ABSENT}";
      component.parentElement.replaceChildren(said);
    }},
  );
  return () => {{ left = true; leave?.(); }};
}}"""
