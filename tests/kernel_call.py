"""Calls a rule's kernel directly, with what it needs and nothing else."""

from typing import Any

import numpy as np

import mtlcore


def call(
    key: str,
    gram: np.ndarray,
    *,
    losses: Any = None,
    noise: np.ndarray | None = None,
    state: np.ndarray | None = None,
    preferences: Any = None,
    **params: Any,
) -> tuple[int, np.ndarray]:
    """Returns (status, weights [K]) of one call; parameters by name, a fresh state and no noise by default."""
    spec, tasks = mtlcore.RULES[key], len(gram)
    values = {p.name: params.pop(p.name, p.default) for p in spec.params}
    assert not params, params
    w = np.full(tasks, np.nan)
    status = spec.kernel(
        np.ascontiguousarray(gram, dtype=np.float64),
        np.ones(tasks) if losses is None else np.array(losses, dtype=np.float64),
        spec.encode(values, preferences),
        np.zeros(spec.noise_size(tasks, 1)) if noise is None else noise,
        np.zeros(spec.state_size(tasks)) if state is None else state,
        w,
    )
    return status, w
