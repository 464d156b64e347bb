"""What a run returns: arrays with named axes, read-only, nothing hidden.

Axes: S starts, T + 1 recorded steps (0 is before the first update), K tasks, N points of the batch (1 but for
`opposite`), d feature dimensions. Everything at record t is evaluated at the position of record t, before the
update that leads on from there; the last record has its own gradients, weights and update too (never applied).
After a path stops (DIVERGED or SOLVER_FAILED) its last good record is repeated, so no recorded array holds a NaN.

With gradient noise `gradients`, `gram`, `weights` and `update` are what the rule saw and answered, and so are the
arrows drawn from them; losses, `exact_gradients`, `diagnostics` and what is read off those are of the problem itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtlcore.compiled.pointers import address
from mtlcore.diagnostics import DIAGNOSTICS
from toy_problems.compiled.arrays import Records
from toy_problems.compiled.signatures import CONSTANTS_POINTER, LOSS_POINTER
from toy_problems.compiled.stage.lag import has_lag, lag_at_records
from toy_problems.compiled.stage.series import VANISHED, any_view_turns, find_vanished
from toy_problems.config import ToyConfig
from toy_problems.outcome import Outcome
from toy_problems.problem import at_optimum, solved_pairs, succeeded, views_of
from toy_problems.readings import cosines_to_mean, is_capped, rows_of, rule_diagnostics

__all__ = [
    "DIAGNOSTICS", "RULE_DIAGNOSTICS", "VANISHED", "Outcome", "PathStatus", "Trajectory", "assemble", "pairs_solved",
    "record_steps",
]  # fmt: skip
RULE_DIAGNOSTICS = ("min_cosine", "magnitude_similarity", "condition")
NO_STEP = 1e-9  # of the longest gradient: an update this short is rounding
STATIONARY = 1e-6  # a stationarity up to here means that no step helps every task


@dataclass(frozen=True)
class PathStatus:
    """How one path ended, and at which step it stopped (the number of steps taken)."""

    outcome: Outcome
    step: int


@dataclass(frozen=True)
class Trajectory:
    """The record of one run: S paths that share a configuration."""

    config: ToyConfig
    steps: np.ndarray  # [T + 1] int64: the step number of each record
    z: np.ndarray  # [S, T + 1, N, d] shared feature (on the landscape: theta)
    losses: np.ndarray  # [S, T + 1, K] as the problem defines them
    excess: np.ndarray  # [S, T + 1, K] losses minus their known minima, never below 0
    weights: np.ndarray  # [S, T + 1, K]
    gradients: np.ndarray  # [S, T + 1, K, N, d] of each task at the feature level, seen from z
    exact_gradients: np.ndarray  # [S, T + 1, K, N, d] the same without noise
    gram: np.ndarray  # [S, T + 1, K, K] of the gradients at the rule's own level
    update: np.ndarray  # [S, T + 1, N, d] the rule's d at the feature level; z moves against it
    matrices: np.ndarray  # [S, T + 1, K, d, d] each task's view r_k = A_k z + b_k: A_k (identity outside m)
    offsets: np.ndarray  # [S, T + 1, K, d] b_k
    diagnostics: np.ndarray  # [S, T + 1, len(DIAGNOSTICS)] of the exact gradients at the feature level
    rule_status: np.ndarray  # [S, T + 1] int8: mtlcore.Status of the rule at each record
    success: np.ndarray  # [S, T + 1] bool: the problem's own success; False once the path has stopped
    status: tuple[PathStatus, ...]  # [S]

    @property
    def r(self) -> np.ndarray:
        """Returns every task's view of the feature, r_k = A_k z + b_k: [S, T + 1, K, N, d]."""
        return views_of(self.z, self.matrices, self.offsets)

    @property
    def at_optimum(self) -> np.ndarray:
        """Returns whether each task is at its optimum (see `problem.SOLVED`), bool [S, T + 1, K]."""
        return at_optimum(self.excess, self.config.scales)

    @property
    def norms(self) -> np.ndarray:
        """Returns the Frobenius norm of each task's exact gradient at the feature level, [S, T + 1, K]."""
        return np.sqrt(np.square(self.exact_gradients).sum(axis=(-2, -1)))

    @property
    def cosines_to_mean(self) -> np.ndarray:
        """Returns the cosine of each task's exact gradient to the mean of all tasks', [S, T + 1, K]; of a batch the
        median over its inputs (Javaloy & Valera, first version, Fig. 4b).
        """
        return cosines_to_mean(self.exact_gradients)

    @cached_property
    def vanished(self) -> np.ndarray:
        """Returns where cosine and condition number mean nothing any more, bool [S, T + 1]: every task is at its
        optimum, and its exact gradient at most VANISHED times as long as at the path's start.
        """
        out, scales = np.empty(self.excess.shape[:2], dtype=np.bool_), np.array(self.config.scales)
        for exact, excess, gone in zip(self.exact_gradients, self.excess, out, strict=True):
            find_vanished(exact, excess, len(excess), scales, gone)
        return out

    @property
    def standstill(self) -> str:
        """Returns the sentence that says why a path never moves; "" where every one does, or its rule gives no reason.

        Two tasks' path that stands still where no step helps both is on their front, and that is no standstill.
        """
        spec, longest = self.config.resolved.spec.rule_spec, self.norms.max(axis=-1)
        length = np.sqrt(np.square(self.update).sum(axis=(-2, -1)))
        helped = self.diagnostics[..., DIAGNOSTICS.index("stationarity")] > STATIONARY
        still = (length <= NO_STEP * longest).all(axis=-1) & (helped[:, 0] | (self.config.tasks > 2))
        return f"{spec.title} stands still: {spec.stands_still}." if spec.stands_still and still.any() else ""

    @property
    def capped(self) -> np.ndarray:
        """Returns where the condition number of `diagnostics` stands for "this or more", bool [S, T + 1]."""
        return is_capped(self.diagnostics[..., DIAGNOSTICS.index("condition")], self.gram.shape[-1])

    @cached_property
    def before_rule(self) -> np.ndarray:
        """Returns RULE_DIAGNOSTICS of the gradients that the rule was given, [S, T + 1, 3], at the rule's own level.

        NaN where they mean nothing: where the gradients have `vanished`, or are zero.
        """
        return self._readings(rows_of(self.gram))

    @cached_property
    def after_rule(self) -> np.ndarray | None:
        """Returns RULE_DIAGNOSTICS of the gradients after the rule, [S, T + 1, 3]; None where they are not known.

        They are the matrix [K, D] whose mean the rule takes as its update, at the rule's own level: for Aligned-MTL
        the aligned gradients, for PCGrad the projected ones, for a rule that only weighs K w_k g_k. NaN as before.
        """
        method, tasks = self.config.resolved, self.gram.shape[-1]
        after = method.spec.rule_spec.after
        if after is None:
            return None
        preferences = np.array(method.preferences or [1.0 / tasks] * tasks)
        rows = after(rows_of(self.gram), self.weights, preferences, method.rule_params)
        return None if rows is None else self._readings(rows)

    def _readings(self, rows: np.ndarray) -> np.ndarray:
        """Returns RULE_DIAGNOSTICS of gradients as rows [S, T + 1, K, K], NaN where gradients have vanished."""
        return np.where(self.vanished[..., None], np.nan, rule_diagnostics(rows))

    @property
    def rate_ratio(self) -> np.ndarray | None:
        """Returns the transform's learning rate, with its decay, over the network's, [T + 1]; None for a transform
        that learns by no rate of its own. Below 1 the transform, the leader of the two players, is the slower one.
        """
        transform, values = self.config.resolved.spec.transform_spec, self.config.resolved.transform_params
        if not transform.learning_rate or not transform.acts(values, self.config.d):
            return None
        decay = values[transform.rate_decay] if transform.rate_decay else 1.0
        return values[transform.learning_rate] * decay**self.steps / self.config.lr

    @cached_property
    def lag(self) -> np.ndarray | None:
        """Returns the distance of z to the moving optimum of the mean of what the tasks see, [S, T + 1] (see
        `toy_problems.compiled.stage.lag`); None where no view turns, and on a problem that has no such optimum.
        """
        config, problem = self.config, self.config.problem_spec
        optima, scales = problem.known_optima(config.d, config.tasks), np.array(config.scales)
        views = zip(self.matrices, self.offsets, strict=True)
        turning = any(any_view_turns(matrices, offsets, len(matrices)) for matrices, offsets in views)
        if not turning or not has_lag(optima, config.tasks, problem.batch):
            return None
        where = address(problem.kernel, LOSS_POINTER), address(problem.constants, CONSTANTS_POINTER)
        out = np.empty(self.excess.shape[:2])
        for start, lags in enumerate(out):
            lag_at_records(*where, optima, scales, self.path(start)[0], lags)
        return out

    @property
    def going(self) -> np.ndarray:
        """Returns which records were reached, and do not repeat the last one of a path that stopped: [S, T + 1]."""
        ends = [p.step if p.outcome != Outcome.OK else self.steps[-1] + 1 for p in self.status]
        going = self.steps < np.array(ends)[:, None]
        going[:, 0] = True
        return going

    def path(self, start: int) -> tuple[Records, np.ndarray]:
        """Returns one path as kernels read it: its records, and outcome, steps taken and records written.

        What nothing is drawn of is left out: weights, Gram matrices and the rule's status are empty.
        """
        names = set(Records._fields) - {"exact", "weights", "gram", "rule_status"}
        arrays = {name: np.array(getattr(self, name)[start]) for name in names}
        noisy = self.exact_gradients is not self.gradients
        arrays["exact"] = np.array(self.exact_gradients[start]) if noisy else arrays["gradients"]
        nothing = {
            "weights": np.empty((0, 0)),
            "gram": np.empty((0, 0, 0)),
            "rule_status": np.empty(0, np.int64),
        }
        status, written = self.status[start], int(self.going[start].sum())
        return Records(**arrays, **nothing), np.array([int(status.outcome), status.step, written])

    @property
    def solved_at(self) -> np.ndarray:
        """Returns for each path the recorded step from which success holds to the end, -1 where it does not: [S]."""
        lost = np.flatnonzero  # the last record without success, path by path
        ends = [int(lost(~path)[-1]) + 1 if (~path).any() else 0 for path in self.success]
        return np.array([int(self.steps[i]) if i < self.steps.size else -1 for i in ends])


