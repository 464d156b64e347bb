"""Floods a running app with hostile addresses and says how it stood: make app, then python tools/flood.py.

Every address is a query made from a seed: unknown and repeated fields, numbers that are infinite, huge, negative or
not numbers, text with markup, bytes that are no text, and mixtures of good values. Counted are those with a value that
is not finite, and the pages that showed an exception.
"""

import argparse
import asyncio
import random
from urllib.parse import quote

from tools.streamlit_client import Visitor

AT_ONCE = 8
NOT_FINITE = ("nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "nan,nan", "inf,1;2,nan")
NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "3.5",
    "1e308",
    "-1e308",
    "1e-320",
    "9" * 40,
    "0x10",
    "1_000",
    "٣",
    "1,2",
    "1;2",
    "",
)
TEXTS = (
    "<script>alert(1)</script>", "![x](http://evil.example/x.png)", "=HYPERLINK(1)", "'; DROP TABLE runs", "../../etc",
    "%00", "\x00", "\ud7ff", "a" * 3000, "uniform", "rotograd", "rotation+cagrad@features", "avocado", "landscape",
    "a+b@c", "+@", ",,,,", "true", "typed", "random", "paper",
)  # fmt: skip
FIELDS = (
    "problem", "methods", "method", "d", "m", "pair", "s", "lr", "steps", "seed", "starts", "start", "curve", "of",
    "look", "across", "up", "seeds", "optimizer", "lr_rot", "rot_decay", "record_every", "rotograd.m", "cagrad.c",
    "uniform.x", "nash_mtl.c", "embed", "__class__", "",
)  # fmt: skip


def address(rng: random.Random) -> tuple[str, bool]:
    """Returns a query, and whether one of its values is not finite."""
    parts, finite = [], True
    for _ in range(rng.randint(1, 6)):
        value = rng.choice(rng.choice((NOT_FINITE, NUMBERS, TEXTS)))
        finite &= value not in NOT_FINITE
        key = rng.choice(FIELDS)
        parts.append(f"{quote(key)}={quote(value.encode('utf-8', 'surrogatepass'))}")
    if rng.random() < 0.2:
        parts += [parts[0]] * rng.randint(1, 30)
    return "&".join(parts), not finite


async def attack(url: str, count: int, seed: int) -> list[str]:
    """Opens so many addresses, a few at a time, and prints the counts; returns those that showed an exception."""
    rng = random.Random(seed)
    drawn = [(*address(rng), rng.choice(("", "", "", "lab", "methods"))) for _ in range(count)]
    left, failed = iter(drawn), []

    async def visit() -> None:
        for query, _, page in left:
            async with Visitor(url) as visitor:
                await visitor.open(query, page)
                if visitor.shown("exception"):
                    failed.append(query)

    await asyncio.gather(*(visit() for _ in range(AT_ONCE)))
    infinite = sum(not_finite for _, not_finite, _ in drawn)
    said = f"{count} hostile addresses (seed {seed}), {infinite} with a value that is not finite"
    print(f"{said}: {len(failed)} exceptions")
    return failed


def main() -> None:
    """Prints the counts; ends with 1 where an address showed an exception."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--address", default="http://127.0.0.1:8501")
    parser.add_argument("--count", type=int, default=4430)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    failed = asyncio.run(attack(asked.address, asked.count, asked.seed))
    for query in failed:
        print(query)
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
