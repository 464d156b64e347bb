"""The workbench's state and its address: every state has a link that opens it, and a bad link gets sentences."""

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import FOLDER
from app.workbench.bench import DEFAULT, MAX_METHODS, Bench, decode, encode
from app.workbench.scenarios import SCENARIOS
from app.workbench.told import told
from mtlcore import RULES
from mtlcore.param import FieldError

STATES = [
    DEFAULT,
    Bench(losses=(0.01, 100.0), preferences=(1.0, 3.5), how="mgda", step=3),
    Bench(((0.1, 0.2), (1e-7, -10.0), (3.0, 1 / 3)), (1.0,) * 3, (1.0, 2.0, 3.0), tuple(RULES)[:MAX_METHODS]),
    *(Bench(rows, (1.0,) * len(rows), (1.0,) * len(rows)) for _, rows in SCENARIOS.values()),
]


def queried(query: dict[str, str]) -> dict[str, list[str]]:
    """Returns a query as the server hears it."""
    return {key: [value] for key, value in query.items()}


@pytest.mark.parametrize("bench", STATES)
def test_a_state_s_link_opens_the_state(bench):
    assert decode(queried(encode(bench))) == (bench, ())


def test_the_first_screen_has_the_bare_address():
    assert encode(DEFAULT) == {}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"gradients": ["1,2"]}, "gradients takes 2 to 4 points like 1,0.5;-0.5,1, got"),
        ({"gradients": ["1,2;3,x"]}, "gradients takes a number from -10 to 10, got 'x'"),
        ({"gradients": ["1,2;3,nan"]}, "gradients takes a number from -10 to 10, got nan"),
        ({"losses": ["0,1"]}, "losses takes a number from 0.01 to 100, got 0"),
        ({"losses": ["1,1,1"]}, "losses takes 2 numbers, one a task, got 3. Using 1 for each."),
        ({"preferences": ["1"]}, "preferences takes 2 numbers, one a task, got 1. Using 1 for each."),
        ({"methods": ["cagrad,cagrad"]}, "methods takes 1 to 10 different ones of uniform"),
        ({"methods": [",".join(list(RULES)[:11])]}, "methods takes 1 to 10 different ones of uniform"),
        ({"how": ["magic"]}, "how takes one of uniform"),
        ({"step": ["0"]}, "step takes a whole number from 1 to 99, got 0"),
        ({"step": ["1", "2"]}, "step is given 2 times and takes one value."),
        ({"d": ["2"]}, "d is not a field of this page. It takes gradients"),
    ],
)
def test_what_a_link_cannot_say_gets_a_sentence_and_the_rest_is_taken(query, sentence):
    bench, notices = decode({**query, "preferences": query.get("preferences", ["1,4"])})
    assert len(notices) == 1
    assert notices[0].startswith(sentence)
    assert bench.preferences in ((1.0, 4.0), (1.0, 1.0))
    assert bench.having({"preferences": (1.0, 1.0)}) == DEFAULT


@pytest.mark.parametrize(
    "values",
    [{"gradients": [[1, 2]]}, {"gradients": "1"}, {"gradients": [[1, 2], [3, None]]}, {"losses": [1, 1, 1]},
     {"methods": []}, {"methods": [["cagrad"]]}, {"how": None}, {"how": []}, {"step": "x"}],
)  # fmt: skip
def test_what_a_browser_may_send_besides_is_refused_in_words(values):
    with pytest.raises(FieldError, match="takes"):
        DEFAULT.having(values)


def test_the_page_is_told_of_every_rule():
    said = told()
    assert said["rules"].keys() == set(RULES)
    assert all(
        rule["backwards"] == ("K" if RULES[key].needs_gradients else "1")
        for key, rule in said["rules"].items()
    )
    assert [one["title"] for one in said["scenarios"]] == list(SCENARIOS)


def opened(query: dict[str, str]) -> AppTest:
    """Returns the page, opened with a query."""
    page = AppTest.from_file(str(FOLDER.parent / "navigation.py"), default_timeout=60).run()
    page.switch_page("app_pages/workbench.py")
    page.query_params.update(query)
    return page.run()


def test_a_good_link_has_no_notice_and_a_bad_one_has_a_list():
    assert not opened({"methods": "cagrad"}).warning
    page = opened({"methods": "magic", "losses": "x,1"})
    assert not page.exception
    assert page.warning[0].value.count("\n- ") == 1
