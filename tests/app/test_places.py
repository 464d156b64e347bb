"""What the page draws itself stands in one place through everything that comes and goes: Streamlit takes away what it
is told of in another place, and a stage would begin anew.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from app.presets import PRESETS
from app.url_state import encode
from tests.app.test_page import opened


def elements(block: Block, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yields every element of a page with its place: where it and the blocks around it stand."""
    for at, child in block.children.items():
        if isinstance(child, Block):
            yield from elements(child, (*path, at))
        else:
            yield (*path, at), child


def places(page: AppTest) -> list[tuple[int, ...]]:
    """Returns where the components of our own stand."""
    return [path for path, one in elements(page._tree) if one.proto.DESCRIPTOR.name == "BidiComponent"]


QUERIES = {
    "an older link": {"lr": "0.01"},
    "a link": {"lr": "0.01", "v": "2"},
    "a refused link": {"lr": "x", "nothing": "1", "v": "2"},
    "several tasks": {"problem": "landscape", "methods": "uniform", "v": "2"},
    "own": {"tasks": "3", "problem": "avocado", "v": "2"},
    **{title: encode(preset.view) | {"v": "2"} for title, preset in PRESETS.items()},
}


@pytest.fixture(scope="module")
def first() -> list[tuple[int, ...]]:
    """Returns where they stand on the first screen."""
    found = places(opened())
    assert len(found) >= 2
    return found


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_the_pages_own_components_stand_in_one_place(
    query: dict[str, str], first: list[tuple[int, ...]]
) -> None:
    assert places(opened(query)) == first
