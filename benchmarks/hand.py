"""The hand leads: how soon the picture follows a dragged slider or start, and what that costs, in a real Chromium.

Printed: what was measured beside what was asked. Where the page computes the runs itself, a change counts from the
input to the picture; where the server does (and always with --server), from the release to the picture.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import server_process
from benchmarks.hand_costs import cost, growth, openings
from benchmarks.hand_page import Slider, Start, drag, follow, is_live, opened, play_while_dragging
from benchmarks.wire import counted
from tools.find_browser import MISSING, find_browser

ROTATION, RATE = "Rotation learning rate", "Learning rate"
FOUR = "methods=uniform,rotograd,cagrad,mgda"
LANDSCAPE = "problem=landscape&methods=uniform,mgda,cagrad,aligned_mtl&steps=35000&starts=paper"
QUICK = {"p50": 17.0, "p95": 33.0}


@dataclass(frozen=True)
class Scene:
    """What stands on the page while it is dragged, by the query of its address, and what is asked (milliseconds)."""

    query: str
    asked: dict[str, float] = field(default_factory=lambda: QUICK)
    label: str = ROTATION


SCENES = {
    "RotoGrad preset": Scene(""),
    "four methods x 400 steps": Scene(f"{FOUR}&steps=400"),
    "nonconvex, 1000 steps": Scene("problem=nonconvex&methods=uniform,rotograd&lr_rot=0.03&steps=1000"),
    "d = 8": Scene("d=8&methods=uniform,rotograd"),
    "d = m = 16, four methods": Scene(f"{FOUR}&d=16&m=16", {"p95": 100.0, "longest gap": 50.0}),
    "landscape, 4 x 5 x 35 000": Scene(
        LANDSCAPE, {"p95": 50.0, "whole p95": 400.0, "longest gap": 34.0}, RATE
    ),
}


@dataclass(frozen=True)
class Row:
    """One figure beside what was asked; asked None: told for comparison. least: the asked is a lower bound."""

    work: str
    figure: str
    value: float
    asked: float | None = None
    least: bool = False

    def __str__(self) -> str:
        if self.asked is None:
            return f"{self.work:<28}{self.figure:<34}{self.value:>10.4g}"
        kept = self.value >= self.asked if self.least else self.value <= self.asked
        sign = "at least" if self.least else "at most"
        return f"{self.work:<28}{self.figure:<34}{self.value:>10.4g}  {sign} {self.asked:<8g}{'' if kept else 'missed'}"


@dataclass(frozen=True)
class Bench:
    """A warm server and a browser. server: the page is opened without WebAssembly."""

    browser: Browser
    address: str
    pid: int
    asked: argparse.Namespace

    def drags(self) -> Iterator[Row]:
        """Yields how soon the picture follows, half of the inputs on a slider and half on a start."""
        for name, scene in SCENES.items():
            with opened(self.browser, self.address, scene.query, self.asked.server) as page:
                drag(page, Slider(page, scene.label), 3)  # compiled, cached
                each = -(-self.asked.inputs // 2)
                told = [drag(page, held, each) for held in (Slider(page, scene.label), Start(page))]
            first, whole, gaps = (
                np.concatenate([getattr(one, n) for one in told]) for n in ("first", "whole", "gaps")
            )
            figures = {
                "p50": np.median(first),
                "p95": np.quantile(first, 0.95),
                "whole p50": np.median(whole),
                "whole p95": np.quantile(whole, 0.95),
                "gap p95": np.quantile(gaps, 0.95),
                "longest gap": gaps.max(),
            }
            for figure, value in figures.items():
                if figure in scene.asked or not figure.startswith("whole") or (whole > first).any():
                    yield Row(name, f"{figure}, ms", float(value), scene.asked.get(figure))

    def release(self) -> Iterator[Row]:
        """Yields how soon address, sentences and tabs follow a release."""
        with opened(self.browser, self.address, server=self.asked.server) as page:
            taken = follow(page, Slider(page, ROTATION), self.asked.inputs)
        yield Row("release -> address and tabs", "p50, ms", float(np.median(taken)))
        yield Row("release -> address and tabs", "p95, ms", float(np.quantile(taken, 0.95)), 250.0)

    def playing(self) -> Iterator[Row]:
        """Yields the frames a second of runs that play under a drag."""
        with opened(self.browser, self.address, server=self.asked.server) as page:
            gaps = play_while_dragging(page, Slider(page, ROTATION), self.asked.inputs)
        # a frame is 16.67 ms, and the clock of a display is not exact to a percent
        yield Row("playing while dragging", "frames a second", 1000 * len(gaps) / gaps.sum(), 59.4, True)
        yield Row("playing while dragging", "gap p95, ms", float(np.quantile(gaps, 0.95)))

    def costs(self) -> Iterator[Row]:
        """Yields what a change costs the server, against the path without WebAssembly."""
        told = []
        for server in (True, self.asked.server):
            with counted(self.address) as wire, opened(self.browser, wire.own, server=server) as page:
                told.append(cost(page, wire, self.pid, ROTATION, self.asked.inputs))
        yield Row("server, runs on the server", "processor a change, ms", told[0].processor)
        yield Row("server, runs on the server", "bytes a change", told[0].bytes)
        yield Row("server", "processor a change, ms", told[1].processor, told[0].processor / 3)
        yield Row("server", "bytes a change", told[1].bytes, 5000.0)

    def opening(self) -> Iterator[Row]:
        """Yields how soon a first visitor sees the stage, and how the layout shifts meanwhile."""
        taken, shifts = openings(self.browser, self.address, self.asked.opens, self.asked.server)
        yield Row("open -> first picture", "p50, ms", float(np.median(taken)), 1200.0)
        yield Row("open -> first picture", "p95, ms", float(np.quantile(taken, 0.95)))
        yield Row("open -> first picture", "layout shift, largest", shifts.max(), 0.05)

    def memory(self) -> Iterator[Row]:
        """Yields how the page grows; over fewer changes where each is a run of the server's."""
        with opened(self.browser, self.address, server=self.asked.server) as page:
            changes = self.asked.changes if is_live(page) else min(self.asked.changes, self.asked.inputs)
            told = growth(self.browser, page, ROTATION, changes)
        work = f"page after {told.changes} changes"
        yield Row(work, "held by its script, MB more", told.held, 10.0)
        yield Row(work, "its process, MB more", told.process)


PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    one.__name__: one
    for one in (Bench.opening, Bench.drags, Bench.release, Bench.playing, Bench.costs, Bench.memory)
}


def arguments() -> argparse.Namespace:
    """Returns what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="which of the figures")
    parser.add_argument("--inputs", type=int, default=200, help="inputs behind each figure")
    parser.add_argument("--opens", type=int, default=20, help="visits behind the figures of opening")
    parser.add_argument("--changes", type=int, default=10_000, help="changes behind the figures of memory")
    parser.add_argument(
        "--server", action="store_true", help="without WebAssembly: the server computes the runs"
    )
    return parser.parse_args()


def main() -> None:
    """Prints what was measured beside what was asked."""
    asked, path = arguments(), find_browser()
    if path is None:
        sys.exit(MISSING)
    with server_process() as (process, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        bench = Bench(browser, address, process.pid, asked)
        with opened(browser, address, server=asked.server) as page:  # the first visitor warms everything
            engine = "in the page" if is_live(page) else "on the server"
        print(f"Runs are computed {engine}; 1280 x 800, headless Chromium, {os.cpu_count()} cores")
        for part in asked.only:
            for row in PARTS[part](bench):
                print(row, flush=True)
            print(f"{'':<28}load {os.getloadavg()[0]:.1f}")
        browser.close()


if __name__ == "__main__":
    main()
