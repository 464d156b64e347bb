"""Gradient balancing for multi-task learning: transforms, rules and levels, each on its own and exact."""

from pathlib import Path
from typing import Any

from mtlcore.compiled.cache import keep_kernels

keep_kernels(Path(__file__).parent)

from mtlcore.registry import METHODS, MODIFIERS, RULES, TRANSFORMS, Method, method  # noqa: E402
from mtlcore.rule_object import Rule, rule  # noqa: E402
from mtlcore.spec import FieldError, MethodSpec, ModifierSpec, Param, RuleSpec, Status  # noqa: E402

__all__ = [
    "METHODS", "MODIFIERS", "RULES", "TRANSFORMS",
    "FieldError", "Method", "MethodSpec", "ModifierSpec", "Param", "Rule", "RuleSpec", "Status", "method", "rule",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Loads `mtlcore.nn`, and torch with it, on first use (PEP 562)."""
    if name == "nn":
        import importlib

        return importlib.import_module("mtlcore.nn")
    raise AttributeError(f"module 'mtlcore' has no attribute {name!r}")
