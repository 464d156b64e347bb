"""The stage by itself in a real Chromium: what it plays, what keys and pointers do to it, what it says."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app import frontend
from app.frontend import ABSENT
from app.palette import DARK, LIGHT
from tests.browser.conftest import WIDE, Visitor, serving, visitors
from toy_problems import PROBLEMS, ToyConfig, run
from toy_problems.problems.opposite import LABELS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATIENCE = 60_000  # milliseconds before a state that never comes counts as never coming
START = (0.5, -2.0)  # the demonstration's own


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """Starts the demonstration page on a port of its own; returns its address; ends it by its id."""
    with serving("tests/browser/stage_server.py") as address:
        yield address


@pytest.fixture
def guest(browser: Browser, demo: str) -> Iterator[Visitor]:
    """Returns someone in front of the demonstration; any error the page reports fails the test."""
    yield from visitors(browser, demo, WIDE, "light")


def stage(page: Page) -> Locator:
    """Returns the stage, once it has painted something."""
    root = page.locator(".stage[data-digest]")
    root.wait_for(timeout=PATIENCE)
    return root


def attribute(page: Page, name: str) -> str:
    return stage(page).get_attribute(f"data-{name}") or ""


def go_to(page: Page, frame: int) -> Locator:
    """Stops the stage at a frame, with the scrub bar, and returns it once it is painted."""
    root = stage(page)
    page.get_by_label("Step of the runs").fill(str(frame))
    expect(root).to_have_attribute("data-frame", str(frame))
    expect(root).to_have_attribute("data-playing", "false")
    return root


def pixel(root: Locator, row: int, point: tuple[float, float]) -> tuple[int, int, int]:
    """Returns the colour painted at a point of z space in a row."""
    found = root.evaluate(
        """(root, [row, point]) => {
            const { stage } = root;
            const at = stage.clientAt(row, point);
            const box = stage.canvas.getBoundingClientRect();
            const [x, y] = [at.x - box.left, at.y - box.top].map((v) => Math.round(v * devicePixelRatio));
            return [...stage.board.context.getImageData(x, y, 1, 1).data];
        }""",
        [row, list(point)],
    )
    return tuple(found[:3])


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_it_plays_at_once_and_goes_on(guest: Visitor) -> None:
    page = guest.open()
    root = stage(page)
    expect(root).to_have_attribute("data-playing", "true")
    root.evaluate(
        "async (root) => { while (root.dataset.step < 20) await new Promise(requestAnimationFrame); }"
    )
    assert re.fullmatch("[0-9a-f]{8}", attribute(page, "digest"))
    marks = page.evaluate("performance.getEntriesByName('stage-paint').map((mark) => mark.detail)")
    assert marks == [attribute(page, "digest")]


def test_keys_play_step_and_jump(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 100)
    root.focus()
    for key, frame in (
        ("ArrowRight", 101),
        ("ArrowLeft", 100),
        ("Shift+ArrowRight", 110),
        ("Shift+ArrowLeft", 100),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        expect(root).to_have_attribute("data-frame", str(frame))
    page.keyboard.press("End")
    expect(root).to_have_attribute("data-step", "400")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "true")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "false")


def test_space_on_a_button_presses_it_once(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 50)
    page.get_by_role("button", name="Step forward").focus()
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-frame", "51")
    expect(root).to_have_attribute("data-playing", "false")


def test_without_loop_it_ends_and_plays_again_from_the_start(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 395)
    loop = page.get_by_role("button", name="Loop")
    expect(loop).to_have_attribute("aria-pressed", "true")
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Speed").select_option("4")
    root.focus()
    page.keyboard.press("Space")
    expect(root).to_have_attribute("data-playing", "false", timeout=PATIENCE)
    expect(root).to_have_attribute("data-step", "400")
    expect(page.locator(".live")).to_contain_text("Step 400 of 400.")
    page.get_by_label("Speed").select_option("0.25")
    root.focus()
    page.keyboard.press("Space")
    root.evaluate(
        "async (root) => { while (root.dataset.step > 300) await new Promise(requestAnimationFrame); }"
    )
    expect(root).to_have_attribute("data-playing", "true")


def test_a_change_of_the_runs_keeps_the_place(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 123)
    before = attribute(page, "digest")
    page.locator("[data-testid=stSlider] input[type=range]").press("ArrowRight")
    expect(root).not_to_have_attribute("data-digest", before, timeout=PATIENCE)
    assert attribute(page, "frame") == "123"
    assert attribute(page, "playing") == "false"
    root.focus()
    page.keyboard.press("Space")
    second = attribute(page, "digest")
    page.locator("[data-testid=stSlider] input[type=range]").press("ArrowRight")
    expect(root).not_to_have_attribute("data-digest", second, timeout=PATIENCE)
    assert attribute(page, "playing") == "true"
    root.evaluate(
        "async (root) => { while (root.dataset.frame < 130) await new Promise(requestAnimationFrame); }"
    )


def drag(page: Page, row: int, target: tuple[float, float]) -> dict[str, float]:
    """Takes the first start of a row to a point of z space; returns where that is on the screen."""
    root = stage(page)
    root.evaluate("(root) => root.stage.canvas.scrollIntoView({ block: 'end' })")
    at = root.evaluate("(root, row) => root.stage.startAt(row, 0)", row)
    to = root.evaluate("(root, [row, point]) => root.stage.clientAt(row, point)", [row, list(target)])
    page.mouse.move(at["x"] + 5, at["y"] - 4)  # near is enough
    assert root.evaluate("(root) => root.stage.canvas.style.cursor") == "grab"
    page.mouse.down()
    page.mouse.move(to["x"] + 5, to["y"] - 4, steps=5)
    expect(root).to_have_attribute("data-dragging", "true")
    return to


@pytest.mark.parametrize("row", [0, 1])
def test_a_dragged_start_is_one_event_with_its_point(guest: Visitor, row: int) -> None:
    page = guest.open()
    go_to(page, 30)
    before = attribute(page, "digest")
    drag(page, row, (-2.0, 1.5))
    page.mouse.up()
    said = page.get_by_text(re.compile("events 1, starts"))
    expect(said).to_be_visible(timeout=PATIENCE)
    point = [float(x) for x in re.findall(r"-?\d+\.\d+", said.inner_text())]
    np.testing.assert_allclose(point, (-2.0, 1.5), atol=0.05)
    expect(stage(page)).not_to_have_attribute("data-digest", before, timeout=PATIENCE)
    second = attribute(page, "digest")
    page.locator("[data-testid=stSlider] input[type=range]").press("ArrowRight")
    expect(stage(page)).not_to_have_attribute("data-digest", second, timeout=PATIENCE)
    expect(page.get_by_text(re.compile("events 1, starts"))).to_be_visible()


def test_a_finger_drags_a_start(browser: Browser, demo: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    guest = Visitor(context.new_page(), demo)
    page = guest.open()
    root = go_to(page, 30)
    root.evaluate("(root) => root.stage.canvas.scrollIntoView({ block: 'start' })")
    at = root.evaluate("(root) => root.stage.startAt(0, 0)")
    to = root.evaluate("(root) => root.stage.clientAt(0, [1.5, 1.0])")
    finger = context.new_cdp_session(page)

    def touch(kind: str, where: dict[str, float] | None) -> None:
        points = [] if where is None else [{"x": where["x"], "y": where["y"]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", at)
    for share in (0.25, 0.5, 0.75, 1.0):
        touch("touchMove", {axis: at[axis] + share * (to[axis] - at[axis]) for axis in ("x", "y")})
    touch("touchEnd", None)
    said = page.get_by_text(re.compile("events 1, starts"))
    said.wait_for(timeout=PATIENCE)
    point = [float(x) for x in re.findall(r"-?\d+\.\d+", said.inner_text())]
    np.testing.assert_allclose(point, (1.5, 1.0), atol=0.1)
    context.close()
    assert guest.errors == []


def test_a_click_on_another_start_follows_it(guest: Visitor) -> None:
    page = guest.open("scene=landscape")
    root = go_to(page, 0)
    at = root.evaluate("(root) => root.stage.startAt(0, 3)")
    page.mouse.click(at["x"], at["y"])
    expect(root).to_have_attribute("data-start", "4")
    assert root.evaluate("(root) => root.stage.active") == 3
    assert "events" in page.get_by_text(re.compile("events 0, starts")).inner_text()


@pytest.mark.parametrize("frame", [0, 12])
def test_optima_turn_with_the_views(guest: Visitor, frame: int) -> None:
    """The star of each task stands where the run's own matrices put it, in the task's colour."""
    page = guest.open()
    root = go_to(page, frame)
    optima = PROBLEMS["avocado"].optima(2, 2)
    for row, (method, params) in enumerate((("uniform", {}), ("rotograd", {"lr_rot": 0.1}))):
        t = run(ToyConfig(method=method, params=params, lr=0.003, steps=400, starts=(START,)))
        index = int(np.searchsorted(t.steps, int(attribute(page, "step"))))
        stars = [
            np.linalg.solve(t.matrices[0, index, task], optima[task] - t.offsets[0, index, task])
            for task in (0, 1)
        ]
        if (
            np.linalg.norm(stars[0] - stars[1]) < 1.0
            or min(np.linalg.norm(star - t.z[0, index, 0]) for star in stars) < 1.0
        ):
            continue  # one mark covers the other
        for task, star in enumerate(stars):
            assert pixel(root, row, tuple(star)) == rgb(LIGHT.tasks[task])


def test_the_current_point_is_where_the_run_is(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 399)
    t = run(ToyConfig(method="uniform", lr=0.003, steps=400, starts=(START,)))
    assert pixel(root, 0, tuple(t.z[0, -1, 0])) == rgb(LIGHT.ink)


def test_points_carry_the_first_tasks_labels(guest: Visitor) -> None:
    page = guest.open("scene=opposite")
    root = go_to(page, int(attribute(page, "frames")) - 1)
    z = run(ToyConfig(problem="opposite", method="rotograd_v1", **PROBLEMS["opposite"].defaults)).z[0, -1]
    apart = np.linalg.norm(z[:, None] - z, axis=-1) + 1e9 * np.eye(len(z))
    *centre, half = root.evaluate("(root) => root.stage.scene.view")
    inside = (np.abs(z - centre) < 0.9 * half).all(axis=1)
    ground = pixel(root, 0, (-0.9 * half, 0.9 * half))  # vanilla has left every point in the middle
    for label, colour in ((1.0, rgb(LIGHT.muted)), (-1.0, ground)):
        lone = np.where((label == LABELS) & inside, apart.min(axis=1), 0.0).argmax()  # nothing covers it
        assert pixel(root, 1, tuple(z[lone])) == colour


def test_it_starts_paused_at_the_end_for_those_who_asked_for_calm(browser: Browser, demo: str) -> None:
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    guest = Visitor(context.new_page(), demo)
    page = guest.open()
    root = stage(page)
    expect(root).to_have_attribute("data-playing", "false")
    expect(root).to_have_attribute("data-step", "400")
    context.close()
    assert guest.errors == []


def test_it_says_where_it_stopped_and_what_it_shows(guest: Visitor) -> None:
    page = guest.open()
    go_to(page, 0)
    expect(page.locator(".live")).to_contain_text("Step 0 of 400.")
    said = page.locator(".live").inner_text()
    t = run(ToyConfig(method="uniform", lr=0.003, steps=400, starts=(START,)))
    first = float(re.search(r"excess losses ([\d.]+) and", said)[1])
    assert first == pytest.approx(float(t.excess[0, 0, 0]), rel=0.02)
    label = page.locator(".stage canvas").get_attribute("aria-label") or ""
    assert "Uniform (vanilla)" in label
    assert "z space" in label
    assert "Stuck" not in f"{said} {label}"  # which is how it will end


def test_the_words_are_those_of_the_step_shown(guest: Visitor) -> None:
    page = guest.open()
    t = run(ToyConfig(method="rotograd", params={"lr_rot": 0.1}, lr=0.003, steps=400, starts=(START,)))
    solved = int(t.solved_at[0])
    words = page.locator(".head .said").nth(1)
    for step in (solved - 1, solved, 0):
        go_to(page, step)
        told = (
            f"Reaches both optima at step {solved}."
            if step == solved
            else re.compile(r"^[^R].* excess losses \S+ and")
        )
        expect(words).to_have_text(told)
        expect(page.locator(".live")).to_contain_text(words.inner_text())
    losses = [float(x) for x in re.findall(r"\d+\.\d+", words.inner_text())]
    np.testing.assert_allclose(losses, t.excess[0, 0], rtol=0.01)


def test_the_value_under_the_pointer_is_read(guest: Visitor) -> None:
    """A pointer in any chart shows every chart's value at its step, on a line that stands there."""
    page = guest.open()
    root = go_to(page, 0)
    t = run(ToyConfig(method="uniform", lr=0.003, steps=400, starts=(START,)))
    shown = root.evaluate(
        """(root) => {
            const { stage } = root;
            const written = [];
            const write = stage.board.context.fillText.bind(stage.board.context);
            stage.board.context.fillText = (text, x, y) => { written.push(text); write(text, x, y); };
            stage.written = written;
            stage.canvas.scrollIntoView({ block: "end" });
            const chart = stage.layout.rows[1].charts[2];
            return stage.board.onPage(chart.x + 0.6 * chart.w, chart.y + 0.6 * chart.h);
        }"""
    )
    page.mouse.move(shown["x"], shown["y"])
    step = root.evaluate(
        """async (root) => {
            const found = () => root.stage.written.find((text) => /^step \\d/.test(text));
            while (!found()) await new Promise(requestAnimationFrame);
            return Number(found().slice(5));
        }"""
    )
    assert 150 < step < 300
    written = root.evaluate("(root) => root.stage.written")
    assert written.count(f"step {step}") >= 8  # four charts of two methods
    cosine = t.diagnostics[0, step, 0]
    assert f"{cosine:.2f}".replace("-", "−") in written
    assert f"{t.excess[0, step, 0]:.2f}" in written
    assert attribute(page, "step") == "0"


