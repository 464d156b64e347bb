"""A rule as an object: parameters checked, state kept, gradients and losses checked, any number of tasks."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mtlcore import _admit
from mtlcore._range import gram_within_range, out_of_range
from mtlcore.preferences import check_count, normalised, preferences_of
from mtlcore.registry import RULES
from mtlcore.rng_state import pack_rng, unpack_rng
from mtlcore.rules._types import RuleSpec, Status, check_params, draw_noise

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
        self._takes_after = "losses_after" in spec.needs
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
        self._rng = np.random.default_rng(self.seed)
        self._tasks = 0
        self._state = self._first = _NOTHING

    def weights(
        self, gram: Any, losses: Sequence[float] | None = None, losses_after: Any = None
    ) -> np.ndarray:
        """Returns the K task weights, float64 [K], for Gram matrix `gram` [K, K]; the state advances.

        losses: K excess losses, where the rule needs them, else ignored. losses_after: the same batch's
        losses after the step, for a rule that can use them (FAMO); without them it learns from the next
        call's losses. Sets `status`. Raises ValueError for an element-wise rule, a missing or bad loss
        (naming the task), a matrix that is not square, finite and symmetric, or another number of tasks than
        a stateful rule began with.
        """
        if self.spec.kind == "elementwise":
            raise ValueError(
                f"{self.spec.key} works element by element and has no task weights: call combine(G) instead."
            )
        given = np.ascontiguousarray(_real("gram", gram), dtype=np.float64)
        if given.ndim != 2 or given.shape[0] != given.shape[1] or given.shape[0] == 0:
            raise ValueError(f"gram takes a matrix [K, K] with K >= 1, got shape {list(given.shape)}.")
        tasks = given.shape[0]
        if tasks != self._tasks:
            self._begin(tasks)
        code, i, j = _admit.admit_gram(given, self._gram)
        if code != _admit.GOOD:
            raise ValueError(_gram_complaint(code, given, i, j))
        checked = self._checked_losses(losses, losses_after) if self._takes_losses else _NOTHING
        size = self.spec.noise_size(tasks, 0)
        noise = draw_noise(self.spec.noise, (size,), self._rng) if size else _NOTHING
        w = np.empty(tasks)
        self.status = Status(self.spec.kernel(self._gram, checked, self._hp, noise, self._state, w))
        return w

    def combine(self, G: Any, losses: Any = None, features: Any = None, losses_after: Any = None) -> Any:
        """Returns the update d = sum_k w_k g_k, [D], of the same kind, dtype and device as the gradients `G`.

        G: numpy array or torch tensor [K, D], or [K, N, d] at the feature level (then the update is [N, d]),
        which an element-wise rule takes with features z [N, d]; without features it works on each of the D
        coordinates by itself. The arithmetic is float64. Raises ValueError as `weights` does, for gradients
        that are not finite, and, where the rule depends on their size, for gradients whose squares float64
        cannot hold.
        """
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(G, torch.Tensor):
            return self._combine_torch(torch, G, losses, features, losses_after)
        rows = _real("G", G)
        kind = rows.dtype if rows.dtype.kind == "f" else np.dtype(np.float64)
        _check_gradients(rows.shape)
        if self.spec.kind == "elementwise":
            return self._elementwise(_writable(rows), features).astype(kind)
        flat = rows.reshape(rows.shape[0], -1).astype(np.float64)
        with np.errstate(all="ignore"):  # what leaves float64's range is seen to below
            gram = flat @ flat.T
        if out_of_range(gram):
            gram = gram_within_range(flat, self.spec)
        w = self.weights(gram, losses, losses_after)
        return (w @ flat).reshape(rows.shape[1:]).astype(kind)

    def state_dict(self) -> dict[str, Any]:
        """Returns everything a later call depends on: numbers and fresh arrays, for a bit-for-bit resume.

        tasks and status are numbers, state and first_losses float64 [...], rng int64 [6].
        """
        return {
            "tasks": self._tasks,
            "status": int(self.status),
            "state": self._state.copy(),
            "first_losses": self._first.copy(),
            "rng": pack_rng(self._rng),
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Takes up where `state_dict` was called. Raises ValueError naming the entry that does not fit."""
        for name in ("tasks", "status", "state", "first_losses", "rng"):
            if name not in saved:
                raise ValueError(
                    f"state_dict of {self.spec.key} lacks {name!r}, got {', '.join(saved) or 'nothing'}."
                )
        tasks, status = int(saved["tasks"]), Status(int(saved["status"]))
        arrays = {name: np.array(saved[name], dtype=np.float64) for name in ("state", "first_losses")}
        wanted = {"state": self.spec.state_size(tasks) if tasks else 0, "first_losses": tasks}
        for name, array in arrays.items():
            if array.shape != (wanted[name],):
                raise ValueError(
                    f"{name} of {self.spec.key} takes {wanted[name]} numbers, K is {tasks}, got {array.size}."
                )
        self.reset()
        if tasks:
            self._begin(tasks)
            self._state, self._first = arrays["state"], arrays["first_losses"]
        self._rng = unpack_rng(saved["rng"])
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
        self._gram = np.empty((tasks, tasks))
        self._losses = np.empty(2 * tasks)
        self._state = np.zeros(self.spec.state_size(tasks))
        self._first = np.zeros(tasks)

    def _checked_losses(self, losses: Any, after: Any) -> np.ndarray:
        """Returns losses [K], or [2K] with those after the step, excess below 0 by rounding set to 0."""
        tasks = self._tasks
        self._admit_losses("losses", losses, self._losses[:tasks])
        if after is None or not self._takes_after:
            return self._losses[:tasks]
        self._admit_losses("losses_after", after, self._losses[tasks:])
        return self._losses

    def _admit_losses(self, name: str, losses: Any, out: np.ndarray) -> None:
        if losses is None:
            raise ValueError(
                f"{self.spec.key} needs losses=, one excess loss for each of the {self._tasks} tasks."
            )
        given = np.ascontiguousarray(losses, dtype=np.float64)
        if given.shape != (self._tasks,):
            raise ValueError(
                f"{name} takes {self._tasks} numbers, one a task, got shape {list(given.shape)}."
            )
        code, k = _admit.admit_losses(given, self._first, out)
        if code == _admit.BAD_LOSS:
            raise ValueError(f"{name} of task {k} is {given[k]}: it takes a finite number.")
        if code == _admit.NEGATIVE_LOSS:
            raise ValueError(f"{name} of task {k} is {given[k]:g}: it takes an excess loss, not below 0.")

    def _elementwise(self, gradients: np.ndarray, features: Any) -> np.ndarray:
        """Returns the element-wise rule's update [D] or [N, d] for float64 gradients [K, D] or [K, N, d]."""
        key, shape = self.spec.key, gradients.shape
        if features is None and len(shape) == 3:
            raise ValueError(f"{key} needs features= [N, d] for gradients [K, N, d], got none.")
        cube = gradients if len(shape) == 3 else gradients[:, None, :]
        z = np.ones(cube.shape[1:]) if features is None else _writable(features)
        if z.shape != cube.shape[1:]:
            raise ValueError(
                f"{key}: features take the shape of a gradient, {list(cube.shape[1:])}, got {list(z.shape)}."
            )
        if not np.isfinite(cube).all() or not np.isfinite(z).all():
            raise ValueError(f"{key}: gradients and features take finite numbers.")
        if shape[0] != self._tasks:
            self._begin(shape[0])
        noise = draw_noise(self.spec.noise, (self.spec.noise_size(shape[0], z.shape[1]),), self._rng)
        out = np.empty(z.shape)
        self.status = Status(self.spec.kernel(cube, z, self._hp, noise, out))
        return out.reshape(shape[1:])

    def _combine_torch(self, torch: Any, G: Any, losses: Any, features: Any, losses_after: Any) -> Any:
        rows = G.detach()
        if not rows.is_floating_point():
            raise ValueError(f"G takes a floating-point tensor, got {rows.dtype}.")
        _check_gradients(tuple(rows.shape))
        home = rows.device if rows.device.type != "mps" else torch.device("cpu")  # MPS has no float64
        losses, losses_after = (_to_numpy(torch, part) for part in (losses, losses_after))
        if self.spec.kind == "elementwise":
            update = self._elementwise(_writable(_to_numpy(torch, rows)), _to_numpy(torch, features))
            return torch.from_numpy(update).to(device=rows.device, dtype=rows.dtype)
        flat = rows.to(home).reshape(rows.shape[0], -1).double()
        gram = (flat @ flat.T).cpu().numpy()
        if out_of_range(gram):
            gram = gram_within_range(flat.cpu().numpy(), self.spec)
        w = self.weights(gram, losses, losses_after)
        update = torch.from_numpy(w).to(home) @ flat
        return update.reshape(rows.shape[1:]).to(device=rows.device, dtype=rows.dtype)


