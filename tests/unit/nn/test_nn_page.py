"""The page "bring your own network": its code runs, trains, and is as short as it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/bring_your_own_network.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_code_runs(number):
    exec(compile(BLOCKS[number], f"example {number + 1}", "exec"), {})


def test_twelve_lines_train_a_network():
    assert len(BLOCKS[0].strip().splitlines()) == 12
    names = {}
    start = BLOCKS[0].replace("range(100)", "range(1)")
    exec(compile(start, "the first step", "exec"), names)
    first = names["model"].last.losses
    names = {}
    exec(compile(BLOCKS[0], "all steps", "exec"), names)
    assert (names["model"].last.losses < first).all()


def test_the_readme_shows_the_same_lines():
    assert BLOCKS[0] in (ROOT / "README.md").read_text(encoding="utf-8")
