"""Arguments and exact values for the elementary functions: what the tests and the benchmark ask."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from mtlcore.compiled import elementary

HARDEST = 6381956970095103.0 * 2.0**797  # of all float64 the nearest to a multiple of pi / 2


def anywhere(rng: np.random.Generator, count: int) -> np.ndarray:
    """Returns numbers of either sign and every size that float64 has."""
    sign = rng.choice([-1.0, 1.0], count)
    return sign * np.ldexp(rng.uniform(0.5, 1.0, count), rng.integers(-1070, 1024, count))


def around(rng: np.random.Generator, count: int, *sizes: float) -> np.ndarray:
    """Returns numbers of either sign, up to three times each of these sizes, in equal shares."""
    return np.concatenate([size * rng.uniform(-3.0, 3.0, count // len(sizes)) for size in sizes])


def angles(rng: np.random.Generator, count: int) -> np.ndarray:
    """Returns angles of every size, and those nearest to multiples of pi / 2."""
    part = count // 4
    near = np.append(rng.integers(1, 600_000, part) * (np.pi / 2), HARDEST)
    return np.concatenate(
        [rng.uniform(-10, 10, part), rng.uniform(-1e7, 1e7, part), anywhere(rng, part), near]
    )


def sides(rng: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Returns the two sides of right triangles, flat ones and tiny ones too."""
    part = count // 2
    pairs = anywhere(rng, part), anywhere(rng, part)
    return tuple(np.concatenate([rng.uniform(-3.0, 3.0, part), some]) for some in pairs)


def powers(rng: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Returns bases and exponents."""
    part = count // 2
    bases = np.concatenate([rng.uniform(0, 3, part), abs(anywhere(rng, part))])
    return bases, np.concatenate([rng.uniform(-300, 300, part), rng.uniform(-5, 5, part)])


Draw = Callable[[np.random.Generator, int], Any]
# function, exact value, arguments
CASES: dict[str, tuple[Any, Any, Draw]] = {
    "exp": (
        elementary.exp,
        mpmath.exp,
        lambda rng, n: np.append(rng.uniform(-745, 709, n), around(rng, n, 1.0)),
    ),
    "expm1": (
        elementary.expm1,
        mpmath.expm1,
        lambda rng, n: np.append(rng.uniform(-50, 709, n), around(rng, n, 1.0, 0.02, 1e-9)),
    ),
    "log": (
        elementary.log,
        mpmath.log,
        lambda rng, n: np.append(abs(anywhere(rng, n)), 1 + around(rng, n, 0.2, 1e-3, 1e-12)).clip(5e-324),
    ),
    "log1p": (
        elementary.log1p,
        mpmath.log1p,
        lambda rng, n: np.append(abs(anywhere(rng, n)), around(rng, n, 0.2, 1e-3, 1e-12)).clip(-0.999),
    ),
    "tanh": (elementary.tanh, mpmath.tanh, lambda rng, n: around(rng, 2 * n, 9.0, 1.0, 0.02, 1e-9)),
    "sin": (elementary.sin, mpmath.sin, angles),
    "cos": (elementary.cos, mpmath.cos, angles),
    "hypot": (elementary.hypot, lambda a, b: mpmath.sqrt(a * a + b * b), sides),
    "power": (elementary.power, mpmath.power, powers),
}


@mpmath.workprec(160)
def worst_error(name: str, count: int, seed: int = 0) -> tuple[float, tuple[float, ...]]:
    """Returns the largest error in units in the last place over about 2 `count` arguments, and where it is."""
    function, exact, draw = CASES[name]
    drawn = draw(np.random.default_rng(seed), count)
    worst, where = 0.0, ()
    for given in zip(*(drawn if isinstance(drawn, tuple) else (drawn,)), strict=True):
        asked = tuple(map(float, given))
        want, got = exact(*map(mpmath.mpf, asked)), function(*asked)
        rounded = float(want)
        if not np.isfinite(rounded):
            assert got == rounded, (name, asked, got)
            continue
        error = abs(float((mpmath.mpf(got) - want) / mpmath.mpf(float(np.spacing(abs(rounded))))))
        if error > worst:
            worst, where = error, asked
    return worst, where
