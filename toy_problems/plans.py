"""From a configuration to the plan of each of its paths."""

import numpy as np

from mtlcore.compiled.pointers import ELEMENTWISE_POINTER, NOWHERE, RULE_POINTER, address
from mtlcore.compiled.views import BEGIN_POINTER, EXTENT_POINTER, LEARN_POINTER
from mtlcore.draws import NOISE_SIZE
from mtlcore.presence import state_layout
from toy_problems.compiled.arrays import LEVELS
from toy_problems.compiled.plan import Addresses, Plan
from toy_problems.compiled.signatures import (
    CONSTANTS_POINTER,
    LOSS_POINTER,
    PAIR_EXCESS_POINTER,
    SUCCESS_POINTER,
    WEIGHTED_OPTIMUM_POINTER,
)
from toy_problems.config import ToyConfig
from toy_problems.initial import start_points

NO_POINTS = np.empty((0, 2))


def addresses(config: ToyConfig) -> Addresses:
    """Returns where the kernels are that a configuration's paths call.

    Raises ValueError for a transform that the compiled engine does not have.
    """
    rule, transform, problem = (
        config.resolved.spec.rule_spec,
        config.resolved.spec.transform_spec,
        config.problem_spec,
    )
    if not transform.in_playground:
        raise ValueError(
            f'method {config.method} takes engine="reference": the compiled engine has no {transform.key}, which '
            f"{transform.compiled}."
        )
    elementwise, turns = rule.kind == "elementwise", transform.compiled

    def where(kernel: object, pointer: object) -> int:
        return NOWHERE if kernel is None else address(kernel, pointer)

    return Addresses(
        loss=where(problem.kernel, LOSS_POINTER),
        rule=where(None if elementwise else rule.kernel, RULE_POINTER),
        element=where(rule.kernel if elementwise else None, ELEMENTWISE_POINTER),
        learn=where(turns and turns.learn, LEARN_POINTER),
        extent=where(turns and turns.extent, EXTENT_POINTER),
        begin=where(turns and turns.begin, BEGIN_POINTER),
        constants=where(problem.constants, CONSTANTS_POINTER),
        solved=where(problem.solved, SUCCESS_POINTER),
        pair_excess=where(problem.pair_excess, PAIR_EXCESS_POINTER),
        weighted_optimum=where(problem.weighted_optimum, WEIGHTED_OPTIMUM_POINTER),
    )


def plans_of(config: ToyConfig, ends_only: bool = False) -> list[Plan]:
    """Returns the plan of every path, one a start; ends_only keeps the first and the last record alone.

    Raises ValueError for a method that the compiled engine does not have.
    """
    method, problem = config.resolved, config.problem_spec
    rule, transform = method.spec.rule_spec, method.spec.transform_spec
    starts = start_points(config, problem)
    common, blocks, matrices = state_layout(rule.state_size)
    first = Plan(
        kernels=addresses(config),
        backbone=int(problem.backbone),
        level=LEVELS[method.level if rule.needs_gradients else "features"],  # else there is no level
        sees_views=int(problem.sees_views),
        steps=config.steps,
        record_every=config.steps if ends_only else config.record_every,
        adam=int(config.optimizer == "adam"),
        dim=config.d,
        seed=config.seed,
        path=0,
        noise_kind=list(NOISE_SIZE).index(rule.noise),
        state_common=common,
        state_blocks=blocks,
        state_matrices=matrices,
        lr=float(config.lr),
        noise=float(config.noise),
        scales=np.array(config.scales, dtype=np.float64),
        shares=config.shares,
        rule_hp=rule.encode(method.rule_params, config.followed_preferences),
        transform_hp=transform.encode(method.transform_params),
        start=np.empty(0),
        bounds=np.array(problem.bounds, dtype=np.float64),
        points=NO_POINTS if problem.points is None else problem.points,
        angles=np.array(problem.angles, dtype=np.float64),
    )
    if starts is None:
        return [first]
    return [first._replace(path=i, start=start.copy()) for i, start in enumerate(starts)]


def plan_of(config: ToyConfig, path: int, ends_only: bool = False) -> Plan:
    """Returns the plan of one of a configuration's paths, numbered from 0 as its starts are."""
    return plans_of(config, ends_only)[path]
