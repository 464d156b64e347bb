"""The two engines are held together: same seed, same numbers, for every problem and method."""

import numpy as np
import pytest

from mtlcore import METHODS
from toy_problems import PROBLEMS, ToyConfig, run

FIELDS = (
    "steps", "z", "losses", "excess", "weights", "gradients", "update", "matrices", "offsets", "diagnostics",
    "rule_status", "success",
)  # fmt: skip


def differences(config, initial=None):
    """Returns for each field of the Trajectory the largest |difference| / (1 + |value|)."""
    fast, slow = run(config, initial=initial), run(config, engine="reference", initial=initial)
    assert fast.status == slow.status
    found = {}
    for name in FIELDS:
        a, b = getattr(fast, name).astype(float), getattr(slow, name).astype(float)
        assert a.shape == b.shape, name
        found[name] = float((np.abs(a - b) / (1.0 + np.abs(b))).max())
    return found


def world(problem, method, **changes):
    fixed = {key: value for key, value in PROBLEMS[problem].defaults.items() if key in ("optimizer", "lr")}
    return ToyConfig(problem=problem, method=method, **{**fixed, "steps": 50, **changes})


@pytest.mark.parametrize("starts", ["random", "paper"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_both_engines_give_the_same_numbers(problem, method, starts):
    found = differences(world(problem, method, starts=starts, seed=3))
    assert max(found.values()) <= 1e-8, found