def rule(key: str, seed: int = 0, preferences: Sequence[float] | None = None, **params: Any) -> Rule:
    """Returns the named rule.

    preferences: how much each task counts, K positive numbers (for `uniform` some may be 0), of which only the
    ratios matter; None counts all the same. Raises ValueError naming the key or parameter, its range and the
    choices, and, with the reason, for preferences given to a rule that takes none.
    """
    if key not in RULES:
        raise ValueError(f"rule takes one of {', '.join(RULES)}; got {key!r}.")
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"{key}: seed takes a whole number from 0 on, got {seed!r}.")
    return Rule(RULES[key], check_params(RULES[key].params, params, key), int(seed), preferences)


def _real(name: str, value: Any) -> np.ndarray:
    """Returns the value as an array of real numbers. Raises ValueError naming it where it is none."""
    complaint = f"{name} takes an array of real numbers, got {value!r}."
    try:
        array = np.asarray(value)
        array = array.astype(np.float64) if array.dtype.kind == "O" else array
    except (TypeError, ValueError) as error:
        raise ValueError(complaint) from error
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise ValueError(complaint)
    return array


def _to_numpy(torch: Any, value: Any) -> Any:
    """Returns a float64 array for a tensor, or for a sequence that holds tensors; anything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().double().numpy()
    if isinstance(value, (list, tuple)):
        return [float(item) for item in value]
    return value


def _writable(array: Any) -> np.ndarray:
    """Returns the array as the kernels take it: float64, C order, writable; copied only where it is not."""
    return np.require(array, np.float64, ["C", "W"])


def _check_gradients(shape: tuple[int, ...]) -> None:
    if len(shape) not in (2, 3) or shape[0] == 0:
        raise ValueError(f"G takes gradients [K, D] or [K, N, d] with K >= 1, got shape {list(shape)}.")


def _gram_complaint(code: int, gram: np.ndarray, i: int, j: int) -> str:
    entry = f"entry ({i}, {j}) is {gram[i, j]:g}"
    if code == _admit.NOT_FINITE:
        task = f"{i}" if i == j else f"{i} or {j}"
        return f"gram takes finite numbers, {entry}: is the gradient of task {task} infinite or NaN?"
    if code == _admit.NEGATIVE_SQUARE:
        return f"gram takes inner products, so no negative diagonal, {entry}."
    if code == _admit.NOT_SYMMETRIC:
        return f"gram takes a symmetric matrix, {entry} and ({j}, {i}) is {gram[j, i]:g}."
    return f"gram takes inner products, {entry}, more than the product of the norms of gradients {i} and {j}."
