"""Damages the small files of a lab, one after another, and says how often everything else went on.

`python tools/corrupt_files.py --random 200 --seed 0`. First each file in each of four ways, then at random. After each
damage: the queue lists every run, the others unchanged; a new run gets a number of its own; the damaged run is one
row that says so, or whole; the page with everything under "More" draws without an exception; and the damaged run can
be deleted.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "app" / "app_pages" / "lab.py"
FILES = ("status.json", "run.json", "ticket")
EVERY = 10  # one random damage in so many is looked at on the page


def truncated(content: bytes) -> bytes:
    """Returns the first half."""
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    """Returns nothing."""
    return b""


def other_types(content: bytes) -> bytes:
    """Returns the same fields with values of another kind, or a list where there is a number."""
    found = json.loads(content)
    if not isinstance(found, dict):
        return json.dumps([found]).encode()
    return json.dumps(
        {name: [value] if isinstance(value, str) else "text" for name, value in found.items()}
    ).encode()


def unknown_fields(content: bytes) -> bytes:
    """Returns what a later version might have written: more fields, in the configuration too."""
    found = json.loads(content)
    if not isinstance(found, dict):
        return json.dumps({"ticket": found, "later": True}).encode()
    if "config" in found:
        found["config"]["later"] = 1
    return json.dumps(found | {"later": {"deep": [1, None]}}).encode()


WAYS: tuple[Callable[[bytes], bytes], ...] = (truncated, empty, other_types, unknown_fields)


def at_random(content: bytes, draws: random.Random) -> bytes:
    """Returns content cut off, with other bytes, or another content altogether."""
    cut = draws.randrange(len(content) + 1)
    noise = bytes(draws.randrange(256) for _ in range(draws.randrange(1, 40)))
    odd = (
        b"null",
        b"[]",
        b"1e999",
        b"-1",
        b"NaN",
        b"[" * 5000,
        b"9" * 5000,
        b'{"state": NaN}',
        b"\xff\xfe",
        b"{}",
    )
    return draws.choice(
        (content[:cut], content[:cut] + noise + content[cut + len(noise) :], draws.choice(odd), noise)
    )


def three_runs() -> list[str]:
    """Returns the ids of new runs: one that has finished, one that failed, one in line."""
    from experiments import launch
    from experiments.cifar10.config import LabConfig
    from experiments.launch.local import LocalLauncher

    made = [LocalLauncher().enlist(launch.request_of(LabConfig("uniform", seed=seed))) for seed in range(3)]
    made[0].write_status(
        state="finished", message="finished", started=1e9, ended=1e9 + 60, epoch=10, source="synthetic"
    )
    made[1].write_status(state="failed", message="No room.", started=1e9, ended=1e9 + 60)
    return [folder.id for folder in made]


def went_on(file: str, damage: Callable[[bytes], bytes], page: bool) -> str:
    """Returns what did not go on in a new lab after the damage, "" where everything did."""
    from experiments import launch, paths
    from experiments.cifar10.config import LabConfig
    from experiments.launch.local import LocalLauncher

    victim, *others = three_runs()
    before = {run.id: run for run in launch.queue()}
    path = (paths.runs_folder() / victim if file != "ticket" else paths.runs_folder().parent) / file
    path.write_bytes(damage(path.read_bytes()))
    after = {run.id: run for run in launch.queue()}
    if after.keys() != before.keys() or any(after[run] != before[run] for run in others):
        return "the queue lists other runs, or other things of them"
    one = after[victim]
    if one.state == "unreadable" and f"{file} cannot be read: " not in one.message:
        return "the damaged run does not say what is damaged"
    new = LocalLauncher().enlist(launch.request_of(LabConfig("uniform", seed=0))).id
    if new in before or new not in {run.id for run in launch.queue()}:
        return "a new run was not taken in line"
    if page and (raised := opened(victim)):
        return f"the page: {raised}"
    if "delete" not in one.can:
        return "the damaged run cannot be deleted"
    launch.delete(victim)
    return "" if victim not in {run.id for run in launch.queue()} else "the damaged run is still there"


def opened(*runs: str) -> str:
    """Returns what the page raised with all runs shown and "More" open for these, "" where it is drawn."""
    page = page_with_more_open(*runs)
    return "; ".join(str(one.value) for one in (*page.exception, *page.error))


def page_with_more_open(*runs: str) -> Any:
    """Returns the page, all runs shown and "More" open for these."""
    from streamlit.testing.v1 import AppTest

    from app.lab.queue import ALL

    page = AppTest.from_file(str(PAGE), default_timeout=600)
    page.session_state[ALL] = True
    for run in runs:
        page.session_state[f"lab:more:{run}"] = True
    return page.run()


def main(argv: list[str] | None = None) -> int:
    """Returns 0 where everything else went on after every damage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(argv)
    sys.path.insert(0, str(ROOT))
    draws = random.Random(asked.seed)
    cases: list[tuple[str, Any, bool]] = [(file, way, True) for file in FILES for way in WAYS]
    for number in range(asked.random):
        cases.append((draws.choice(FILES), lambda content: at_random(content, draws), number % EVERY == 0))
    fine = 0
    for file, way, page in cases:
        with tempfile.TemporaryDirectory() as home:
            os.environ["MTL_DATA"] = home
            trouble = went_on(file, way, page)
        fine += not trouble
        if trouble:
            print(f"{file}, {getattr(way, '__name__', way)}: {trouble}")
    looked = sum(page for *_, page in cases)
    print(
        f"files corrupted: everything else went on {fine} of {len(cases)} times, {looked} of them seen on the page"
    )
    return 0 if fine == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
