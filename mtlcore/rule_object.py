"""A rule as an object: parameters checked, state kept, gradients and losses checked, any number of tasks."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from mtlcore._given import (
    admit_gram,
    admit_losses,
    check_gradients,
    elementwise_inputs,
    of_present,
    real_array,
    square,
    writable,
)
from mtlcore._range import gram_within_range, out_of_range
from mtlcore._tensors import combine_tensor
from mtlcore.preferences import check_count, normalised, preferences_of
from mtlcore.presence import present_tasks, state_places
from mtlcore.registry import rule_spec
from mtlcore.saved_state import checked_state, unpack_stream
from mtlcore.spec import FieldError, RuleSpec, Status, check_params, draw_noise
from mtlcore.streams import Stream

_NOTHING = np.empty(0)


class Rule:
    """One balancing rule with its parameters and its state; made by `mtlcore.rule`.

    A stateful rule keeps the number of tasks of its first call until `reset`. `status` is the last call's.
    `given_preferences` are the preferences it was made with, normalised, or None.
    """

    def __init__(
        self,
        spec: RuleSpec,
        params: dict[str, Any],
        seed: int = 0,
        preferences: Sequence[float] | None = None,
    ) -> None:
        self.spec = spec
        self.params = params
        self.seed = seed
        self.status = Status.OK
        self.given_preferences = preferences_of(spec, preferences, params)
        self._hp = spec.encode(params, self.given_preferences)
        self._takes_losses = spec.takes_losses(params)
        self.reset()

    @property
    def preferences(self) -> tuple[float, ...] | None:
        """Returns how much each task counts, K numbers that sum to 1; None where all count the same."""
        alias = self.params[self.spec.preferences_alias] if self.spec.preferences_alias else ()
        return normalised(alias, self.spec.key) if alias else self.given_preferences

    def shares(self, tasks: int) -> list[float]:
        """Returns p: the preferences, or 1/K for each of the K tasks."""
        return list(self.preferences or (1.0 / tasks,) * tasks)

    def reset(self) -> None:
        """Forgets everything: the next call is a first step again, with the same random numbers."""
        self.status = Status.OK
        self._stream = Stream(self.seed)
        self._tasks = 0
        self._numbers: Sequence[int] = range(0)  # what the tasks are called in complaints
        self._state = self._first = _NOTHING

    def weights(
        self,
        gram: Any,
        losses: Sequence[float | None] | np.ndarray | None = None,
        losses_after: Any = None,
        active: Sequence[bool] | np.ndarray | None = None,
    ) -> np.ndarray:
        """Returns the K task weights, float64 [K], for Gram matrix `gram` [K, K]; the state advances.

        losses: K excess losses, where the rule needs them, else ignored. losses_after: the same batch's
        losses after the step, for a rule that can use them (FAMO); without them it learns from the next
        call's losses. active: K booleans, False for a task that is absent from this step (no sample has its
        label). The rule is applied to the tasks present; an absent task's weight is 0, its state waits, and
        what stands in its row, its column and its losses is not looked at. With none present all weights are
        0 and nothing moves. Sets `status`. Raises ValueError for an element-wise rule, a missing or bad loss
        (naming the task), a matrix that is not square, finite and symmetric, or another number of tasks than
        a stateful rule began with.
        """
        if self.spec.kind == "elementwise":
            raise ValueError(
                f"{self.spec.key} works element by element and has no task weights: call combine(G) instead."
            )
        given = square("gram", gram)
        tasks = given.shape[0]
        if tasks != self._tasks:
            self._begin(tasks)
        if active is not None and (present := present_tasks(active, tasks)) is not None:
            return self._weights_of(present, given, losses, losses_after)
        admit_gram(given, self._gram, self._numbers)
        checked = self._checked_losses(losses, losses_after) if self._takes_losses else _NOTHING
        size = self.spec.noise_size(tasks, 0)
        noise = draw_noise(self.spec.noise, (size,), self._stream) if size else _NOTHING
        w = np.empty(tasks)
        self.status = Status(self.spec.kernel(self._gram, checked, self._hp, noise, self._state, w))
        return w

    def _weights_of(self, present: np.ndarray, gram: np.ndarray, losses: Any, after: Any) -> np.ndarray:
        """Returns the weights [K] of the rule applied to the `present` tasks, 0 for the others."""
        w = np.zeros(self._tasks)
        if not len(present):
            self.status = Status.STATIONARY
        elif self.spec.given_weights:
            w[present] = self.weights(np.eye(self._tasks))[present]
        else:
            now, later = (of_present(given, present, self._tasks) for given in (losses, after))
            with self._part(present) as part:
                w[present] = part.weights(gram[np.ix_(present, present)], now, later)
        return w

    @contextmanager
    def _part(self, present: np.ndarray) -> Iterator["Rule"]:
        """Gives this rule as it is for the `present` tasks alone, and takes over how their state moved."""
        places = state_places(self.spec.state_size, self._tasks, present)
        counted = self.given_preferences and [self.given_preferences[k] for k in present]
        part = Rule(self.spec, self.params, self.seed, counted)
        part._begin(len(present))
        part._stream, part._numbers = self._stream, [self._numbers[k] for k in present]
        part._state, part._first = self._state[places], self._first[present]
        yield part
        self._state[places], self._first[present], self.status = part._state, part._first, part.status

    def combine(
        self,
        G: Any,
        losses: Any = None,
        features: Any = None,
        losses_after: Any = None,
        active: Sequence[bool] | np.ndarray | None = None,
    ) -> Any:
        """Returns the update d = sum_k w_k g_k, [D], of the same kind, dtype and device as the gradients `G`.

        G: numpy array or torch tensor [K, D], or [K, N, d] at the feature level (then the update is [N, d]),
        which an element-wise rule takes with features z [N, d]; without features it works on each of the D
        coordinates by itself. active: as for `weights`. The arithmetic is float64. Raises ValueError as
        `weights` does, for gradients that are not finite, and, where the rule depends on their size, for
        gradients whose squares float64 cannot hold.
        """
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(G, torch.Tensor):
            return combine_tensor(self, torch, G, losses, features, losses_after, active)
        rows = real_array("G", G)
        kind = rows.dtype if rows.dtype.kind == "f" else np.dtype(np.float64)
        check_gradients(rows.shape)
        if self.spec.kind == "elementwise":
            return self._elementwise(writable(rows), features, active).astype(kind)
        flat = rows.reshape(rows.shape[0], -1).astype(np.float64)
        if active is not None and (present := present_tasks(active, len(flat))) is not None:
            flat[np.setdiff1d(np.arange(len(flat)), present)] = 0.0
        with np.errstate(all="ignore"):  # what leaves float64's range is seen to below
            gram = flat @ flat.T
        if out_of_range(gram):
            gram = gram_within_range(flat, self.spec)
        w = self.weights(gram, losses, losses_after, active)
        return (w @ flat).reshape(rows.shape[1:]).astype(kind)

    def state_dict(self) -> dict[str, Any]:
        """Returns everything a later call depends on: numbers and fresh arrays, for a bit-for-bit resume.

        tasks and status are numbers, state and first_losses float64 [...], rng int64 [4].
        """
        return {
            "tasks": self._tasks,
            "status": int(self.status),
            "state": self._state.copy(),
            "first_losses": self._first.copy(),
            "rng": self._stream.state.copy(),
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Takes up where `state_dict` was called. Raises ValueError naming the entry that does not fit."""
        tasks, status, arrays = checked_state(self.spec, saved)
        self.reset()
        if tasks:
            self._begin(tasks)
            self._state, self._first = arrays["state"], arrays["first_losses"]
        self._stream = unpack_stream(saved["rng"])
        self.status = status

    def _begin(self, tasks: int) -> None:
        """Makes the buffers for K tasks; a rule with a memory keeps the K it began with."""
        if self._state.any() or self._first.any():
            raise ValueError(
                f"{self.spec.key} remembers {self._tasks} tasks, got {tasks}: call reset() to change them."
            )
        self.spec.check_tasks(self.params, tasks)
        check_count(self.given_preferences, tasks, self.spec.key)
        self._tasks = tasks
        self._numbers = range(tasks)
        self._gram = np.empty((tasks, tasks))
        self._losses = np.empty(2 * tasks)
        self._state = np.zeros(self.spec.state_size(tasks))
        self._first = np.zeros(tasks)

    def _checked_losses(self, losses: Any, after: Any) -> np.ndarray:
        """Returns losses [K], or [2K] with those after the step, excess below 0 by rounding set to 0."""
        tasks, key = self._tasks, self.spec.key
        admit_losses(key, "losses", losses, self._first, self._losses[:tasks], self._numbers)
        if after is None or "losses_after" not in self.spec.needs:
            return self._losses[:tasks]
        admit_losses(key, "losses_after", after, self._first, self._losses[tasks:], self._numbers)
        return self._losses

    def _elementwise(self, gradients: np.ndarray, features: Any, active: Any = None) -> np.ndarray:
        """Returns the element-wise rule's update [D] or [N, d] for float64 gradients [K, D] or [K, N, d]."""
        shape = gradients.shape
        if active is not None and (present := present_tasks(active, shape[0])) is not None:
            return self._elementwise_of(present, gradients, features)
        cube, z = elementwise_inputs(self.spec.key, gradients, features)
        if shape[0] != self._tasks:
            self._begin(shape[0])
        noise = draw_noise(self.spec.noise, (self.spec.noise_size(shape[0], z.shape[1]),), self._stream)
        out = np.empty(z.shape)
        self.status = Status(self.spec.kernel(cube, z, self._hp, noise, out))
        return out.reshape(shape[1:])

    def _elementwise_of(self, present: np.ndarray, gradients: np.ndarray, features: Any) -> np.ndarray:
        """Returns the element-wise rule's update for the `present` tasks' gradients; 0 where there are none."""
        if len(gradients) != self._tasks:
            self._begin(len(gradients))
        if not len(present):
            self.status = Status.STATIONARY
            return np.zeros(gradients.shape[1:])
        with self._part(present) as part:
            return part._elementwise(gradients[present], features)


def rule(key: str, seed: int = 0, preferences: Sequence[float] | None = None, **params: Any) -> Rule:
    """Returns the named rule, or "modifier-rule": a rule of the Gram matrix with a modifier around it.

    preferences: how much each task counts, K positive numbers (for `uniform` some may be 0), of which only the
    ratios matter; None counts all the same. Raises FieldError naming the key or parameter, its range and the choices,
    and ValueError with the reason for preferences given to a rule that takes none.
    """
    spec = rule_spec(key)
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise FieldError(key, "seed", seed, "a whole number from 0 on", repr(seed))
    return Rule(spec, check_params(spec.params, params, key), int(seed), preferences)
