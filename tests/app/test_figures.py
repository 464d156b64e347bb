"""Figures by their data: what goes in as arrays comes out as traces."""

import ast
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.curves import MOST_POINTS, Line, curves
from app.figures.heat import success_curve, success_map
from app.figures.surface import surface
from app.figures.tasks import Band, Bars, each_task, one_chart, task_bars
from app.palette import DARK, LIGHT
from experiments.cifar10 import CLASSES

FIGURES = Path(__file__).parents[2] / "app" / "figures"
STEPS = np.arange(5)


def line(y: list[float], method: int = 0, task: int | None = 0) -> Line:
    return Line(f"method {method}, task {task}", STEPS[: len(y)], np.array(y), method, task)


def test_a_curve_keeps_its_numbers() -> None:
    figure = curves([line([3, 2, 1, 0.5, 0.25])], "loss", LIGHT)
    assert isinstance(figure, go.Figure)
    np.testing.assert_array_equal(figure.data[0].x, STEPS)
    np.testing.assert_array_equal(figure.data[0].y, [3, 2, 1, 0.5, 0.25])
    assert figure.layout.yaxis.title.text == "loss"


def test_tasks_differ_in_colour_and_methods_in_dash() -> None:
    figure = curves([line([1, 2], m, k) for m in (0, 1) for k in (0, 1)], "loss", LIGHT)
    colours = [trace.line.color for trace in figure.data]
    dashes = [trace.line.dash for trace in figure.data]
    assert colours == [LIGHT.tasks[0], LIGHT.tasks[1]] * 2
    assert dashes[0] == dashes[1] != dashes[2] == dashes[3]


@pytest.mark.parametrize(
    ("methods", "tasks", "entries"), [(1, 5, 5), (4, 2, 8), (2, 5, 7), (3, 3, 6), (5, 2, 10)]
)
def test_the_legend_names_many_lines_by_colour_and_dash(methods: int, tasks: int, entries: int) -> None:
    """Of many lines every colour and every dash is named once, as long as no two methods share a dash."""
    figure = curves([line([1, 2], m, k) for m in range(methods) for k in range(tasks)], "loss", LIGHT)
    named = [trace for trace in figure.data if trace.showlegend is not False]
    assert len(named) == entries
    drawn = [trace for trace in figure.data if len(trace.x) > 1]
    assert len(drawn) == methods * tasks
    assert {trace.line.dash for trace in named} == {trace.line.dash for trace in drawn}
    assert {trace.line.color for trace in named} >= {trace.line.color for trace in drawn}


def test_a_curve_without_a_task_has_its_methods_colour() -> None:
    figure = curves([line([1, 2], m, None) for m in (0, 1)], "cosine", DARK)
    assert [trace.line.color for trace in figure.data] == list(DARK.methods[:2])


def test_a_logarithmic_axis_leaves_gaps_for_zeros() -> None:
    figure = curves([line([1, 0, 1, -1, 1])], "loss", LIGHT, log=True)
    np.testing.assert_array_equal(np.isnan(figure.data[0].y), [False, True, False, True, False])
    assert figure.layout.yaxis.type == "log"


def test_a_gap_stays_a_gap_and_a_dash_of_ones_own_wins() -> None:
    raw, after = (Line("a", STEPS, np.array([1, np.nan, 2, 3, 4]), 0, dash=dash) for dash in ("dot", ""))
    figure = curves([raw, after], "condition", LIGHT, log=True)
    np.testing.assert_array_equal(np.isnan(figure.data[0].y), [False, True, False, False, False])
    assert [trace.line.dash for trace in figure.data] == ["dot", "solid"]


@pytest.mark.parametrize(("most", "marked"), [(4.6e7, False), (4.7e7, True)])
def test_a_capped_value_is_marked(most: float, marked: bool) -> None:
    figure = curves([line([1, np.nan, most])], "condition", LIGHT, log=True, cap=4.7e7)
    assert len(figure.data) == 1 + marked
    if marked:
        assert "4.7e7 stands for this or more" in figure.data[-1].name
        assert list(figure.data[-1].y) == [4.7e7, 4.7e7]


def test_a_long_curve_is_thinned_to_its_ends() -> None:
    x = np.arange(35_001)
    figure = curves([Line("long", x, x.astype(float), 0)], "loss", LIGHT)
    assert len(figure.data[0].x) <= MOST_POINTS
    assert (figure.data[0].x[0], figure.data[0].x[-1]) == (0, 35_000)


