"""The papers' metrics on the papers' own numbers, and exact volumes and distances."""

import numpy as np
import pytest
import scipy.stats

from mtlcore.metrics import (
    delta_m,
    distance_to_front,
    hypervolume,
    relative_task_improvement,
    summarise,
    wilson_interval,
)

HIGHER = (True, True, False, False)
SINGLE = (74.01, 93.16, 0.0125, 27.77)
HALF_DIGIT = np.array([0.005, 0.005, 0.00005, 0.005])
# Senushkin et al. 2023, Table 4: mIoU, pixel accuracy, absolute and relative error, and the printed Delta_m.
TABLE_4 = {
    "Uniform": (75.18, 93.49, 0.0155, 46.77, 22.60),
    "RLW": (74.57, 93.41, 0.0158, 47.79, 24.37),
    "DWA": (75.24, 93.52, 0.0160, 44.37, 21.43),
    "Uncertainty": (72.02, 92.85, 0.0140, 30.13, 5.88),
    "MGDA": (68.84, 91.54, 0.0309, 33.50, 44.14),
    "GradNorm": (73.72, 93.04, 0.0124, 34.11, 5.63),
    "GradDrop": (75.27, 93.53, 0.0157, 47.54, 23.67),
    "PCGrad": (75.13, 93.48, 0.0154, 42.07, 18.21),
    "CAGrad": (75.16, 93.48, 0.0141, 37.60, 11.58),
    "IMTL": (75.33, 93.49, 0.0135, 38.41, 11.04),
    "Nash-MTL": (75.41, 93.66, 0.0129, 35.02, 6.72),
    "Aligned-MTL": (75.77, 93.69, 0.0133, 32.66, 5.27),
    "A-MTL-UB": (74.89, 93.46, 0.0131, 33.92, 6.37),
}
# Table 2 (NYUv2, MTAN): nine metrics of three tasks, then the metric-weighted and the task-weighted Delta_m.
TABLE_2_SINGLE = (38.30, 63.76, 0.68, 0.28, 25.01, 19.21, 30.14, 57.20, 69.15)
TABLE_2_UNIFORM = (39.29, 65.33, 0.55, 0.23, 28.15, 23.96, 22.09, 47.50, 61.08)


def rounding(row, single, half, weights):
    """The largest change of Delta_m that the digits cut from the table can make."""
    row, single = np.array(row), np.array(single)
    return 100 * (weights * (half / single + row * half / single**2)).sum() + 0.005


@pytest.mark.parametrize("name", TABLE_4)
def test_every_delta_m_of_table_4_follows_from_its_row(name):
    *row, printed = TABLE_4[name]
    task = delta_m(row, SINGLE, HIGHER, task_of=(0, 0, 1, 1))
    metric = delta_m(row, SINGLE, HIGHER, weighting="metric")
    assert task == pytest.approx(metric, abs=1e-12)  # two metrics in each of the two tasks: one and the same
    assert abs(task - printed) <= rounding(row, SINGLE, HALF_DIGIT, 1 / 4)


def test_task_and_metric_weights_differ_where_tasks_have_unequal_numbers_of_metrics():
    higher = (True, True, False, False, False, False, True, True, True)
    task_of = (0, 0, 1, 1, 2, 2, 2, 2, 2)
    half = np.full(9, 0.005)
    task = delta_m(TABLE_2_UNIFORM, TABLE_2_SINGLE, higher, task_of)
    metric = delta_m(TABLE_2_UNIFORM, TABLE_2_SINGLE, higher, task_of, weighting="metric")
    by_task = np.array([1 / 6] * 4 + [1 / 15] * 5)
    assert abs(task - -1.07) <= rounding(TABLE_2_UNIFORM, TABLE_2_SINGLE, half, by_task)
    assert abs(metric - 5.46) <= rounding(TABLE_2_UNIFORM, TABLE_2_SINGLE, half, 1 / 9)


