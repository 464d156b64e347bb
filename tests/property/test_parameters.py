"""Every parameter of every registry: as text and back it is the same value, and a refusal says everything in pieces."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtlcore
from experiments.cifar10.config import FIELDS, LabConfig, lab_methods, method_params
from mtlcore import FieldError
from mtlcore.param import UnknownField, check_params
from mtlcore.spec import Param
from tests.parameter_values import values
from toy_problems import ToyConfig
from toy_problems.config import PREFERENCES, SHARED

OWNED = [
    *((f"rule {key}", p) for key, spec in mtlcore.RULES.items() for p in spec.params),
    *((f"transform {key}", p) for key, spec in mtlcore.TRANSFORMS.items() for p in spec.params),
    *((f"method {key}", p) for key, spec in mtlcore.METHODS.items() for p in spec.params),
    *((f"lab {key}", p) for key in lab_methods() for p in method_params(key)),
    *(("toys", p) for p in (*SHARED, PREFERENCES)),
    *(("lab", p) for p in FIELDS),
]
PARAMS = list({param: f"{owner} {param.name}" for owner, param in reversed(OWNED)})
NAMES = list({param: f"{owner} {param.name}" for owner, param in reversed(OWNED)}.values())
each = pytest.mark.parametrize("param", PARAMS, ids=NAMES)
check = settings(max_examples=20, deadline=None, derandomize=True, database=None)


@each
@check
@given(data=st.data())
def test_what_is_written_is_read_as_the_same_value(param: Param, data: st.DataObject) -> None:
    value = param.check(data.draw(values(param)), "")
    again = param.parse(param.format(value))
    assert (again, type(again)) == (value, type(value))
    assert repr(again) == repr(value)  # to the last bit, and -0.0 is not 0.0


@each
def test_the_defaults_are_written_and_read(param: Param) -> None:
    for default in (param.default, param.network_default):
        if default is not None:
            assert param.parse(param.format(default)) == default


@pytest.mark.parametrize("param", [param for param in PARAMS if param.former])
def test_former_spellings_are_read_as_the_choices_of_today(param: Param) -> None:
    for old, new in param.former:
        assert param.parse(old) == new
        assert param.format(param.parse(old)) == new


def wrong(param: Param) -> str:
    """Returns a text that is no value of the parameter."""
    return {"vector": "1,,2", "choice": "", "bool": "maybe"}.get(param.kind, "none")


@each
def test_a_refusal_names_the_field_what_it_got_and_what_it_takes(param: Param) -> None:
    with pytest.raises(FieldError) as caught:
        param.parse(wrong(param), "someone")
    said = caught.value
    assert (said.owner, said.field, said.got) == (
        "someone",
        param.name,
        "" if param.kind == "vector" else wrong(param),
    )
    assert said.sentence == f"{param.name} takes {said.takes}, got {said.got!r}."
    assert str(said) == f"someone: {said.sentence}"
    assert isinstance(said, ValueError)
    copied = pickle.loads(pickle.dumps(said))
    assert (str(copied), copied.takes, type(copied)) == (str(said), said.takes, FieldError)
    assert str(said.renamed("c", "cagrad")) == f"cagrad: c takes {said.takes}, got {said.got!r}."


NUMBERS = [param for param in PARAMS if param.kind in ("int", "float")]


@pytest.mark.parametrize("param", NUMBERS)
@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e999", "", " ", "1 2", "9" * 400], ids=lambda text: text[:9]
)
def test_no_text_is_a_number_out_of_range(param: Param, text: str) -> None:
    with pytest.raises(FieldError, match=rf"^{param.name} takes "):
        param.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("1", True),
        ("yes", True),
        (" false ", False),
        ("0", False),
        ("NO", False),
    ],
)
def test_a_bool_has_the_words_that_links_and_command_lines_have(text: str, value: bool) -> None:
    assert Param("on", "On", "bool", False).parse(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("", ()), ("  ", ()), ("0.5", (0.5,)), ("1, 2", (1.0, 2.0)), ("1;2", (1.0, 2.0)), ("1,2,", (1.0, 2.0))],
)
def test_a_vector_is_numbers_with_commas_between(text: str, value: tuple[float, ...]) -> None:
    assert Param("p", "P", "vector", (), 0.0, 10.0).parse(text) == value


@pytest.mark.parametrize(
    ("make", "pieces"),
    [
        (lambda: mtlcore.rule("none"), ("", "rule", "none")),
        (lambda: mtlcore.rule("rlw", seed=-1), ("rlw", "seed", -1)),
        (lambda: mtlcore.rule("cagrad", c=-1.0), ("cagrad", "c", -1.0)),
        (lambda: mtlcore.rule("cagrad", preferences=(1.0, -2.0)), ("cagrad", "preferences", (1.0, -2.0))),
        (lambda: mtlcore.rule("cagrad", preferences="12"), ("cagrad", "preferences", "12")),
        (lambda: mtlcore.rule("single_task", task=2).weights([[1.0]]), ("single_task", "task", 2)),
        (lambda: mtlcore.method("none"), ("", "method", "none")),
        (lambda: mtlcore.method("turn+cagrad"), ("method 'turn+cagrad'", "transform", "turn")),
        (lambda: mtlcore.method("rotograd", lr_rot="x"), ("rotograd", "lr_rot", "x")),
        (lambda: check_params((PREFERENCES,), {"preferences": 3}, "me"), ("me", "preferences", 3)),
        (lambda: ToyConfig(problem="none"), ("ToyConfig", "problem", "none")),
        (lambda: ToyConfig(lr=-1.0), ("ToyConfig", "lr", -1.0)),
        (lambda: ToyConfig(d=3), ("ToyConfig", "d", 3)),
        (lambda: ToyConfig(params=3), ("ToyConfig", "params", 3)),
        (lambda: ToyConfig(params={"m": 4}), ("ToyConfig", "m", 4)),
        (lambda: ToyConfig(starts="here"), ("ToyConfig", "starts", "here")),
        (lambda: ToyConfig(starts=((1e9, 0.0),)), ("ToyConfig", "starts", 1e9)),
        (lambda: ToyConfig(preferences=(0.2,)), ("ToyConfig", "preferences", (1.0,))),
        (lambda: LabConfig(epochs=0), ("LabConfig", "epochs", 0)),
        (lambda: LabConfig(device="tpu"), ("LabConfig", "device", "tpu")),
        (lambda: LabConfig(batch=64, train_images=20), ("LabConfig", "batch", 64)),
        (lambda: LabConfig(method="none"), ("LabConfig", "method", "none")),
        (lambda: LabConfig(params=3), ("LabConfig", "params", 3)),
        (lambda: LabConfig(params={"m": 513}), ("LabConfig", "m", 513)),
        (lambda: LabConfig(params={"rot_final": 2.0}), ("rotograd", "rot_final", 2.0)),
    ],
)
def test_whoever_checks_refuses_in_the_same_pieces(make, pieces) -> None:
    with pytest.raises(FieldError) as caught:
        make()
    assert (caught.value.owner, caught.value.field, caught.value.got) == pieces
    assert str(caught.value).endswith(f"takes {caught.value.takes}, got {caught.value.shown}.")


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownField) as caught:
        mtlcore.rule("dwa", beta=1)
    assert (caught.value.owner, caught.value.field, caught.value.takes) == ("dwa", "beta", "T, window")
    assert str(caught.value) == caught.value.sentence == "dwa has no parameter 'beta'; it takes: T, window."
