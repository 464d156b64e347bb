"""The compiled engine: lays out the arrays of every path and runs the kernels on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mtlcore.compiled.pointers import ELEMENTWISE_POINTER, NOWHERE, RULE_POINTER, address
from mtlcore.solvers.expm import SLOTS
from toy_problems.compiled.arrays import (
    AFFINE,
    HIDDEN,
    LEVELS,
    LOSS_POINTER,
    NONE,
    RIGID,
    RIGID_SGD,
    ROTATION,
    ROTATION_TASK,
    RUNNING_ON,
    TRANSFORMS,
    Exact,
    Features,
    Losses,
    Network,
    OptimizerState,
    Records,
    RuleBuffers,
    Setup,
    Views,
    empty_records,
)
from toy_problems.compiled.bare import follow_bare
from toy_problems.compiled.path import follow
from toy_problems.compiled.views import refresh
from toy_problems.config import ToyConfig
from toy_problems.initial import Initial, draw, draw_rows, noise_size, rotated_dims
from toy_problems.problem import Problem
from toy_problems.trajectory import Trajectory, assemble, record_steps

CHUNK = 1 << 20  # random numbers drawn at a time: long runs stay small
LEG = 1024  # steps before a thread looks for the path that has waited longest, and whether to go on
LOOK = 0.02  # seconds between two looks whether to go on while other threads run the paths
END = object()


def cores() -> int:
    """Returns how many threads run paths."""
    return os.cpu_count() or 1


@cache
def pool() -> ThreadPoolExecutor:
    """Returns the threads that paths run on; the kernels release the interpreter's lock."""
    return ThreadPoolExecutor(cores(), thread_name_prefix="toy-path")


@dataclass(frozen=True)
class Path:
    """One path's arrays, ready to run."""

    setup: Setup
    network: Network
    net_opt: OptimizerState
    views: Views
    view_opt: OptimizerState
    losses: Losses
    features: Features
    exact: Exact
    buffers: RuleBuffers
    records: Records
    initial: Initial
    ending: np.ndarray  # outcome, steps taken, records written


def setup_of(config: ToyConfig, ends_only: bool = False) -> Setup:
    """Returns the numbers the kernels need of a configuration; ends_only keeps the first and the last record."""
    method, problem = config.resolved, config.problem_spec
    rule, params, m = method.spec.rule_spec, method.transform_params, rotated_dims(config)
    if method.transform not in TRANSFORMS:
        raise ValueError(
            f'method {config.method} takes engine="reference": the compiled engine has no {method.transform}.'
        )
    turns = m >= 2 or method.transform == "affine"  # fewer dimensions have no rotation but the identity
    looks = rule.kind == "elementwise" or "gram" in rule.needs  # a rule of the losses alone has no level
    return Setup(
        backbone=int(problem.backbone),
        level=LEVELS[method.level if looks else "features"],
        elementwise=int(rule.kind == "elementwise"),
        transform=TRANSFORMS[method.transform] if turns else NONE,
        m=m,
        steps=config.steps,
        record_every=config.steps if ends_only else config.record_every,
        adam=int(config.optimizer == "adam"),
        transform_adam=int(params.get("rot_optimizer") == "adam"),
        library=int(params.get("alignment") == "library"),
        lr=float(config.lr),
        lr_transform=float(params.get("lr_rot", params.get("a", 0.0))),
        decay=float(params.get("rot_decay", params.get("a_decay", 1.0))),
        noise=float(config.noise),
    )


def _optimizer_state(theta: np.ndarray) -> OptimizerState:
    """Returns a vector of parameters with an optimiser at rest."""
    return OptimizerState(theta, *(np.zeros(theta.size) for _ in range(3)))


