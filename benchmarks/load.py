"""A hall: many visitors at once on one server, each with a change every two seconds, as raw WebSocket clients.

Printed for each hall: how long a change takes until its answer is there (median, 95th percentile, longest), what
the server computes for one change (processor time, which other programs do not change), its memory, and how loaded
the machine was meanwhile. A change counts from the moment it was due, also where the one
before it was late, until it or a newer one is shown.
"""

import argparse
import asyncio
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np

from benchmarks.browser import server_process
from tools.streamlit_client import Visitor

SEEDS = 1000  # what the button with the die draws from
EVERY = 2.0  # seconds between two changes of one visitor
LIGHT = ""  # the first screen
HEAVY = "steps=5000&d=16&methods=uniform,rotograd,cagrad,mgda"
HALLS = {"10": (10, 0), "15": (15, 0), "30": (30, 0), "10 heavy": (0, 10), "20 and 10 heavy": (20, 10)}
ASKED = 1.0  # seconds: the 95th percentile of the visitors on the first screen


@dataclass
class Hall:
    """Seconds from due to answered, of those on the first screen and of the heavy ones, and the bytes sent."""

    light: list[float] = field(default_factory=list)
    heavy: list[float] = field(default_factory=list)
    bytes: int = 0


async def sit(
    address: str, query: str, taken: list[float], hall: Hall, rng: random.Random, end: float
) -> None:
    """One visitor: opens the page, then draws another seed every two seconds until the end, whether or not the
    one before is on the page.
    """
    async with Visitor(address) as visitor:
        await visitor.open(query)
        asked: dict[int, float] = {}  # when each seed that is not on the page yet was due, in order
        reading = asyncio.create_task(read(visitor, asked, taken, hall))
        due = time.perf_counter() + rng.uniform(0, EVERY)
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            seed = rng.randrange(1, SEEDS)
            asked.pop(seed, None)
            asked[seed] = due
            visitor.let_go(str(due), seed=seed)
            await visitor.send()
            due += EVERY
        while asked:
            await asyncio.sleep(EVERY / 100)
        reading.cancel()


async def read(visitor: Visitor, asked: dict[int, float], taken: list[float], hall: Hall) -> None:
    """Notes for every seed asked for how long it took until it, or a newer one, was on the page."""
    while True:
        size = await visitor.until_finished()
        hall.bytes += size
        seed = int(dict(parse_qsl(visitor.query)).get("seed", 0))
        while seed in asked:
            taken.append(time.perf_counter() - asked.pop(next(iter(asked))))


async def fill(address: str, light: int, heavy: int, seconds: float, seed: int) -> Hall:
    """Returns what so many visitors measured in so many seconds."""
    hall, rng = Hall(), random.Random(seed)
    end = time.perf_counter() + seconds
    kinds = [(LIGHT, hall.light)] * light + [(HEAVY, hall.heavy)] * heavy
    await asyncio.gather(
        *(sit(address, query, taken, hall, random.Random(rng.random()), end) for query, taken in kinds)
    )
    return hall


def used(pid: int) -> tuple[float, float]:
    """Returns the processor seconds and the megabytes a process has used; NaN where there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return float("nan"), float("nan")
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(stat[11]) + int(stat[12])) / ticks, pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def row(name: str, taken: list[float]) -> str:
    """Returns the latencies of one kind of visitor in words."""
    half, most, longest = np.quantile(taken, [0.5, 0.95, 1.0])
    return f"{name} p50 {half:.2f} s, p95 {most:.2f} s, longest {longest:.2f} s ({len(taken)} changes)"


def measure(name: str, light: int, heavy: int, seconds: float, seed: int) -> None:
    """Prints one hall, on a server of its own."""
    with server_process() as (process, address):
        asyncio.run(
            fill(address, 1, 1 if heavy else 0, 2 * EVERY, seed)
        )  # the first visitor warms everything
        before, _ = used(process.pid)
        hall = asyncio.run(fill(address, light, heavy, seconds, seed + 1))
        after, memory = used(process.pid)
    changes = len(hall.light) + len(hall.heavy)
    print(f"{name:>16}: ", end="")
    print("; ".join(row(kind, taken) for kind, taken in vars(hall).items() if kind != "bytes" and taken))
    cost = 1000 * (after - before) / (changes + light + heavy)
    print(
        f"{'':>18}{cost:.0f} ms of processor a change, {hall.bytes / changes / 1000:.0f} kB, {memory:.0f} MB, "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )


def main() -> None:
    """Prints every hall asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("halls", nargs="*", default=list(HALLS), help=f"which of {', '.join(HALLS)}")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long each hall is measured")
    parser.add_argument("--seed", type=int, default=0, help="of the visitors' phases and choices")
    asked = parser.parse_args()
    print(f"a change every {EVERY:g} s for each visitor; asked: p95 of the light at most {ASKED:g} s")
    for name in asked.halls:
        measure(name, *HALLS[name], asked.seconds, asked.seed)


if __name__ == "__main__":
    main()