def pairs_solved(run: Trajectory) -> np.ndarray:
    """Returns which pairs of dimensions every task solves, at every record: bool [S, T + 1, d/2].

    False once the path has stopped, as `success` is. Raises ValueError on a problem that has no pairs.
    """
    return solved_pairs(run.config.problem_spec, run.r) & run.going[..., None]


def record_steps(steps: int, every: int) -> np.ndarray:
    """Returns the step numbers that are recorded: every multiple of `every`, and the last."""
    kept = np.arange(0, steps + 1, every)
    return kept if kept[-1] == steps else np.append(kept, steps)


def assemble(
    config: ToyConfig, steps: np.ndarray, records: Sequence[Records], endings: Sequence[np.ndarray]
) -> Trajectory:
    """Returns the Trajectory of S paths' records; endings: outcome, steps taken and records written of each.

    The last good record of a path that stopped is repeated. Raises ValueError for a path with no first one.
    """
    for path, ending in zip(records, endings, strict=True):
        if ending[2] == 0:
            raise ValueError("initial: the first position has no finite loss; give smaller weights, or none.")
        for values in path:
            values[ending[2] :] = values[ending[2] - 1]
    names = [name for name in Records._fields if name != "exact" or config.noise > 0.0]
    arrays = {name: np.stack([getattr(path, name) for path in records]) for name in names}
    arrays["exact_gradients"] = arrays.pop("exact", arrays["gradients"])
    arrays["rule_status"] = arrays["rule_status"].astype(np.int8)
    going = np.array([np.arange(steps.size) < ending[2] for ending in endings])
    position = (arrays[name] for name in ("z", "excess", "matrices", "offsets"))
    success = succeeded(config.problem_spec, config.scales, *position) & going
    for array in (*arrays.values(), steps, success):
        array.flags.writeable = False
    status = tuple(PathStatus(Outcome(int(ending[0])), int(ending[1])) for ending in endings)
    return Trajectory(config=config, steps=steps, success=success, status=status, **arrays)