def _network(setup: Setup, initial: Initial) -> tuple[Network, OptimizerState]:
    """Returns the network's arrays and what moves them: the four parameters are views of one vector."""
    if setup.backbone == 0:
        theta = initial.theta.flatten()
        empty, flat = np.empty((0, 0)), np.empty(0)
        return Network(
            empty, flat, empty, flat, empty, empty, theta.reshape(initial.theta.shape)
        ), _optimizer_state(theta)
    pieces = (initial.W1, initial.b1, initial.W2, initial.b2)
    theta = np.concatenate([piece.ravel() for piece in pieces])
    ends = np.cumsum([piece.size for piece in pieces])
    views: list[Any] = [
        theta[end - p.size : end].reshape(p.shape) for p, end in zip(pieces, ends, strict=True)
    ]
    batch = len(initial.x)
    z = np.zeros((batch, initial.b2.size))
    return Network._make([*views, np.array(initial.x), np.zeros((batch, HIDDEN)), z]), _optimizer_state(theta)


def _views(setup: Setup, initial: Initial, tasks: int, d: int) -> tuple[Views, OptimizerState]:
    """Returns the transforms at their start and what moves them."""
    m = setup.m
    matrices, slots = np.tile(np.eye(d), (tasks, 1, 1)), SLOTS if m > 2 else 0
    matrices[:, :m, :m] = initial.R  # nothing where m = 0
    if setup.transform == AFFINE:
        free = np.tile(np.append(np.eye(d), np.zeros(d)), tasks)
    else:
        free = np.zeros(tasks * (m * (m - 1) // 2) if setup.transform != RIGID else 0)
    views = Views(
        *(matrices, np.zeros((tasks, d, d)), np.array(initial.R), np.zeros((tasks, d))),
        *(np.zeros((tasks, slots, m, m)), np.zeros(tasks, dtype=np.int64)),
    )
    if setup.transform in (ROTATION, ROTATION_TASK, RIGID_SGD):
        refresh(m, views, free)  # larger rotations need the powers of their first exponential
    return views, _optimizer_state(free)


def _rule_buffers(config: ToyConfig, tasks: int, size: int) -> RuleBuffers:
    """Returns what the rule is given: its parameters, its state before the first step, and p where weights come."""
    rule, state = config.resolved.spec.rule_spec, config.resolved.spec.rule_spec.state_size(tasks)
    hp = rule.encode(config.resolved.rule_params, config.heeded)
    return RuleBuffers(
        np.zeros((tasks, 1, size)), np.zeros((tasks, tasks)), hp, np.zeros(state), config.shares
    )


def prepare(config: ToyConfig, problem: Problem, initial: Initial, setup: Setup) -> Path:
    """Returns one path, ready to run."""
    network, net_opt = _network(setup, initial)
    K, (N, d) = config.tasks, network.z.shape
    noisy = setup.noise > 0.0
    records = empty_records(len(record_steps(setup.steps, setup.record_every)), K, N, d, noisy)
    views, view_opt = _views(setup, initial, K, d)
    losses = Losses(
        problem.data(config.scales), problem.minima(config.d, config.scales), np.zeros(K), np.zeros(K)
    )
    features = Features(*(np.zeros((K, N, d)) for _ in range(3)), *(np.zeros((N, d)) for _ in range(2)))
    exact = Exact(np.zeros((K, N, d)) if noisy else features.seen, np.zeros(K))
    buffers, ending = _rule_buffers(config, K, net_opt.theta.size), np.zeros(3, dtype=np.int64)
    return Path(
        setup,
        network,
        net_opt,
        views,
        view_opt,
        losses,
        features,
        exact,
        buffers,
        records,
        initial,
        ending,
    )


def _go(config: ToyConfig, path: Path, noise: np.ndarray, draws: np.ndarray, first: int, last: int) -> None:
    """Runs some steps of a path, by the short cut where there is neither backbone nor transform."""
    p, rule = path, config.resolved.spec.rule_spec
    loss = address(config.problem_spec.kernel, LOSS_POINTER)
    told = (p.losses, p.features, p.exact, p.buffers, p.records, noise, draws)
    span = (first, last, p.ending)
    if rule.kind == "elementwise":
        element = address(rule.kernel, ELEMENTWISE_POINTER)
        begin = (loss, NOWHERE, element, p.setup, p.network, p.net_opt, p.views, p.view_opt)
        follow(*begin, *told, *span)
        return
    weigh = address(rule.kernel, RULE_POINTER)
    if p.setup.backbone == 0 and p.setup.transform == NONE and p.setup.noise == 0.0:
        point = (p.network.z, p.net_opt, p.views, p.losses, p.features, p.buffers, p.records)
        follow_bare(loss, weigh, p.setup, *point, noise, *span)
    else:
        begin = (loss, weigh, NOWHERE, p.setup, p.network, p.net_opt, p.views, p.view_opt)
        follow(*begin, *told, *span)


def legs(config: ToyConfig, path: Path) -> Iterator[None]:
    """Runs one path to its end, filling its records, and pauses between legs of some thousand steps."""
    size, rng, steps = noise_size(config, path.initial), path.initial.noise(), path.setup.steps
    draws, wanted, shape = np.empty((0, 0, 0, 0)), size, path.features.seen.shape
    if config.noise > 0.0:
        gradient_rng, wanted = path.initial.gradient_noise(), size + path.features.seen.size
    rows = min(LEG, max(1, CHUNK // max(wanted, 1)))
    for first in range(0, steps + 1, rows):
        last = min(first + rows - 1, steps)
        noise = draw_rows(config, rng, last - first + 1, size)
        if config.noise > 0.0:
            draws = gradient_rng.standard_normal((last - first + 1, *shape))
        _go(config, path, noise, draws, first, last)
        if path.ending[0] != RUNNING_ON:
            return
        yield


def travel(config: ToyConfig, path: Path) -> None:
    """Runs one path to its end on this thread."""
    for _ in legs(config, path):
        pass


def _never() -> None:
    """Goes on."""


def _share(waiting: deque[Iterator[None]], pause: Callable[[], None] = _never) -> None:
    """Runs legs of whichever path has waited longest, so that five paths fill two cores to the end."""
    while waiting:
        pause()
        try:
            path = waiting.popleft()
        except IndexError:  # another thread was quicker
            return
        if next(path, END) is not END:
            waiting.append(path)


def _together(waiting: deque[Iterator[None]], threads: int, pause: Callable[[], None]) -> None:
    """Runs the paths on the pool's threads. What pause() raises here ends them all after their legs."""
    stopped = False

    def unless_stopped() -> None:
        if stopped:
            waiting.clear()

    working = [pool().submit(_share, waiting, unless_stopped) for _ in range(threads)]
    try:
        while wait(working, LOOK).not_done:
            pause()
    finally:
        stopped = True
        wait(working)
    for done in working:
        done.result()


def run_paths(
    config: ToyConfig,
    given: Mapping[str, Any] | None,
    ends_only: bool = False,
    pause: Callable[[], None] | None = None,
) -> Sequence[Path]:
    """Returns every path of the configuration, run to its end. pause() is called between legs on this thread."""
    problem, setup = config.problem_spec, setup_of(config, ends_only)
    paths = [prepare(config, problem, initial, setup) for initial in draw(config, problem, given)]
    waiting = deque(legs(config, path) for path in paths)
    if len(paths) == 1:
        _share(waiting, pause or _never)
    else:
        _together(waiting, min(cores(), len(paths)), pause or _never)
    return paths


def run_compiled(
    config: ToyConfig, given: Mapping[str, Any] | None = None, pause: Callable[[], None] | None = None
) -> Trajectory:
    """Returns the trajectory of a configuration. Raises ValueError where `given` does not fit."""
    paths = run_paths(config, given, pause=pause)
    steps = record_steps(config.steps, config.record_every)
    return assemble(config, steps, [path.records for path in paths], [path.ending for path in paths])
