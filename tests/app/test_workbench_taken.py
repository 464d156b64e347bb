"""The gradients of a run on the workbench: those of the start, step and pair that one looks at."""

import numpy as np
import pytest

from app.runs import trajectory
from app.view import View
from app.workbench.bench import Bench, decode, encode
from app.workbench.taken import LEAST, fitting, taken
from toy_problems import PROBLEMS


def on_the_bench(view: View) -> tuple[Bench | None, np.ndarray]:
    """Returns what is taken of a view's first run, and all gradients of that run."""
    run = trajectory(view.config(view.methods[0]))
    return taken(view, run), run.gradients


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_is_taken_has_a_link_and_is_the_run_s(problem):
    view = View(problem).having("steps", 40)
    bench, gradients = on_the_bench(view)
    if gradients.shape[3] > 1:
        assert bench is None
        return
    assert bench is not None
    query = {key: [text] for key, text in encode(bench).items()}
    assert decode(query) == (bench, ())
    rows = gradients[view["start"] - 1, 0, :, 0, :2]
    np.testing.assert_allclose(bench.gradients, rows * fitting(np.abs(rows).max()), atol=1e-6)
    assert {spec.rule for spec in view.specs} <= set(bench.methods)


def test_the_step_the_start_and_the_pair_are_those_looked_at():
    view = (
        View("avocado", ("uniform",))
        .having("d", 4)
        .having("steps", 60)
        .having("record_every", 1)
        .having("starts", "spread")
    )
    view = view.having("start", 2).having("step", 33).having("pair", 2)
    bench, gradients = on_the_bench(view)
    assert bench is not None
    rows = gradients[1, 33, :, 0, 2:4]
    np.testing.assert_allclose(bench.gradients, rows * fitting(np.abs(rows).max()), atol=1e-6)


@pytest.mark.parametrize(
    ("longest", "factor"), [(1.0, 1.0), (10.0, 1.0), (0.05, 1.0), (37.0, 0.1), (0.004, 1000.0), (1e-9, 1e9)]
)
def test_what_does_not_fit_the_plane_is_taken_times_a_power_of_ten(longest, factor):
    assert fitting(longest) == pytest.approx(factor)


def test_short_gradients_are_taken_times_a_power_of_ten():
    view = View("avocado", ("rotograd",)).having("record_every", 1).having("step", 150)
    bench, gradients = on_the_bench(view)
    assert bench is not None
    longest = np.abs(gradients[0, 150, :, 0]).max()
    assert 0.0 < longest < LEAST
    power = np.log10(np.abs(bench.gradients).max() / longest)
    assert power == pytest.approx(round(power), abs=1e-4)
    assert 1.0 <= np.abs(bench.gradients).max() < 10.0
