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
from mtlcore.compiled.views import LEARN_POINTER, Features, OptimizerState, Views, unchanged
from toy_problems.compiled.arrays import (
    HIDDEN,
    LEVELS,
    LOSS_POINTER,
    RUNNING_ON,
    Arrays,
    Exact,
    Kernels,
    Leg,
    Losses,
    Network,
    RuleBuffers,
    Setup,
    empty_records,
)
from toy_problems.compiled.bare import follow_bare
from toy_problems.compiled.path import follow
from toy_problems.config import ToyConfig
from toy_problems.initial import Initial, draw, draw_rows, noise_size
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
    """One path, ready to run."""

    arrays: Arrays
    initial: Initial
    kernels: Kernels
    follow: Any  # the kernel that runs it


def setup_of(config: ToyConfig, ends_only: bool = False) -> Setup:
    """Returns the numbers the kernels need of a configuration; ends_only keeps the first and the last record."""
    method, problem = config.resolved, config.problem_spec
    rule, transform = method.spec.rule_spec, method.spec.transform_spec
    if not transform.in_playground:
        raise ValueError(
            f'method {config.method} takes engine="reference": the compiled engine has no {transform.key}, which '
            f"{transform.compiled}."
        )
    return Setup(
        backbone=int(problem.backbone),
        level=LEVELS[method.level if rule.needs_gradients else "features"],  # else there is no level
        elementwise=int(rule.kind == "elementwise"),
        views=int(transform.acts(method.transform_params, config.d)),
        steps=config.steps,
        record_every=config.steps if ends_only else config.record_every,
        adam=int(config.optimizer == "adam"),
        lr=float(config.lr),
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


def _views(config: ToyConfig, setup: Setup, initial: Initial) -> tuple[Views, OptimizerState]:
    """Returns the transform's views at their start and what moves them."""
    tasks, d, method = config.tasks, config.d, config.resolved
    if setup.views == 0:
        return unchanged(tasks, d), _optimizer_state(np.zeros(0))
    views, free = method.spec.transform_spec.compiled.begin(initial.R, d, method.transform_params)
    return views, _optimizer_state(free)


def _rule_buffers(config: ToyConfig, tasks: int, size: int) -> RuleBuffers:
    """Returns what the rule is given: its parameters, its state before the first step, and p where weights come."""
    rule, state = config.resolved.spec.rule_spec, config.resolved.spec.rule_spec.state_size(tasks)
    hp = rule.encode(config.resolved.rule_params, config.followed_preferences)
    return RuleBuffers(
        np.zeros((tasks, 1, size)), np.zeros((tasks, tasks)), hp, np.zeros(state), config.shares
    )


def prepare(config: ToyConfig, problem: Problem, initial: Initial, setup: Setup) -> Path:
    """Returns one path, ready to run."""
    network, net_opt = _network(setup, initial)
    K, (N, d) = config.tasks, network.z.shape
    noisy = setup.noise > 0.0
    records = empty_records(len(record_steps(setup.steps, setup.record_every)), K, N, d, noisy)
    views, view_opt = _views(config, setup, initial)
    data, minima = problem.data(config.scales), problem.minima(config.d, config.scales)
    losses = Losses(data, minima, np.zeros(K), np.zeros(K))
    features = Features(*(np.zeros((K, N, d)) for _ in range(3)), *(np.zeros((N, d)) for _ in range(2)))
    exact = Exact(np.zeros((K, N, d)) if noisy else features.seen, np.zeros(K))
    buffers, ending = _rule_buffers(config, K, net_opt.theta.size), np.zeros(3, dtype=np.int64)
    groups = (network, net_opt, views, view_opt, losses, features, exact, buffers, records, ending)
    bare = not (problem.backbone or setup.views or noisy or setup.elementwise)
    return Path(Arrays(setup, *groups), initial, _kernels(config, setup), follow_bare if bare else follow)


def _kernels(config: ToyConfig, setup: Setup) -> Kernels:
    """Returns where the kernels are that a configuration needs."""
    rule, compiled = config.resolved.spec.rule_spec, config.resolved.spec.transform_spec.compiled
    gram = rule.kind != "elementwise"
    return Kernels(
        loss=address(config.problem_spec.kernel, LOSS_POINTER),
        rule=address(rule.kernel, RULE_POINTER) if gram else NOWHERE,
        element=NOWHERE if gram else address(rule.kernel, ELEMENTWISE_POINTER),
        learn=address(compiled.learn, LEARN_POINTER) if setup.views == 1 else NOWHERE,
        extent=NOWHERE,
        begin=NOWHERE,
        constants=NOWHERE,
        solved=NOWHERE,
        pair_excess=NOWHERE,
    )


def _go(path: Path, leg: Leg) -> None:
    """Runs some steps of a path, by the short cut where there are neither backbone nor views nor noise."""
    path.follow(path.kernels, path.arrays, leg)


def legs(config: ToyConfig, path: Path) -> Iterator[None]:
    """Runs one path to its end, filling its records, and pauses between legs of some thousand steps."""
    size, rng, steps = noise_size(config, path.initial), path.initial.noise(), path.arrays.setup.steps
    draws, wanted, shape = np.empty((0, 0, 0, 0)), size, path.arrays.features.seen.shape
    if config.noise > 0.0:
        gradient_rng, wanted = path.initial.gradient_noise(), size + path.arrays.features.seen.size
    rows = min(LEG, max(1, CHUNK // max(wanted, 1)))
    for first in range(0, steps + 1, rows):
        last = min(first + rows - 1, steps)
        noise = draw_rows(config, rng, last - first + 1, size)
        if config.noise > 0.0:
            draws = gradient_rng.standard_normal((last - first + 1, *shape))
        _go(path, Leg(noise, draws, first, last))
        if path.arrays.ending[0] != RUNNING_ON:
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
    return assemble(
        config, steps, [path.arrays.records for path in paths], [path.arrays.ending for path in paths]
    )
