"""Every preset shows what its name says: each is run, and what it claims is checked on the numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import mtlcore
from app.presets import PRESETS
from app.sentences import sentence
from app.url_state import decode, encode
from toy_problems import Outcome, Trajectory, pairs_solved, run
from toy_problems.problems.landscape import front_distance, optimum_distance
from toy_problems.problems.opposite import accuracy

Runs = dict[str, Trajectory]


def solved(run: Trajectory) -> bool:
    return bool((run.solved_at >= 0).all())


def between(run: Trajectory) -> bool:
    """Returns whether every path ends with both losses well above their minima and opposed gradients."""
    return bool((run.excess[:, -1] > 0.5).all() and (run.diagnostics[:, -1, 0] < -0.9).all())


def finds_both(runs: Runs) -> None:
    assert between(runs["uniform"])
    assert solved(runs["rotograd"])
    assert runs["rotograd"].solved_at[0] < 200  # within the first half: seen in a few seconds


def vanilla_between(runs: Runs) -> None:
    assert len(runs["uniform"].status) == 5
    assert between(runs["uniform"])


def louder_wins(runs: Runs) -> None:
    assert sentence(runs["uniform"]).startswith("Reaches the optimum of task 1 and leaves the other behind")
    assert solved(runs["rotograd"])


def compromise(runs: Runs) -> None:
    assert len(runs) == 4
    for trajectory in runs.values():
        assert not solved(trajectory)
        assert trajectory.excess[0, -1].max() > 0.5


def quick_enough(runs: Runs) -> None:
    assert not solved(runs["uniform"])
    assert solved(runs["rotograd"])


def unlucky(runs: Runs) -> None:
    assert not solved(runs["uniform"])
    assert not solved(runs["rotograd"])
    for seed, outcome in ((6, True), (5, False)):  # the twins differ in nothing but the seed
        assert solved(run(replace(runs["rotograd"].config, seed=seed))) is outcome


def slows_down(runs: Runs) -> None:
    config, ratio = runs["rotograd"].config, runs["rotograd"].rate_ratio
    assert solved(runs["rotograd"])
    assert not solved(run(replace(config, params={**config.params, "rot_decay": 1.0})))
    assert ratio is not None
    assert ratio[0] > 10 > 1 > ratio[-1]


def too_quick(runs: Runs) -> None:
    assert runs["rotograd"].config.params["lr_rot"] == 0.3
    assert not solved(runs["rotograd"])


def too_slow(runs: Runs) -> None:
    assert runs["rotograd"].config.params["lr_rot"] == 0.003
    assert not solved(runs["rotograd"])


def half_the_space(runs: Runs) -> None:
    np.testing.assert_array_equal(pairs_solved(runs["rotograd"])[:, -1], [[True, False]])


def half_a_turn(runs: Runs) -> None:
    chance = accuracy(runs["uniform"].r[0, -1])
    assert chance.sum() == pytest.approx(1.0)  # what one task wins the other loses
    for key in ("rotograd", "rotograd_v1"):
        end = runs[key].matrices[0, -1]
        assert solved(runs[key])
        np.testing.assert_allclose(end[1] @ end[0].T, -np.eye(2), atol=0.1)


def five_starts(runs: Runs) -> None:
    ends = {key: trajectory.z[:, -1, 0] for key, trajectory in runs.items()}
    assert (optimum_distance(ends["aligned_mtl"]) < 1.25).all()
    for key in ("uniform", "cagrad"):  # wait at the cliff from some starts
        assert (front_distance(ends[key]) > 5).sum() >= 2
    for key in ("mgda", "imtl_g", "nash_mtl", "aligned_mtl"):
        assert (front_distance(ends[key]) < 0.05).all()
    for key in ("mgda", "imtl_g", "nash_mtl"):  # stop where they first meet the front
        assert (optimum_distance(ends[key]) > 2).sum() >= 3


def given_preferences(runs: Runs) -> None:
    ends = {key: trajectory.z[:, -1, 0] for key, trajectory in runs.items()}
    assert (optimum_distance(ends.pop("aligned_mtl"), (1.0, 1.0), (0.8, 0.2)) < 0.05).all()
    for end in ends.values():
        assert (front_distance(end) < 0.05).all()
        assert (optimum_distance(end, (1.0, 1.0), (0.8, 0.2)) > 1).sum() >= 3


def five_at_once(runs: Runs) -> None:
    assert {t.config.tasks for t in runs.values()} == {5}
    assert solved(runs["rotograd"])
    assert runs["uniform"].excess[0, -1].min() > 0.5
    assert sentence(runs["uniform"]).startswith("Stuck between: excess losses")


def equal_lengths_hurt(runs: Runs) -> None:
    first = {key: t.excess[0, :, 0] for key, t in runs.items()}
    assert (np.array(runs["rotograd_scale"].excess[0, 1]) > runs["rotograd_scale"].excess[0, 0]).tolist() == [
        True, False, False,
    ]  # fmt: skip
    assert first["rotograd_scale"][-1] > 1.3 * first["rotograd_scale"][0]
    assert (np.diff(runs["mgda"].excess[0], axis=0) < 1e-9).all()
    assert solved(runs["rotograd"])
    rows = runs["rotograd_scale"].gradients[0, 0, :, 0]
    cosines = rows @ rows.T / np.outer(*[np.linalg.norm(rows, axis=1)] * 2)
    np.testing.assert_allclose(cosines[np.triu_indices(3, 1)], [-0.6, -0.6, -0.1], atol=1e-6)


def order_matters(runs: Runs) -> None:
    begin = runs["pcgrad"].gram[0, 0]
    orders = {tuple(mtlcore.rule("pcgrad", seed=seed).weights(begin).round(6)) for seed in range(40)}
    assert (
        len(orders) == 8
    )  # the same gradients, eight answers: each of three tasks has two orders of the others
    weights = runs["pcgrad"].weights[0]
    assert len(np.unique(weights[:1000].round(2), axis=0)) > 5
    jumps = np.abs(np.diff(weights, axis=0)).max(axis=1)
    assert np.median(jumps) > 0.05


def negative_and_left_out(runs: Runs) -> None:
    assert runs["imtl_g_ub"].weights[0, 0, 0] == pytest.approx(-0.72, abs=0.01)
    np.testing.assert_allclose(runs["mgda_ub"].weights[0, 0], [0.0, 0.5, 0.5], atol=0.01)
    rows = runs["imtl_g_ub"].gradients[0, 0, :, 0]
    norms = np.linalg.norm(rows, axis=1)
    assert 1.8 < norms[0] / norms[1:].max() < 2.0


def one_direction_three_lengths(runs: Runs) -> None:
    shortest, mean_square = runs["aligned_mtl_ub"], runs["none+aligned_mtl@features"]
    configs = [
        replace(shortest.config, params={"scale": scale}, steps=1) for scale in ("min", "median", "rmse")
    ]
    updates = [run(config).update[0, 0, 0] for config in configs]
    lengths = [np.linalg.norm(update) for update in updates]
    assert lengths == pytest.approx([0.213, 1.211, 2.503], abs=0.001)
    for update, length in zip(updates, lengths, strict=True):
        np.testing.assert_allclose(update / length, updates[0] / lengths[0], atol=1e-6)
    assert shortest.excess[0, -1, 0] > 10 > 3 > mean_square.excess[0, -1, 0]


CLAIMS: dict[str, Callable[[Runs], None]] = {
    "RotoGrad finds both optima": finds_both,
    "Vanilla sits between": vanilla_between,
    "The louder task wins (s = 0.9)": louder_wins,
    "Rules find a compromise, not an optimum": compromise,
    "Quick enough, slow enough (lr_rot 0.03)": quick_enough,
    "The same pace, unlucky (seed 5)": unlucky,
    "Too quick to follow (lr_rot 0.3)": too_quick,
    "Too slow to align (lr_rot 0.003)": too_slow,
    "A leader that slows down (decay 0.95)": slows_down,
    "Rotate half the space (d = 4, m = 2)": half_the_space,
    "Opposite labels: half a turn serves both": half_a_turn,
    "Five starts, Aligned-MTL figure 1": five_starts,
    "Given preferences (0.8, 0.2)": given_preferences,
    "Five tasks at once": five_at_once,
    "Three tasks: equal lengths hurt one": equal_lengths_hurt,
    "Three tasks: PCGrad's order matters": order_matters,
    "Three tasks: a negative weight, a task left out": negative_and_left_out,
    "Three tasks: one direction, three lengths": one_direction_three_lengths,
}


@pytest.mark.parametrize("title", PRESETS)
def test_a_preset_shows_what_its_name_says(title: str) -> None:
    view = PRESETS[title].view
    runs = {key: run(view.config(key)) for key in view.methods}
    for trajectory in runs.values():
        assert {status.outcome for status in trajectory.status} == {Outcome.OK}
    CLAIMS[title](runs)


@pytest.mark.parametrize("title", PRESETS)
def test_a_preset_survives_its_own_link(title: str) -> None:
    assert decode(encode(PRESETS[title].view)) == (PRESETS[title].view, ())


def test_the_three_paces_differ_in_nothing_else() -> None:
    named = ("Quick enough, slow enough (lr_rot 0.03)", "Too quick to follow (lr_rot 0.3)")
    paces = [PRESETS[title].view for title in (*named, "Too slow to align (lr_rot 0.003)")]
    assert len({encode(view.having("lr_rot", 0.1)).__repr__() for view in paces}) == 1


def test_presets_are_told_apart() -> None:
    assert len({repr(encode(preset.view)) for preset in PRESETS.values()}) == len(PRESETS)
