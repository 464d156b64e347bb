"""What the Lab's form makes of what is chosen: configurations, a forecast, or a sentence that says why not."""

import pytest

from app.lab import form as form_module
from app.lab.form import MOST_SEEDS, MOST_SIZES, Form, forecast, own_params, rotated, rotates, seeds_of
from experiments.cifar10.cli import parse
from experiments.cifar10.config import FIELDS, lab_methods, method_params
from experiments.cifar10.parameters import SIZES
from experiments.comparison import RANKS_FROM


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """Starts with an empty data folder, on this machine, with the usual limits."""
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    for name in ("MTL_RAY_ADDRESS", "MTL_MAX_QUEUED", "MTL_MAX_EPOCHS", "MTL_MAX_BATCH"):
        monkeypatch.delenv(name, raising=False)


def test_methods_times_seeds_in_the_order_of_launch() -> None:
    made = Form(methods=("uniform", "rotograd"), seeds="0-1", baselines=False).configs()
    assert [(c.method, c.seed) for c in made] == [
        ("uniform", 0), ("rotograd", 0), ("uniform", 1), ("rotograd", 1),
    ]  # fmt: skip
    quick = SIZES["Quick"]
    assert all(getattr(config, name) == value for config in made for name, value in quick.items())


def test_each_m_is_a_run_of_its_own() -> None:
    form = (
        Form(methods=("rotograd", "uniform"), seeds="0", baselines=False)
        .sized("Paper")
        .having("rotograd.m", "64, 128,all")
    )
    assert [c.params["m"] for c in form.configs() if c.method == "rotograd"] == [64, 128, -1]
    assert len(form.configs()) == 4


def test_single_task_networks_come_last_ten_with_the_first_seed() -> None:
    made = Form(methods=("uniform",), seeds="3,5").configs()
    assert [c.method for c in made[:2]] == ["uniform"] * 2
    assert [c.params["task"] for c in made[2:]] == list(range(10))
    assert {c.seed for c in made[2:]} == {3}


def test_what_is_launched_by_default_can_be_ranked_and_compared() -> None:
    made = Form().configs()
    assert len([c for c in made if c.method == "single_task"]) == 10
    assert {len([c for c in made if c.method == method]) for method in Form().methods} == {RANKS_FROM}


@pytest.mark.parametrize("method", lab_methods())
def test_what_a_method_offers_reaches_its_configuration(method: str) -> None:
    form = Form(methods=(method,), seeds="0", baselines=False)
    for param in own_params(method):
        changed = {"bool": not param.default, "choice": (param.choices or ("",))[-1], "int": param.high}
        form = form.having(f"{method}.{param.name}", changed.get(param.kind, param.default))
    (config,) = form.configs()
    for param in own_params(method):
        assert config.params[param.name] == form[f"{method}.{param.name}"]
    assert parse(config.arguments()) == config
    assert rotates(method) == any(param.name == "m" for param in method_params(method))


@pytest.mark.parametrize("param", FIELDS, ids=lambda param: param.name)
def test_every_field_reaches_every_configuration(param) -> None:
    if param.name == "seed":
        return
    value = {"bool": not param.default, "choice": (param.choices or ("",))[-1]}.get(param.kind, param.high)
    form = Form(seeds="0").sized("Paper").having(param.name, value)
    assert {getattr(config, param.name) for config in form.configs()} == {value}


def test_a_size_is_known_by_its_numbers() -> None:
    for size in SIZES:
        assert Form().sized(size).size == size
    assert Form().having("epochs", 7).size is None


@pytest.mark.parametrize(
    ("text", "found"), [("0", (0,)), (" 1, 2 ;5-7", (1, 2, 5, 6, 7)), ("3,3", (3,)), ("2-2", (2,))]
)
def test_seeds_are_numbers_and_ranges(text: str, found: tuple[int, ...]) -> None:
    assert seeds_of(text) == found


@pytest.mark.parametrize("text", ["", "one", "-1", "1.5", "3-1", "0-1000", "1,,2", "0; rm"])
def test_other_seeds_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Seeds: .*\.$|^Seeds: .* Got"):
        seeds_of(text)


@pytest.mark.parametrize("text", ["", "none", "-1", "64;;"])
def test_another_m_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="^m: type numbers like 64"):
        rotated(text)


def test_what_cannot_be_is_named_without_the_classs_name() -> None:
    with pytest.raises(ValueError, match="^batch takes at most train_images = 20, got 32"):
        Form().having("train_images", 20).configs()
    with pytest.raises(ValueError, match="^m takes at most the feature's 16 dimensions"):
        Form().having("rotograd.m", "512").configs()


def test_the_forecast_adds_up_over_runs_and_devices() -> None:
    plain = Form(methods=("uniform",), seeds="0", baselines=False)
    one, ten = plain.configs(), plain.having("seeds", "0-9").configs()
    assert "**1 run, about" in forecast(one, 1).sentence
    assert "per epoch on this CPU" in forecast(one, 1).sentence
    assert "**10 runs, about" in forecast(ten, 1).sentence
    assert forecast(ten, 1).reason == ""
    both = forecast(Form().configs(), 1).sentence
    assert both.startswith("RotoGrad takes longest: about")


def test_the_forecast_says_why_not(monkeypatch) -> None:
    assert forecast((), 1).reason == "Choose at least one method and one seed."
    assert "cuda:97" in forecast(Form().having("device", "cuda:97").configs(), 1).reason
    monkeypatch.setenv("MTL_MAX_QUEUED", "3")
    assert "At most 3 runs" in forecast(Form(seeds="0-4").configs(), 1).reason
    monkeypatch.setenv("MTL_MAX_QUEUED", "many")
    assert "MTL_MAX_QUEUED takes a whole number" in forecast(Form().configs(), 1).reason


def test_runs_are_counted_before_they_are_made(monkeypatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(form_module, "made", lambda *given, **more: made.append(given))
    every = ",".join(str(seed) for seed in range(MOST_SEEDS))
    with pytest.raises(ValueError, match=r"^[\d,]+ runs are more than 2,000: choose fewer seeds"):
        Form(methods=tuple(lab_methods()), seeds=every, baselines=True).configs()
    with pytest.raises(ValueError, match=f"^Seeds: at most {MOST_SEEDS} at once"):
        seeds_of(",".join(f"{seed}-{seed + 99}" for seed in range(0, 80_000, 100)))
    with pytest.raises(ValueError, match=f"^m: at most {MOST_SIZES} numbers"):
        rotated(",".join(str(m) for m in range(2, 1000, 2)))
    with pytest.raises(ValueError, match="^m: at most"):
        rotated("9" * 5000)
    assert made == []
