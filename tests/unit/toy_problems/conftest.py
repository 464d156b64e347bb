"""A rule that fails on purpose, registered for one test."""

import sys
from types import ModuleType

import pytest
from numba import njit

import mtlcore.registry
from mtlcore.compiled.signatures import NOT_CONVERGED, OK, RULE
from mtlcore.spec import RuleSpec


@njit(RULE)
def gives_up(gram, losses, hp, noise, state, w):
    state[0] += 1.0
    w[:] = float("nan") if state[0] > 12.0 else 0.5
    return NOT_CONVERGED if state[0] > 12.0 else OK


@pytest.fixture
def failing_rule(monkeypatch):
    """Returns the key of a rule whose solver fails at the thirteenth call."""
    spec = RuleSpec(
        key="gives_up", title="Gives up", equation="-", idea="-", cite="-", kind="gram", needs=frozenset({"gram"}),
        kernel=gives_up, state_size=lambda tasks: 1,
    )  # fmt: skip
    module = ModuleType("mtlcore.rules.gives_up")
    module.SPEC = spec
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(mtlcore.registry.RULES, "_keys", (*mtlcore.registry.RULES, "gives_up"))
    return "gives_up"
