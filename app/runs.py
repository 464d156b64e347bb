"""Computed runs, kept a while: sliders go back and forth, and a class looks at the same presets."""

import json

import streamlit as st

from app.turns import TURNS, unless_outdated, visitor
from toy_problems import ToyConfig, Trajectory, run

KEPT = 48  # trajectories, all visitors together; the largest takes about 10 MB


def trajectory(config: ToyConfig) -> Trajectory:
    """Returns the run of a configuration; its arrays are read-only, so all visitors share them."""
    return _trajectory(identity(config), config)


def starts_of(config: ToyConfig) -> tuple[tuple[float, ...], ...]:
    """Returns where the paths of a configuration begin: a point in all dimensions of z for each."""
    return tuple(tuple(map(float, point)) for point in trajectory(config).z[:, 0, 0])


def identity(config: ToyConfig) -> str:
    """Returns a text that two configurations share only when they compute the same."""
    plain = {name: getattr(config, name) for name in config.__dataclass_fields__}
    return json.dumps(plain | {"params": dict(config.params)}, sort_keys=True)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _trajectory(key: str, _config: ToyConfig) -> Trajectory:
    with TURNS.turn(visitor(), work(_config), unless_outdated):
        return run(_config, pause=unless_outdated)


def work(config: ToyConfig) -> float:
    """Returns a run's optimiser steps over all its paths, a step in d dimensions counted as (d / 2)^2."""
    return paths(config) * config.steps * (config.d / 2) ** 2


def paths(config: ToyConfig) -> int:
    """Returns how many paths a run has, one from each start."""
    if config.starts == "random":
        return 1
    return len(
        config.problem_spec.starts if config.starts == config.problem_spec.starts_name else config.starts
    )