def test_charts_name_quantities_axes_and_what_has_vanished(guest: Visitor) -> None:
    page = guest.open("scene=long")
    root = go_to(page, int(attribute(page, "frames")) - 1)
    root.evaluate(
        """(root) => {
            window.written = new Set();
            const write = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
                window.written.add(text);
                write.call(this, text, ...at);
            };
            root.stage.relayout();
        }"""
    )
    names = {"excess losses", "cosine", "norm ratio", "condition number", "step", "2,000"}
    for width in (1280, 390):
        page.evaluate("window.written.clear()")
        page.set_viewport_size({"width": width, "height": 800})
        root.evaluate("(root) => root.stage.relayout()")
        written = set(page.evaluate("[...window.written]"))
        assert names | {"–", "have vanished"} <= written
    at = root.evaluate(
        """(root) => {
            const { stage } = root;
            stage.canvas.scrollIntoView({ block: "end" });
            const chart = stage.layout.rows.at(-1).charts[1];
            return stage.board.onPage(chart.x + chart.w - 8, chart.y + chart.h / 2);
        }"""
    )
    page.mouse.move(at["x"], at["y"])
    expect(page.locator(".stage canvas")).to_have_attribute(
        "title", re.compile("gradients have vanished: every task")
    )
    expect(page.locator(".live")).to_contain_text("gradients have vanished")