def test_relative_task_improvement_is_positive_where_sharing_helped():
    delta = relative_task_improvement(
        [[0.9, 2.0, 5.0], [1.0, 1.0, 4.0]], [1.0, 1.0, 4.0], [True, True, False]
    )
    np.testing.assert_allclose(delta, [[10.0, -100.0, 25.0], [0.0, 0.0, 0.0]])
    assert summarise(delta[0]) == pytest.approx((-65.0 / 3, 10.0, 25.0))


def test_the_two_papers_definitions_are_each_others_negative():
    delta = relative_task_improvement([0.8, 3.0], [0.5, 4.0])
    assert -delta.mean() == pytest.approx(float(delta_m([0.8, 3.0], [0.5, 4.0], True)))


def test_delta_m_takes_many_models_at_once():
    rows = np.array([row[:4] for row in TABLE_4.values()])
    assert delta_m(rows, SINGLE, HIGHER, (0, 0, 1, 1)).shape == (len(TABLE_4),)


def test_hypervolume_by_hand():
    assert hypervolume([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0], [3.0, 3.0], [9.0, 0.0]], [4.0, 4.0]) == 6.0
    assert hypervolume([[1.0, 1.0, 1.0]], [3.0, 3.0, 3.0]) == 8.0
    assert hypervolume([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], [2.0, 2.0, 2.0]) == 4.0
    assert hypervolume([[1.0], [0.5]], [2.0]) == 1.5
    assert hypervolume([[5.0, 5.0]], [4.0, 4.0]) == 0.0
    assert hypervolume([], [4.0, 4.0]) == 0.0


@pytest.mark.parametrize("tasks", [2, 3, 4])
def test_hypervolume_counts_the_cells_of_a_grid(tasks):
    rng = np.random.default_rng(tasks)
    points = rng.integers(0, 6, (12, tasks)).astype(float)
    cells = np.stack(np.meshgrid(*[np.arange(6)] * tasks, indexing="ij"), axis=-1).reshape(-1, 1, tasks)
    assert hypervolume(points, np.full(tasks, 6.0)) == (points <= cells).all(axis=-1).any(axis=1).sum()


def test_distance_to_a_polyline():
    front = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]
    points = [[1.0, 1.5], [-3.0, 4.0], [5.0, 1.0], [2.0, 0.0]]
    np.testing.assert_allclose(distance_to_front(points, front), [1.0, 5.0, 3.0, 0.0])
    np.testing.assert_allclose(distance_to_front([3.0, 4.0], [[0.0, 0.0]]), 5.0)
    np.testing.assert_allclose(distance_to_front([3.0, 4.0], [[0.0, 0.0], [0.0, 0.0]]), 5.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: relative_task_improvement([1.0], [0.0]), "single takes numbers other than 0"),
        (lambda: relative_task_improvement([1.0, 2.0], [1.0]), "metrics take"),
        (lambda: delta_m([1.0, 2.0], [1.0, 1.0], True, [0]), "task_of takes 2"),
        (lambda: delta_m([1.0], [1.0], True, weighting="both"), "weighting takes task or metric"),
        (lambda: hypervolume([[1.0, 2.0]], [1.0]), "reference"),
        (lambda: hypervolume([[1.0, np.nan]], [1.0, 2.0]), "finite"),
        (lambda: distance_to_front([1.0], [[1.0, 2.0]]), "front"),
        (lambda: summarise([]), "delta takes"),
    ],
)
def test_complaints_name_the_field(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    ("successes", "total"), [(0, 1), (1, 1), (0, 100), (39, 100), (99, 100), (100, 100), (3, 7)]
)
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_the_interval_of_a_share_is_wilsons(successes, total, confidence):
    expected = scipy.stats.binomtest(successes, total).proportion_ci(confidence, "wilson")
    assert wilson_interval(successes, total, confidence) == pytest.approx(tuple(expected), abs=1e-12)


@pytest.mark.parametrize(("successes", "total"), [(-1, 3), (4, 3), (0, 0)])
def test_counts_that_are_none_are_refused(successes, total):
    with pytest.raises(ValueError, match="successes takes 0 to total"):
        wilson_interval(successes, total)
    with pytest.raises(ValueError, match="confidence takes a number between 0 and 1"):
        wilson_interval(1, 2, 1.0)
