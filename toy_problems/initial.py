"""Everything random about a run, drawn up front from its seed: the same for both engines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtlcore.spec import draw_noise
from toy_problems.compiled.arrays import HIDDEN, INPUTS
from toy_problems.config import ToyConfig
from toy_problems.problem import Problem

GIVEN = ("W1", "b1", "W2", "b2", "x", "R")


@dataclass(frozen=True)
class Initial:
    """Where one path begins."""

    W1: np.ndarray  # [H, 2]
    b1: np.ndarray  # [H]
    W2: np.ndarray  # [d, H]
    b2: np.ndarray  # [d]
    x: np.ndarray  # [N, 2]
    theta: np.ndarray  # [N, d] the point itself, for a problem without backbone
    R: np.ndarray  # [K, m, m] initial rotations
    noise_seed: tuple[int, int]

    def noise(self) -> np.random.Generator:
        """Returns a fresh generator of this path's noise: rows drawn one after the other, in any portions."""
        return np.random.default_rng(self.noise_seed)

    def gradient_noise(self) -> np.random.Generator:
        """Returns a fresh generator of the noise on this path's gradients, a stream of its own."""
        return np.random.default_rng((*self.noise_seed, 1))


def rotated_blocks(config: ToyConfig) -> tuple[int, ...]:
    """Returns the sizes of the blocks along the diagonal of R_k that the transform rotates; none where it has none."""
    method = config.resolved
    return method.spec.transform_spec.blocks(method.transform_params, config.d)


def _layer(rng: np.random.Generator, outputs: int, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns weights [outputs, inputs] and biases [outputs] as torch's Linear draws them."""
    bound = 1.0 / np.sqrt(inputs)
    return rng.uniform(-bound, bound, (outputs, inputs)), rng.uniform(-bound, bound, outputs)


def haar_rotation(rng: np.random.Generator, m: int) -> np.ndarray:
    """Returns a matrix [m, m] drawn uniformly from SO(m), by a QR decomposition with positive diagonal."""
    if m < 1:
        return np.empty((0, 0))
    q, r = np.linalg.qr(rng.standard_normal((m, m)))
    q *= np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] *= -1.0
    return q


def planar_rotation(angle: float, m: int) -> np.ndarray:
    """Returns a rotation [m, m] by `angle` in the plane of the first two dimensions."""
    turned = np.eye(m)
    turned[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turned


def _rotations(config: ToyConfig, problem: Problem, rng: np.random.Generator) -> np.ndarray:
    """Returns R_k(0), [K, m, m], its blocks along the diagonal."""
    blocks, tasks = rotated_blocks(config), config.tasks
    m = sum(blocks)
    if config.params.get("rot_init") == "haar":
        turned = [[haar_rotation(rng, size) for size in blocks] for _ in range(tasks)]
        return np.array([along_diagonal(own) for own in turned]).reshape(tasks, m, m)
    if problem.angles and max(blocks, default=0) >= 2:
        return np.array([planar_rotation(angle, m) for angle in problem.angles])
    return np.tile(np.eye(m), (tasks, 1, 1))


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
    rng = np.random.default_rng(config.seed)
    W1, b1 = _layer(rng, HIDDEN, INPUTS)
    W2, b2 = _layer(rng, config.d, HIDDEN)
    x = rng.standard_normal((problem.batch, INPUTS))
    arrays = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "x": x if problem.points is None else problem.points}
    low, high = np.array(problem.bounds).T
    point = np.tile(rng.uniform(low, high), config.d // 2)[None]
    arrays["R"] = _rotations(config, problem, rng)
    arrays |= _checked(given or {}, arrays, problem)
    points = start_points(config, problem)
    if points is None:
        return [Initial(**arrays, theta=point, noise_seed=(config.seed, 1))]
    return [_at(start, arrays, problem, (config.seed, 1 + i)) for i, start in enumerate(points)]


def _at(
    start: np.ndarray, arrays: Mapping[str, np.ndarray], problem: Problem, noise_seed: tuple[int, int]
) -> Initial:
    """Returns a beginning whose mean feature is `start`: the last bias is set so that the network gets there."""
    hidden = np.maximum(arrays["x"] @ arrays["W1"].T + arrays["b1"], 0.0)
    b2 = start - (hidden @ arrays["W2"].T).mean(axis=0)
    return Initial(**{**arrays, "b2": b2}, theta=start[None].copy(), noise_seed=noise_seed)


def _checked(
    given: Mapping[str, Any], drawn: Mapping[str, np.ndarray], problem: Problem
) -> dict[str, np.ndarray]:
    """Returns the given arrays as float64. Raises ValueError for an unknown name, a wrong shape or a non-number."""
    checked = {}
    for name, value in given.items():
        if name not in drawn:
            raise ValueError(f"initial takes {', '.join(GIVEN)}; got {name!r}.")
        if not problem.backbone and name != "R":
            raise ValueError(
                f"initial: {problem.key} has no backbone, so it takes no {name}; choose starts instead."
            )
        takes = f"initial: {name} takes finite numbers of shape {list(drawn[name].shape)}, got"
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{takes} {value!r}.") from error
        if array.shape != drawn[name].shape or not np.isfinite(array).all():
            raise ValueError(f"{takes} shape {list(array.shape)}.")
        checked[name] = array
    if "R" in checked and not _are_rotations(checked["R"]):
        raise ValueError("initial: R takes rotations, matrices with R^T R = I and determinant 1.")
    return checked


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


def draw_rows(config: ToyConfig, rng: np.random.Generator, rows: int, size: int) -> np.ndarray:
    """Returns the next `rows` steps' random numbers, [rows, size]."""
    return draw_noise(config.resolved.spec.rule_spec.noise, (rows, size), rng)
