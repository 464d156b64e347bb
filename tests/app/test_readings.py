"""What the tabs read off a run: curves, surfaces, sweeps, the Python call, and how equations are set."""

import numpy as np
import pytest

from app.cards import stacked, taken
from app.fields import CURVES, sweepable
from app.offered import offered
from app.python_call import python_call, script
from app.series import QUANTITIES, lines, norms, turned, unknown_after
from app.surfaces import ground, mean_loss
from app.sweep_tab import axes_of, settings, sweep_values, work
from app.view import View
from mtlcore.registry import RULES, TRANSFORMS
from mtlcore.spec import Param
from toy_problems import PROBLEMS, ToyConfig, Trajectory, run, sweep


@pytest.fixture(scope="module")
def rotated() -> Trajectory:
    return run(ToyConfig(method="rotograd"))


def test_every_curve_has_its_quantity() -> None:
    assert set(QUANTITIES) == set(CURVES)


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_has_a_value_at_every_record(curve: str, rotated: Trajectory) -> None:
    drawn = lines([("a", rotated), ("b", rotated)], curve, 0)
    assert len(drawn) == (2 if QUANTITIES[curve].of == "method" else 4)
    assert rotated.vanished.any()
    for line in drawn:
        assert line.x.shape == line.y.shape == rotated.steps.shape
        assert np.isfinite(line.y[~rotated.vanished[0]]).all()


@pytest.mark.parametrize("curve", [key for key, item in QUANTITIES.items() if item.of == "rule"])
def test_raw_and_after_the_rule_stand_beside_each_other(curve: str) -> None:
    weighed, chosen = (run(ToyConfig(method=key, steps=20)) for key in ("aligned_mtl", "graddrop"))
    runs = [("Weighed", weighed), ("Chosen", chosen)]
    drawn = {line.name: line for line in lines(runs, curve, 0)}
    assert set(drawn) == {"Weighed, raw", "Weighed, after the rule", "Chosen, raw"}
    assert unknown_after(runs, curve) == ["Chosen"]
    assert drawn["Weighed, raw"].method == drawn["Weighed, after the rule"].method  # one colour,
    assert drawn["Weighed, raw"].dash != drawn["Weighed, after the rule"].dash  # two dashes
    ideal = 0.0 if curve == "cosine" else 1.0
    np.testing.assert_allclose(drawn["Weighed, after the rule"].y, ideal, atol=1e-9)
    assert np.abs(drawn["Weighed, raw"].y - ideal).max() > 1e-3


def test_where_gradients_have_vanished_their_directions_are_left_out(rotated: Trajectory) -> None:
    for curve in ("cosine", "mean_cosine", "similarity", "condition"):
        for line in lines([("a", rotated)], curve, 0):
            np.testing.assert_array_equal(np.isnan(line.y), rotated.vanished[0])


def test_only_a_transform_with_a_rate_of_its_own_has_a_ratio_of_rates(rotated: Trajectory) -> None:
    still = run(ToyConfig(method="uniform", steps=5))
    assert [line.name for line in lines([("still", still), ("turned", rotated)], "rates", 0)] == ["turned"]
    assert lines([("still", still)], "rates", 0) == []
    assert QUANTITIES["rates"].missing


def test_norms_are_the_gradients_lengths(rotated: Trajectory) -> None:
    expected = [[np.linalg.norm(g) for g in at] for at in rotated.gradients[0]]
    np.testing.assert_allclose(norms(rotated, 0), expected)


def test_turned_is_the_angle_since_the_start(rotated: Trajectory) -> None:
    angles = np.degrees(np.arctan2(rotated.matrices[0, :, :, 1, 0], rotated.matrices[0, :, :, 0, 0]))
    wrapped = np.abs((angles - angles[0] + 180) % 360 - 180)
    np.testing.assert_allclose(turned(rotated, 0), wrapped, atol=1e-6)
    assert turned(rotated, 0)[0] == pytest.approx([0, 0])
    assert turned(rotated, 0)[-1].max() > 10


def test_the_path_lies_on_the_surface(rotated: Trajectory) -> None:
    land = ground(rotated, 0, (0, 1))
    assert land.height.shape == (land.y.size, land.x.size)
    assert land.lift.shape == land.paths.shape[:-1] == (1, rotated.steps.size)
    assert land.lift[0, -1] == pytest.approx(rotated.losses[0, -1].mean())


def test_without_views_every_path_lies_on_the_surface() -> None:
    still = run(ToyConfig(method="uniform", starts="spread", steps=50))
    land = ground(still, 0, (0, 1))
    np.testing.assert_allclose(land.lift, still.losses.mean(-1), atol=1e-9)


