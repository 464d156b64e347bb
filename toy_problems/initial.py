"""Everything random about a run, drawn up front from its seed: the same for both engines."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mtlcore.spec import draw_noise
from mtlcore.streams import Stream
from toy_problems.compiled.begin import Initial, begin, start_at
from toy_problems.config import ToyConfig
from toy_problems.problem import Problem

# The version of all that is drawn from a seed, by which links know whether theirs is today's. 1 was numpy's generator.
DRAWS = 2
GIVEN = ("W1", "b1", "W2", "b2", "x", "R")


def rule_stream(config: ToyConfig, path: int) -> Stream:
    """Returns the stream that a path's rule draws from, one row a step, in any portions."""
    return Stream(config.seed, 1 + path)


def gradient_stream(config: ToyConfig, path: int) -> Stream:
    """Returns the stream of the noise on a path's gradients."""
    return Stream(config.seed, 1 + path, 1)


def rotated_blocks(config: ToyConfig) -> tuple[int, ...]:
    """Returns the sizes of the blocks along the diagonal of R_k that the transform rotates; none where it has none."""
    method = config.resolved
    return method.spec.transform_spec.blocks(method.transform_params, config.d)


def along_diagonal(blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the matrix [m, m] with these square matrices along its diagonal, and zeros."""
    m, at = sum(map(len, blocks)), 0
    matrix = np.zeros((m, m))
    for block in blocks:
        matrix[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return matrix


def start_points(config: ToyConfig, problem: Problem) -> np.ndarray | None:
    """Returns the starts chosen by hand or by the problem, [S, d]; None where the seed draws the start."""
    if config.starts == "random":
        return None
    if config.starts == problem.starts_name:
        return np.tile(np.array(problem.starts), (1, config.d // len(problem.starts[0])))
    return np.array(config.starts, dtype=np.float64)


def draw(config: ToyConfig, problem: Problem, given: Mapping[str, Any] | None = None) -> list[Initial]:
    """Returns where each path begins. `given` replaces drawn arrays; raises ValueError naming one of a wrong shape."""
    drawn = _drawn(config, problem)
    initial = drawn._replace(**_checked(given or {}, drawn, problem))
    _check_blocks(initial.R, rotated_blocks(config))
    points = start_points(config, problem)
    return [initial] if points is None else [_at(start, initial) for start in points]


def _drawn(config: ToyConfig, problem: Problem) -> Initial:
    """Returns what the seed draws (see `begin`)."""
    blocks, haar = rotated_blocks(config), config.params.get("rot_init") == "haar"
    block = blocks[0] if blocks else 0
    points = np.empty((0, 2)) if problem.points is None else problem.points
    bounds, angles = np.array(problem.bounds), np.array(problem.angles, dtype=np.float64)
    sizes = (config.seed, config.tasks, config.d, sum(blocks), block, int(haar))
    return Initial(*begin(*sizes, bounds, points, angles, np.empty(0)))


def _at(start: np.ndarray, initial: Initial) -> Initial:
    """Returns a beginning whose mean feature is `start`: the last bias is set so that the network gets there."""
    moved = initial._replace(b2=initial.b2.copy(), theta=initial.theta.copy())
    start_at(start, moved)
    return moved


def _checked(given: Mapping[str, Any], drawn: Initial, problem: Problem) -> dict[str, np.ndarray]:
    """Returns the given arrays as float64. Raises ValueError for an unknown name, a wrong shape or a non-number."""
    checked = {}
    for name, value in given.items():
        if name not in GIVEN:
            raise ValueError(f"initial takes {', '.join(GIVEN)}; got {name!r}.")
        if not problem.backbone and name != "R":
            raise ValueError(
                f"initial: {problem.key} has no backbone, so it takes no {name}; choose starts instead."
            )
        shape = getattr(drawn, name).shape
        takes = f"initial: {name} takes finite numbers of shape {list(shape)}, got"
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{takes} {value!r}.") from error
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"{takes} shape {list(array.shape)}.")
        checked[name] = array
    if "R" in checked and not _are_rotations(checked["R"]):
        raise ValueError("initial: R takes rotations, matrices with R^T R = I and determinant 1.")
    return checked


def _check_blocks(R: np.ndarray, blocks: tuple[int, ...]) -> None:
    """Raises ValueError where R [K, m, m] turns dimensions of different blocks into each other."""
    inside = along_diagonal([np.ones((size, size)) for size in blocks])
    if R[..., inside == 0.0].any():
        raise ValueError(
            f"initial: R takes rotations in blocks of {blocks[0]} dimensions, and 0 outside them."
        )


def _are_rotations(R: np.ndarray) -> bool:
    """Returns whether every matrix of R [K, m, m] is a rotation, to 1e-8."""
    m = R.shape[-1]
    return bool((np.abs(R.transpose(0, 2, 1) @ R - np.eye(m)) <= 1e-8).all() and (np.linalg.det(R) > 0).all())


def noise_size(config: ToyConfig, initial: Initial) -> int:
    """Returns how many random numbers one step of the method's rule takes."""
    rule, level, size = config.resolved.spec.rule_spec, config.resolved.level, config.d
    if rule.kind == "elementwise" and config.problem_spec.backbone and level != "features":
        size = initial.W2.size + initial.b2.size
        size += initial.W1.size + initial.b1.size if level == "parameters" else 0
    return rule.noise_size(config.tasks, size)


def draw_rows(config: ToyConfig, stream: Stream, rows: int, size: int) -> np.ndarray:
    """Returns the next `rows` steps' random numbers, [rows, size]."""
    return draw_noise(config.resolved.spec.rule_spec.noise, (rows, size), stream)