@pytest.mark.parametrize(("width", "height", "columns"), [(1920, 1080, 2), (1280, 800, 1), (390, 844, 1)])
def test_four_methods_stand_in_columns_where_there_is_room(
    guest: Visitor, width: int, height: int, columns: int
) -> None:
    page = guest.open("scene=four")
    root = go_to(page, 0)
    page.set_viewport_size({"width": width, "height": height})
    root.evaluate(
        """async (root, columns) => {
            const lefts = () => new Set(root.stage.layout.rows.map((row) => row.head.x)).size;
            while (lefts() !== columns) await new Promise(requestAnimationFrame);
        }""",
        columns,
    )
    rows = root.evaluate("(root) => root.stage.layout.rows")
    boxes = [box for row in rows for box in [*row["panels"], *row["charts"]]]
    canvas = root.evaluate("(root) => [root.stage.canvas.clientWidth, root.stage.canvas.clientHeight]")
    for i, one in enumerate(boxes):
        assert one["x"] >= 0
        assert one["x"] + one["w"] <= canvas[0] + 0.5
        assert one["y"] + one["h"] <= canvas[1] + 0.5
        for other in boxes[i + 1 :]:
            apart_x = one["x"] + one["w"] <= other["x"] + 0.5 or other["x"] + other["w"] <= one["x"] + 0.5
            assert (
                apart_x
                or one["y"] + one["h"] <= other["y"] + 0.5
                or other["y"] + other["h"] <= one["y"] + 0.5
            )