def test_the_second_pair_is_a_slice_through_the_end() -> None:
    deep = run(ToyConfig(method="rotograd", d=4, steps=50))
    end = deep.z[0, -1, 0]
    assert mean_loss(deep, 0, (2, 3), end[2:]) == pytest.approx(deep.losses[0, -1].mean())


CONFIGS = [
    ToyConfig(),
    ToyConfig(problem="landscape", method="mgda", optimizer="adam", lr=1e-3, starts="paper", steps=10),
    ToyConfig(
        method="rotation+cagrad@features", params={"c": 0.4, "m": 2}, d=4, starts=((1.0, 2.0, 0.5, 1e-5),)
    ),
    ToyConfig(method="uniform", params={"task_weights": (0.25, 0.75)}, record_every=3, seed=9, s=0.3),
    ToyConfig(method="mgda", noise=0.3, starts="spread"),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.method)
def test_the_python_call_is_the_configuration(config: ToyConfig) -> None:
    text = python_call(config).removeprefix("run(").removesuffix(")")
    assert eval(text, {"ToyConfig": ToyConfig}) == config


def test_the_script_has_a_call_for_every_method() -> None:
    assert script(tuple(CONFIGS)).count("run(ToyConfig(") == len(CONFIGS)


def test_parts_of_an_equation_stand_one_below_the_other() -> None:
    assert stacked(r"a = b, \quad c") == r"\begin{gathered}a = b, \\ c\end{gathered}"
    assert stacked(r"a \qquad b") == r"\begin{gathered}a \\ b\end{gathered}"
    assert stacked(r"\text{if \quad inside}") == r"\begin{gathered}\text{if \quad inside}\end{gathered}"


@pytest.mark.parametrize(
    "spec", [*RULES.values(), *TRANSFORMS.values(), *PROBLEMS.values()], ids=lambda spec: spec.key
)
def test_every_equation_stacks_with_its_braces_closed(spec: object) -> None:
    parts = (
        stacked(spec.equation)
        .removeprefix(r"\begin{gathered}")
        .removesuffix(r"\end{gathered}")
        .split(r" \\ ")
    )
    for part in parts:
        assert part.count("{") == part.count("}")


@pytest.mark.parametrize("kind", ["float", "int", "choice", "bool"])
def test_a_card_says_what_a_parameter_takes(kind: str) -> None:
    param = Param("x", "X", kind, None, 0, 1, choices=("a", "b"))
    assert taken(param) == {"choice": "a, b", "bool": "true, false"}.get(kind, "0 to 1")


def test_a_sweep_goes_over_half_decades_about_the_choice() -> None:
    assert sweep_values(View(), "lr_rot") == (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    assert sweep_values(View().having("d", 4), "m") == (0, 1, 2, 3, 4)
    assert sweep_values(View(), "s")[0] == 0.02


@pytest.mark.parametrize("method", offered("avocado"))
def test_every_method_can_be_swept(method: str) -> None:
    view = View().having("methods", (method,)).having("steps", 2)
    keys = sweepable((method,))
    assert {"lr", "s"} <= set(keys)
    for across in keys:
        chosen = view.having("across", across)
        assert settings(chosen, method)[0] == across
        axes = {name: values[:1] for name, values in axes_of(chosen, *settings(chosen, method)).items()}
        assert sweep(chosen.config(method), axes, range(2)).rate.shape == (1,) * len(axes)


def test_a_setting_of_another_method_is_not_swept() -> None:
    view = (
        View().having("methods", ("cagrad", "rotograd")).having("across", "cagrad.c").having("up", "cagrad.c")
    )
    assert settings(view, "rotograd")[0] != "cagrad.c"
    assert settings(view, "cagrad")[0] == "cagrad.c"
    assert settings(view.having("up", "none"), "cagrad") == ("cagrad.c", "none")


def test_the_work_of_a_sweep_grows_with_everything() -> None:
    config = ToyConfig(steps=100)
    base = work(config, {"lr": (0.1, 0.2)}, 10)
    assert base == 2 * 10 * 100
    assert work(config, {"lr": (0.1,), "s": (0.1, 0.2, 0.3)}, 10) == 3 * 10 * 100
    assert work(ToyConfig(steps=100, starts="spread"), {"lr": (0.1, 0.2)}, 10) == 5 * base
    assert work(ToyConfig(steps=100, d=4), {"lr": (0.1, 0.2)}, 10) == 4 * base