def test_a_surface_carries_its_paths_on_top() -> None:
    x, y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 7)
    height = x[None, :] ** 2 + y[:, None] ** 2
    paths = np.stack([np.linspace([1, 2], [0, 0], 4), np.linspace([-1, 2], [0, 0], 4)])
    lift = (paths**2).sum(-1)
    figure = surface(x, y, height, paths, lift, ("z1", "z2", "mean loss"), LIGHT)
    ground, *lines = figure.data
    assert ground.type == "surface"
    np.testing.assert_allclose(ground.z, height, rtol=1e-6)
    drawn = [trace for trace in lines if trace.mode == "lines"]
    assert len(drawn) == 2
    np.testing.assert_array_equal(drawn[1].x, paths[1, :, 0])
    assert (drawn[0].z > lift[0]).all()
    assert figure.layout.scene.zaxis.title.text == "mean loss"


def test_a_success_map_says_its_percentages() -> None:
    rates = np.array([[0.0, 0.5, 1.0], [0.25, 0.75, 0.1]])
    figure = success_map(rates, [0.01, 0.03, 0.1], [0.001, 0.003], ("lr_rot", "lr"), LIGHT)
    np.testing.assert_allclose(figure.data[0].z, rates, rtol=1e-6)
    assert figure.data[0].text[0][1] == "50"
    assert list(figure.data[0].x) == ["0.01", "0.03", "0.1"]
    assert list(figure.data[0].y) == ["0.001", "0.003"]


def test_a_success_curve_runs_from_none_to_all() -> None:
    figure = success_curve(np.array([0.0, 1.0]), [0.001, 0.003], "lr", DARK)
    assert list(figure.data[0].y) == [0.0, 1.0]
    assert figure.layout.yaxis.range[0] <= 0 < 1 <= figure.layout.yaxis.range[1]


@pytest.mark.parametrize("path", sorted(FIGURES.glob("*.py")), ids=lambda path: path.name)
def test_figures_know_no_screen_and_no_torch(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {
        name for name in names if name.split(".")[0] in ("streamlit", "torch", "toy_problems", "mtlcore")
    }


def band(name: str, index: int | None, seeds: int = 1) -> Band:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.4, 0.5])
    return Band(name, x, y, y - 0.05, y + 0.05, index, seeds)


def test_curves_over_seeds_have_a_shade_and_one_name() -> None:
    figure = one_chart([band("vanilla", 0), band("RotoGrad", 1, seeds=3)], "F1", LIGHT)
    assert [trace.name for trace in figure.data if trace.showlegend] == ["vanilla", "RotoGrad"]
    (shade,) = [trace for trace in figure.data if trace.fill == "toself"]
    np.testing.assert_allclose(shade.y[:3], [0.15, 0.45, 0.55], rtol=1e-6)
    np.testing.assert_allclose(shade.y[3:], [0.45, 0.35, 0.05], rtol=1e-6)
    assert figure.layout.yaxis.title.text == "F1"


def test_more_methods_than_colours_differ_in_dash() -> None:
    drawn = one_chart([band(str(i), i) for i in range(14)] + [band("single", None)], "F1", DARK).data
    looks = {(trace.line.color, trace.line.dash) for trace in drawn}
    assert len(looks) == 15
    assert (drawn[-1].line.color, drawn[-1].line.dash) == (DARK.muted, "dot")


def test_every_task_has_a_panel_and_every_method_one_name() -> None:
    panels = {task: [band("vanilla", 0), band("RotoGrad", 1)] for task in CLASSES}
    figure = each_task(panels, "", LIGHT, log=True)
    assert [note.text for note in figure.layout.annotations] == list(CLASSES)
    assert len(figure.data) == 20
    assert len({trace.xaxis for trace in figure.data}) == 10
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2
    assert figure.layout.yaxis.type == figure.layout.yaxis10.type == "log"


def test_bars_stand_in_groups_with_their_spread() -> None:
    rows = [Bars("vanilla", np.arange(10.0), np.ones(10), 0), Bars("RotoGrad", -np.arange(10.0), None, 1)]
    figure = task_bars(CLASSES, rows, "Δ", LIGHT)
    assert figure.layout.barmode == "group"
    np.testing.assert_array_equal(figure.data[1].y, -np.arange(10.0))
    assert figure.data[0].error_y.array is not None
    assert figure.data[1].error_y.array is None