def test_it_follows_width_and_theme_as_they_change(guest: Visitor) -> None:
    page = guest.open()
    root = go_to(page, 0)
    assert attribute(page, "theme") == "light"
    wide = root.evaluate("(root) => root.stage.canvas.clientHeight")
    page.set_viewport_size({"width": 390, "height": 844})
    root.evaluate(
        """async (root, high) => {
            while (root.stage.canvas.clientHeight <= high) await new Promise(requestAnimationFrame);
        }""",
        wide,
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")
    assert pixel(root, 0, PROBLEMS["avocado"].optima(2, 2)[0]) == rgb(DARK.tasks[0])


@pytest.mark.parametrize("scene", ["one", "four", "deep", "landscape", "turned", "diverged", "opposite"])
def test_every_kind_of_scene_draws_first_and_last_frame(guest: Visitor, scene: str) -> None:
    page = guest.open(f"scene={scene}")
    root = stage(page)
    last = int(attribute(page, "frames")) - 1
    go_to(page, last)
    go_to(page, 0)
    ground = root.evaluate(
        """(root) => {
            const { canvas, context } = root.stage.board;
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            const seen = new Set();
            for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
            return seen.size;
        }"""
    )
    assert ground > 100


def test_a_stage_whose_bundle_does_not_come_says_so(browser: Browser, demo: str) -> None:
    page = browser.new_page()
    page.route("**/frontend.js", lambda route: route.abort())
    page.goto(demo)
    expect(page.get_by_text(ABSENT)).to_be_visible(timeout=PATIENCE)
    page.close()


def test_the_socket_does_not_carry_the_front_end(guest: Visitor) -> None:
    heard: list[str] = []

    def hear(frame: str | bytes) -> None:
        heard.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))

    guest.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page = guest.open()
    before = attribute(page, "digest")
    page.get_by_role("slider", name="Rotation learning rate").press("ArrowRight")
    expect(stage(page)).not_to_have_attribute("data-digest", before)
    guest.settled()
    assert [frame for frame in heard if frontend.address("frontend.js") in frame]
    bundle = (frontend.DIST / "frontend.js").read_text(encoding="utf-8")
    pieces = {line[:80] for line in bundle.splitlines() if len(line) >= 80}
    assert pieces
    assert not [piece for piece in pieces if any(piece in frame for frame in heard)]
