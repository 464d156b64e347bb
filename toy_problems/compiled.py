"""The compiled engine: lays out the arrays of every path and runs the kernels, one thread a path."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from toy_problems._arrays import (
    HIDDEN, LEVELS, TRANSFORMS, Network, Records, Setup, Tasks, Views, empty_records,
)  # fmt: skip
from toy_problems._balance import no_element, no_rule
from toy_problems._expm import SLOTS
from toy_problems._initial import Initial, draw, draw_rows, noise_rows, rotated_dims
from toy_problems._path import follow
from toy_problems._views import refresh
from toy_problems.config import ToyConfig
from toy_problems.problem import Problem
from toy_problems.trajectory import Trajectory, assemble

CHUNK = 1 << 20  # random numbers drawn at a time: long runs stay small


@cache
def pool() -> ThreadPoolExecutor:
    """Returns the threads that paths run on; the kernels release the interpreter's lock."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="toy-path")


@dataclass(frozen=True)
class Path:
    """One path's arrays, ready to run."""

    setup: Setup
    network: Network
    views: Views
    tasks: Tasks
    records: Records
    initial: Initial
    ending: np.ndarray  # outcome, steps taken, records written


def setup_of(config: ToyConfig, ends_only: bool = False) -> Setup:
    """Returns the numbers the kernels need of a configuration; ends_only keeps the first and the last record."""
    method, problem = config.resolved, config.world
    rule, params = method.spec.rule_spec, method.transform_params
    looks = rule.kind == "elementwise" or "gram" in rule.needs  # a rule of the losses alone has no level
    return Setup(
        backbone=int(problem.backbone),
        level=LEVELS[method.level if looks else "features"],
        elementwise=int(rule.kind == "elementwise"),
        transform=TRANSFORMS[method.transform],
        m=rotated_dims(config),
        steps=config.steps,
        record_every=config.steps if ends_only else config.record_every,
        adam=int(config.optimizer == "adam"),
        transform_adam=int(params.get("rot_optimizer") == "adam"),
        library=int(params.get("alignment") == "library"),
        lr=float(config.lr),
        lr_transform=float(params.get("lr_rot", 0.0)),
        decay=float(params.get("rot_decay", 1.0)),
    )


def record_steps(steps: int, every: int) -> np.ndarray:
    """Returns the step numbers that are recorded: every multiple of `every`, and the last."""
    kept = np.arange(0, steps + 1, every)
    return kept if kept[-1] == steps else np.append(kept, steps)


def _network(setup: Setup, initial: Initial) -> Network:
    """Returns the network's arrays, its four parameters being views of one vector."""
    N, d = initial.theta.shape if setup.backbone == 0 else (len(initial.x), initial.b2.size)
    if setup.backbone == 0:
        theta = initial.theta.flatten()
        empty, flat = np.empty((0, 0)), np.empty(0)
        parts: Any = (empty, flat, empty, flat, empty, empty, theta.reshape(N, d))
    else:
        pieces = (initial.W1, initial.b1, initial.W2, initial.b2)
        theta = np.concatenate([piece.ravel() for piece in pieces])
        ends = np.cumsum([piece.size for piece in pieces])
        W1, b1, W2, b2 = (
            theta[end - piece.size : end].reshape(piece.shape)
            for piece, end in zip(pieces, ends, strict=True)
        )
        parts = (W1, b1, W2, b2, np.array(initial.x), np.zeros((N, HIDDEN)), np.zeros((N, d)))
    return Network(theta, *parts, *(np.zeros(theta.size) for _ in range(3)))


def _views(setup: Setup, initial: Initial, tasks: int, d: int) -> Views:
    """Returns the transforms at their start."""
    m = setup.m
    free = tasks * (m * (m - 1) // 2)
    matrices = np.tile(np.eye(d), (tasks, 1, 1))
    slots = SLOTS if m > 2 else 0
    views = Views(
        matrices, np.zeros((tasks, d)), np.array(initial.R), *(np.zeros(free) for _ in range(4)),
        np.zeros((tasks, d, d)), np.zeros((tasks, slots, m, m)), np.zeros(tasks, dtype=np.int64),
    )  # fmt: skip
    refresh(setup, views)
    return views


def _tasks(config: ToyConfig, problem: Problem, network: Network) -> Tasks:
    """Returns the tasks' arrays."""
    method, K, (N, d), P = config.resolved, len(problem.tasks), network.z.shape, network.theta.size
    rule = method.spec.rule_spec
    zeros = np.zeros
    return Tasks(
        problem.data(config.s), problem.minima(config.d, config.s), zeros(K), zeros(K), zeros((K, N, d)),
        zeros((K, N, d)), zeros((K, N, d)), zeros((K, 1, P)), zeros((1, P)), np.ones((1, P)), zeros((K, K)),
        rule.encode(method.rule_params), zeros(rule.state_size(K)), zeros(K), zeros((N, d)), zeros((N, d)),
    )  # fmt: skip


def prepare(config: ToyConfig, problem: Problem, initial: Initial, setup: Setup) -> Path:
    """Returns one path, ready to run."""
    network = _network(setup, initial)
    K, (N, d) = len(problem.tasks), network.z.shape
    records = empty_records(len(record_steps(setup.steps, setup.record_every)), K, N, d)
    views = _views(setup, initial, K, d)
    return Path(
        setup, network, views, _tasks(config, problem, network), records, initial, np.zeros(3, dtype=np.int64)
    )


def travel(config: ToyConfig, problem: Problem, path: Path) -> None:
    """Runs one path to its end, filling its records."""
    rule = config.resolved.spec.rule_spec
    gram_rule, element = (no_rule, rule.kernel) if rule.kind == "elementwise" else (rule.kernel, no_element)
    size, rng = noise_rows(config, problem, path.initial), path.initial.noise()
    rows = path.setup.steps + 1 if size == 0 else max(1, CHUNK // size)
    for first in range(0, path.setup.steps + 1, rows):
        last = min(first + rows - 1, path.setup.steps)
        noise = draw_rows(config, rng, last - first + 1, size)
        follow(
            problem.kernel, gram_rule, element, path.setup, path.network, path.views, path.tasks, noise, path.records,
            first, last, path.ending,
        )  # fmt: skip
        if path.ending[0] != 0:
            return


def run_paths(config: ToyConfig, given: Mapping[str, Any] | None, ends_only: bool = False) -> Sequence[Path]:
    """Returns every path of the configuration, run to its end."""
    problem, setup = config.world, setup_of(config, ends_only)
    paths = [prepare(config, problem, initial, setup) for initial in draw(config, problem, given)]
    if len(paths) == 1:
        travel(config, problem, paths[0])
    else:
        list(pool().map(lambda path: travel(config, problem, path), paths))
    return paths


def run_compiled(config: ToyConfig, given: Mapping[str, Any] | None = None) -> Trajectory:
    """Returns the trajectory of a configuration. Raises ValueError where `given` does not fit."""
    paths = run_paths(config, given)
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [path.records for path in paths], [path.ending for path in paths])
