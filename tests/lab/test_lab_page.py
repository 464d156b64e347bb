"""The Lab's page as a script, over a real queue and a real store."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab_tools import kill, small, steps, until, wait_for
from streamlit import config
from streamlit.testing.v1 import AppTest

from app.lab import permission
from app.plain_text import JOINER
from experiments import launch, paths

pytestmark = pytest.mark.xdist_group("lab")
PAGE = Path(__file__).parents[2] / "app" / "app_pages" / "lab.py"
TINY = {"width": 2, "train_images": 64, "test_images": 40, "epochs": 1}


@pytest.fixture
def here(lab, monkeypatch) -> Path:
    """Returns the data folder, seen by a visitor on this machine, whose address AppTest does not know."""
    monkeypatch.setattr(permission, "visitor", lambda: None)
    return lab


def opened() -> AppTest:
    """Returns the page after its first run, as the app's own configuration serves it: to this machine alone."""
    config.set_option("server.address", "127.0.0.1")
    page = AppTest.from_file(str(PAGE), default_timeout=300).run()
    assert not page.exception
    return page


def everything(page: AppTest) -> str:
    """Returns all words on the page, as a person reads them: without what keeps Markdown from reading them."""
    kinds = (page.markdown, page.caption, page.info, page.warning, page.error, page.code)
    return "\n".join(str(item.value).replace("\\", "").replace(JOINER, "") for kind in kinds for item in kind)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def chosen(page: AppTest, **sizes: int) -> AppTest:
    """Returns the page after these numbers were typed."""
    for name, value in sizes.items():
        page.number_input(f"lab:{name}").set_value(value).run()
    return page


def test_an_empty_lab_says_what_to_do_and_what_it_would_cost(here):
    page = opened()
    assert "Choose methods in the panel on the left" in everything(page)
    assert "Trains on the CPU" in everything(page)
    assert "**20 runs, about" in everything(page)  # two methods by five seeds, and ten single-task networks
    assert labels(page) == ["Launch 20 runs"]


def test_launch_watch_and_delete(here):
    page = opened()
    page.multiselect("lab:methods").set_value(["uniform"]).run()
    page.text_input("lab:seeds").set_value("0").run()
    page.toggle("lab:baselines").set_value(False).run()
    chosen(page, test_images=40, train_images=64, width=2, epochs=1)
    page.button("lab:launch").click().run()
    (run,) = launch.queue()
    assert (run.method, run.config["width"], run.config["train_images"]) == ("uniform", 2, 64)
    wait_for(run.id)
    page.run()
    words = everything(page)
    assert "finished-badge" not in words
    assert ":green-badge[finished] **Uniform (vanilla)**" in words
    assert "Data: synthetic images (seed 0)" in words
    assert "missing: all ten" in words
    assert len(page.get("plotly_chart")) == 2
    assert {task.options[0] for task in page.selectbox if task.label == "Task"} == {"Mean over tasks"}
    for view in ("Each task", "cat"):
        page.selectbox("lab:task").set_value(view).run()
        assert len(page.get("plotly_chart")) == 2
    for place in range(len(page.selectbox("lab:quantity").options)):
        page.selectbox("lab:quantity").select_index(place).run()
        assert len(page.get("plotly_chart")) == 2
    assert not page.exception
    assert any("experiments.cifar10.train --method uniform" in code.value for code in page.code)
    assert "One seed cannot rank" in everything(page)
    assert "the paper does not state its baselines' level" in everything(page)
    launch.delete(run.id)
    assert "No runs yet" in everything(opened())


def test_what_cannot_run_has_a_reason_and_no_button(here):
    page = chosen(opened(), train_images=20)
    assert "batch takes at most train_images = 20, got 32." in everything(page)
    assert page.button("lab:launch").disabled
    page.text_input("lab:seeds").set_value("none").run()
    assert "Seeds: type numbers like 0, 1, 2" in everything(page)


def test_cancel_resume_and_interrupted_runs(here):
    (run,) = launch.submit([small(epochs=100)])
    until(lambda: steps(run), "a first point")
    page = opened()
    assert ":blue-badge[running]" in everything(page)
    kill(run)
    page.run()
    assert ":orange-badge[interrupted]" in everything(page)
    assert "Its process was gone" in everything(page)
    page.button(f"lab:resume:{run}").click().run()
    until(lambda: launch.get(run).state == "running", "it to go on")
    page.run()
    page.button(f"lab:cancel:{run}").click().run()
    assert launch.get(run).state == "cancelled"
    assert ":gray-badge[cancelled]" in everything(page)


def test_a_click_on_what_is_gone_is_answered_with_a_sentence(here):
    (run,) = launch.submit([small(**TINY)])
    page = opened()
    wait_for(run)
    page.button(f"lab:cancel:{run}").click().run()
    assert f"Run {run} has ended: it is finished." in everything(page)


def test_from_elsewhere_a_token_is_asked_for(here, monkeypatch):
    monkeypatch.setattr(permission, "visitor", lambda: "192.168.1.5")
    assert "launching needs MTL_LAUNCH_TOKEN" in everything(opened())
    monkeypatch.setenv("MTL_LAUNCH_TOKEN", "secret")
    page = opened()
    assert page.button("lab:launch").disabled
    page.text_input("lab:token").set_value("wrong").run()
    assert "The launch token is not right." in everything(page)
    page.text_input("lab:token").set_value("secret").run()
    assert not page.button("lab:launch").disabled


def test_a_classroom_shows_no_way_to_launch_or_cancel(here, monkeypatch):
    (run,) = launch.submit([small(epochs=100)])
    monkeypatch.setenv("MTL_CLASSROOM", "1")
    page = opened()
    assert labels(page) == []
    assert ":gray-badge[queued]" in everything(page) or ":blue-badge[running]" in everything(page)
    monkeypatch.delenv("MTL_CLASSROOM")
    launch.cancel(run)


def test_a_cluster_that_does_not_answer_is_said_plainly(here, monkeypatch):
    monkeypatch.setenv("MTL_RAY_ADDRESS", "http://127.0.0.1:9")
    page = opened()
    assert "No Ray cluster answers at http://127.0.0.1:9" in everything(page)
    page.button("lab:launch").click().run()
    assert "No Ray cluster answers" in page.error[0].value


def test_a_store_that_is_damaged_is_said_plainly(here):
    paths.database().write_bytes(b"no database at all" * 1000)
    launch.LocalLauncher().enlist(launch.request_of(small(**TINY)))
    page = opened()
    assert "cannot be read: file is not a database" in everything(page)
    shutil.rmtree(paths.runs_folder())


def test_the_page_loads_neither_torch_nor_mlflow(here):
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({str(PAGE)!r}, default_timeout=300).run()\n"
        "print([str(e.value) for e in page.exception], sorted({'torch', 'mlflow', 'ray'} & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[] []"


def _a_browser_sends_that_no_size_is_chosen() -> None:
    import streamlit as st

    from app.lab.form import Form
    from app.lab.sidebar import FORM, _take_size

    st.session_state[FORM] = Form().having("epochs", 3)
    st.session_state["lab:size"] = None
    _take_size()


def test_no_size_chosen_changes_nothing():
    page = AppTest.from_function(_a_browser_sends_that_no_size_is_chosen).run()
    assert not page.exception
    assert page.session_state["lab:form"]["epochs"] == 3
