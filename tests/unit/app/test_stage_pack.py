"""The stage's payload, read back by a reader of its own: what arrives in the browser is what was computed."""

import json
import zlib

import numpy as np
import pytest

from app.passages import passages
from app.stage._levels import Plane, level_curves
from app.stage._series import Stream
from app.stage.component import StageEvent, read_event
from app.stage.pack import LIMIT, PLAIN, Run, digest, pack
from app.view import MAX_METHODS
from toy_problems import PROBLEMS, ToyConfig, run
from toy_problems.compiled.stage.series import LOSS_FLOOR
from toy_problems.problem import pair_excesses
from toy_problems.trajectory import DIAGNOSTICS, Trajectory

EVEN = (1.0, 1.0)
TWO_STARTS = ((0.5, -2.0), (-1.0, 2.0))


def trajectory(method: str = "rotograd", problem: str = "avocado", **fields) -> Trajectory:
    """Returns a short real run."""
    chosen = {"lr": 0.003, "steps": 60, "starts": TWO_STARTS} | fields
    return run(ToyConfig(problem=problem, method=method, **chosen))


def packed(trajectories: list[Trajectory], **options) -> bytes:
    runs = [Run(f"Method {i}", t, [(0, f"Sentence {i}.")]) for i, t in enumerate(trajectories)]
    return pack(runs, PROBLEMS[trajectories[0].config.problem], **options)


class Reader:
    """Reads a payload by the format's description, with nothing of the writer's code."""

    def __init__(self, payload: bytes) -> None:
        content = payload[9:] if payload[8:9] == b"0" else zlib.decompress(payload[9:])
        length = int.from_bytes(content[:4], "little")
        self.header = json.loads(content[4 : 4 + length])
        body = np.frombuffer(content[4 + length :], np.uint8)
        low, high = body[: len(body) // 2], body[len(body) // 2 :]
        self.codes = low.astype(np.uint16) | (high.astype(np.uint16) << 8)

    def rows(self, entry: list) -> np.ndarray:
        offset, rows, length, order, bits, lows, highs = entry
        folded = self.codes[offset : offset + rows * length].reshape(rows, length).astype(np.int32)
        signed = (folded >> 1) ^ -(folded & 1)
        for _ in range(order):
            signed = np.cumsum(signed, axis=1)
        unit = (signed % 2**16) / (2**bits - 1)
        repeat = rows // len(lows)
        low, high = np.tile(lows, repeat)[:, None], np.tile(highs, repeat)[:, None]
        return low + unit * (high - low)


@pytest.fixture(scope="module")
def pair() -> tuple[list[Trajectory], bytes]:
    both = [trajectory("uniform"), trajectory("rotograd", params={"lr_rot": 0.1})]
    return both, packed(both)


def test_positions_arrive_to_a_hundredth_of_a_pixel(pair):
    both, payload = pair
    reader = Reader(payload)
    pixel = 2 * reader.header["view"][2] / 300
    for t, entry in zip(both, reader.header["runs"], strict=True):
        sent = reader.rows(entry["z"]).reshape(2, 2, -1)
        assert np.abs(sent - t.z[:, :, 0].transpose(0, 2, 1)).max() < pixel / 100


def test_losses_arrive_to_a_thousandth(pair):
    both, payload = pair
    reader = Reader(payload)
    for t, entry in zip(both, reader.header["runs"], strict=True):
        sent = 10 ** reader.rows(entry["excess"]).reshape(2, 2, -1)
        true = np.maximum(t.excess.transpose(0, 2, 1), LOSS_FLOOR)
        assert np.abs(sent / true - 1).max() < 1.5e-3


def test_a_task_sees_what_the_run_says_it_sees(pair):
    both, payload = pair
    reader = Reader(payload)
    entry, t = reader.header["runs"][1], both[1]
    assert reader.header["runs"][0]["view"] is None  # nothing turns for the vanilla method
    view = reader.rows(entry["view"]).reshape(2, 2, 6, -1)
    z = reader.rows(entry["z"]).reshape(2, 2, -1)
    r0 = view[:, :, 0] * z[:, None, 0] + view[:, :, 1] * z[:, None, 1] + view[:, :, 4]
    r1 = view[:, :, 2] * z[:, None, 0] + view[:, :, 3] * z[:, None, 1] + view[:, :, 5]
    sent = np.stack([r0, r1], axis=-1)
    assert np.abs(sent - t.r[:, :, :, 0].transpose(0, 2, 1, 3)).max() < 3e-3


@pytest.mark.parametrize("dims", [(0, 1), (2, 3), (3, 0)])
def test_a_pair_of_many_dimensions_is_seen_where_it_is(dims):
    start = tuple(np.linspace(-2, 2, 4))
    t = trajectory("rotograd", d=4, starts=(start,), params={"lr_rot": 0.1})
    reader = Reader(packed([t], pair=dims))
    entry = reader.header["runs"][0]
    view = reader.rows(entry["view"]).reshape(2, 6, -1)
    z = reader.rows(entry["z"])
    sent = np.stack(
        [
            view[:, 0] * z[0] + view[:, 1] * z[1] + view[:, 4],
            view[:, 2] * z[0] + view[:, 3] * z[1] + view[:, 5],
        ],
        axis=-1,
    )
    assert np.abs(sent - t.r[0, :, :, 0][..., list(dims)].transpose(1, 0, 2)).max() < 3e-3
    block = t.matrices[0][:, :, list(dims)][..., list(dims)]
    assert np.abs(view[:, :4] - block.transpose(1, 2, 3, 0).reshape(2, 4, -1)).max() < 1e-3


def test_arrows_point_along_the_gradients(pair):
    both, payload = pair
    reader = Reader(payload)
    sent = reader.rows(reader.header["runs"][1]["gradients"]).reshape(2, 2, 2, -1)
    true = both[1].gradients[:, :, :, 0].transpose(0, 2, 3, 1)
    length = np.linalg.norm(sent, axis=2)
    clear = length > 0.05
    cosine = (sent * true).sum(axis=2)[clear] / (length * np.linalg.norm(true, axis=2))[clear]
    assert cosine.min() > 0.995
    assert 0.5 < length.max() < 1.26


def test_small_curves_are_the_diagnostics(pair):
    both, payload = pair
    reader = Reader(payload)
    sent = reader.rows(reader.header["runs"][1]["curves"]).reshape(2, 3, -1)
    t = both[1]
    assert np.abs(sent[:, 0] - t.diagnostics[..., DIAGNOSTICS.index("cosine")]).max() < 2e-3
    ratio = np.log10(t.diagnostics[..., DIAGNOSTICS.index("norm_ratio")])
    assert np.abs(sent[:, 1] - ratio).max() < 2e-3 * max(1, np.ptp(ratio))


def expanded(flips: list[int], frames: int) -> np.ndarray:
    """Returns the states that change at these frames, beginning with False."""
    return np.searchsorted(flips, np.arange(frames), side="right") % 2 == 1


def test_where_gradients_have_vanished_nothing_is_said_of_them():
    t = trajectory("rotograd", steps=1_500, params={"lr_rot": 0.1})
    reader = Reader(packed([t]))
    entry = reader.header["runs"][0]
    frames = np.searchsorted(t.steps, np.cumsum(entry["steps"]))
    gone = t.vanished
    assert gone.any()
    curves = reader.rows(entry["curves"]).reshape(2, 3, -1)
    for start in (0, 1):
        sent = expanded(entry["vanished"][start], entry["frames"])
        np.testing.assert_array_equal(sent, gone[start, frames])
        assert np.ptp(curves[start][:, sent], axis=-1).max() < 2e-2  # held at the last that meant something


def test_a_condition_number_at_its_cap_is_marked():
    t = trajectory("pcgrad", steps=400)
    entry = Reader(packed([t])).header["runs"][0]
    condition = t.diagnostics[..., DIAGNOSTICS.index("condition")]
    at_cap = condition > 0.999 / np.sqrt(2 * np.finfo(float).eps)
    assert at_cap.any()
    assert not at_cap.all()
    frames = np.searchsorted(t.steps, np.cumsum(entry["steps"]))
    for start in (0, 1):
        np.testing.assert_array_equal(
            expanded(entry["capped"][start], entry["frames"]), at_cap[start, frames]
        )


def test_a_solved_pair_is_told_even_where_the_other_is_not():
    t = run(ToyConfig(method="rotograd", params={"m": 2}, lr=0.003, steps=400, d=4, seed=3))
    assert t.solved_at.tolist() == [-1]
    first, second = (Reader(packed([t], pair=pair)).header["runs"][0]["solved"] for pair in ((0, 1), (2, 3)))
    assert second == [-1]
    excess = np.stack([pair_excesses(PROBLEMS["avocado"], t.r[0, :, k], k, 2)[:, 0] for k in (0, 1)])
    last_above = np.flatnonzero((excess >= 0.05).any(axis=0))[-1]
    assert first == [int(t.steps[last_above + 1])]


def test_words_arrive_with_the_steps_they_hold_from():
    t = trajectory("uniform", steps=10)
    payload = pack([Run("A", t, [(0, "one"), (3, "two"), (5, "one")])], PROBLEMS["avocado"])
    told = Reader(payload).header["runs"][0]["told"]
    assert [(step, told["texts"][which]) for step, which in told["passages"]] == [
        (0, "one"),
        (3, "two"),
        (5, "one"),
    ]
    assert len(told["texts"]) == 2


def test_long_runs_are_thinned_with_their_true_steps():
    t = trajectory("uniform", steps=2_000)
    entry = Reader(packed([t])).header["runs"][0]
    steps = np.cumsum(entry["steps"])
    assert entry["frames"] == len(steps) == 400
    assert steps[0] == 0
    assert steps[-1] == 2_000
    assert set(steps) <= set(t.steps)


@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
def test_four_methods_two_starts_five_hundred_steps_fit(problem):
    methods = ("uniform", "rotograd", "rlw", "graddrop")
    payload = packed([trajectory(method, problem, steps=500) for method in methods])
    assert len(payload) <= LIMIT
    assert Reader(payload).header["runs"][0]["frames"] == 400


def test_four_methods_on_the_landscape_fit():
    methods = ("uniform", "rlw", "graddrop", "rotograd")
    fields = dict(PROBLEMS["landscape"].defaults) | {"steps": 8_000, "record_every": 10}
    payload = packed([run(ToyConfig(problem="landscape", method=method, **fields)) for method in methods])
    assert len(payload) <= LIMIT


@pytest.mark.parametrize("problem", ["avocado", "nonconvex", "landscape"])
def test_as_many_methods_as_can_be_chosen_fit(problem):
    methods = ("uniform", "mgda", "cagrad", "imtl_g", "nash_mtl", "aligned_mtl", "rlw", "rotograd")
    assert len(methods) == MAX_METHODS
    fields = dict(PROBLEMS[problem].defaults) | {"steps": 4_000, "record_every": 10, "starts": "paper"}
    trajectories = [run(ToyConfig(problem=problem, method=method, **fields)) for method in methods]
    payload = pack(
        [Run(m, t, passages(t)) for m, t in zip(methods, trajectories, strict=True)], PROBLEMS[problem]
    )
    assert len(payload) <= LIMIT
    assert Reader(payload).header["runs"][0]["frames"] >= 110


def test_noise_that_will_not_deflate_costs_frames_not_bytes(pair):
    from dataclasses import replace

    rng = np.random.default_rng(0)
    t = trajectory("rotograd", starts=tuple(map(tuple, rng.normal(size=(8, 2)))), steps=400)
    noisy = replace(
        t,
        z=rng.normal(size=t.z.shape),
        gradients=rng.normal(size=t.gradients.shape),
        update=rng.normal(size=t.update.shape),
        matrices=rng.normal(size=t.matrices.shape),
        excess=rng.random(t.excess.shape),
        diagnostics=rng.random(t.diagnostics.shape),
    )
    payload = packed([noisy] * 4)
    assert len(payload) <= LIMIT
    entry = Reader(payload).header["runs"][0]
    assert entry["frames"] < 400
    assert sum(entry["steps"]) == 400


def test_a_small_payload_travels_plain_and_a_large_one_deflated(pair):
    small, large = (
        pair[1],
        packed([trajectory(m, steps=500) for m in ("uniform", "rlw", "graddrop", "rotograd")]),
    )
    assert (small[8:9], large[8:9]) == (b"0", b"1")
    assert len(small) <= PLAIN + 9
    assert Reader(large).header["runs"][0]["frames"] == 400


def test_a_full_payload_fits_one_update():
    from app.stage.component import payload_element

    assert len(payload_element("stage", bytes(LIMIT + 9))) <= 150_000


def test_a_path_that_diverges_is_held_near_the_picture():
    t = trajectory("uniform", lr=0.6, steps=100)
    reader = Reader(packed([t, t]))
    z = reader.rows(reader.header["runs"][0]["z"]).reshape(2, 2, -1)
    assert np.abs(z).max() <= 3.01 * reader.header["view"][2]
    assert np.abs(z[:, :, 0] - np.array(TWO_STARTS)).max() < 0.01
    assert reader.header["view"][2] <= 2 * 4.0


def test_the_digest_names_the_content(pair):
    both, payload = pair
    assert digest(payload) == digest(packed(both))
    assert digest(payload) != digest(packed(both[:1]))
    assert len(digest(payload)) == 8


def test_panels_follow_the_problem(pair):
    assert Reader(pair[1]).header["panels"] == ["z", "r0", "r1"]
    fields = dict(PROBLEMS["landscape"].defaults) | {"steps": 200, "record_every": 1}
    still = Reader(packed([run(ToyConfig(problem="landscape", method="uniform", **fields))]))
    assert still.header["panels"] == ["z", "objective"]
    assert [family["task"] for family in still.header["levels"]] == [-1]
    front = still.rows(still.header["front"]["theta"])
    assert np.abs(front - PROBLEMS["landscape"].front(121).T).max() < 0.01
    turned = Reader(packed([run(ToyConfig(problem="landscape", method="rotograd", **fields))])).header
    assert turned["panels"] == ["z", "r0", "r1", "objective"]
    assert turned["front"] is None  # no view, no front


def test_raw_losses_follow_from_excess_and_minima():
    fields = dict(PROBLEMS["landscape"].defaults) | {"steps": 200, "record_every": 1}
    t = run(ToyConfig(problem="landscape", method="uniform", **fields))
    minima = Reader(packed([t])).header["minima"]
    np.testing.assert_allclose(minima, PROBLEMS["landscape"].minima(2, EVEN), rtol=1e-9)


def test_level_curves_lie_on_their_level():
    problem = PROBLEMS["avocado"]
    for task in (0, 1):
        plane = Plane("avocado", EVEN, 2, (0, 1), (0.0, 0.0), 4.0, problem)
        curves = level_curves(plane, task)
        edge = np.stack(np.meshgrid(*[np.linspace(-4, 4, 41)] * 2), axis=-1).reshape(-1, 1, 2)
        assert (
            curves[-1][0] < problem.formula(np, edge, task, EVEN).max()
        )  # the last one crosses the panel, too
        for level, polygons in curves[:5]:
            for ring in polygons:
                middles = (ring + np.roll(ring, 1, axis=0)) / 2
                drawn = np.concatenate([ring, middles])
                drawn = drawn[(np.abs(drawn) < 1.55 * 4.0).all(axis=1)]
                assert distances(problem, task, level, drawn).max() < 4.0 / 100  # a pixel in a panel of 200


def distances(problem, task: int, level: float, points: np.ndarray) -> np.ndarray:
    """Returns how far points [P, 2] are from a level curve, to first order."""

    def value(shift: tuple[float, float]) -> np.ndarray:
        return problem.formula(np, (points + shift)[:, None, :], task, EVEN)

    slope = np.hypot(value((1e-5, 0)) - value((-1e-5, 0)), value((0, 1e-5)) - value((0, -1e-5))) / 2e-5
    return np.abs(value((0, 0)) - level) / slope


def test_stream_shares_one_range_between_starts():
    stream = Stream()
    entry = stream.add(np.array([[0.0, 1.0], [5.0, 5.0], [2.0, 4.0], [5.0, 5.0]]), share=2)
    assert entry[5:] == [[0.0, 5.0], [4.0, 5.0]]


def test_complaints_name_the_field():
    t = trajectory("uniform", steps=2)
    with pytest.raises(ValueError, match="runs takes at least one"):
        pack([], None)
    with pytest.raises(ValueError, match="one problem"):
        packed([t, trajectory("uniform", "nonconvex", steps=2)])
    with pytest.raises(ValueError, match="pair takes two different dimensions from 0 to 1"):
        packed([t], pair=(0, 2))


def test_an_event_is_read_and_anything_else_is_not():
    sent = {"id": "a-1", "start_index": 1, "point": [0.5, -1]}
    assert read_event(sent, starts=2) == StageEvent("a-1", 1, (0.5, -1.0))
    for wrong in (
        None,
        "text",
        {},
        sent | {"start_index": 2},
        sent | {"start_index": -1},
        sent | {"point": [1]},
        sent | {"point": [float("nan"), 0]},
        sent | {"point": ["x", 0]},
        sent | {"point": None},
    ):
        assert read_event(wrong, starts=2) is None


@pytest.fixture(scope="module")
def labelled() -> Trajectory:
    learns = {"optimizer": "adam", "lr": 1e-3, "steps": 300, "params": {"lr_rot": 1.0}}
    return trajectory("rotograd", "opposite", **learns)


def test_labels_belong_to_their_points(labelled):
    labels = np.array(Reader(packed([labelled])).header["labels"], dtype=bool)
    logits = labelled.r[0, -1, :, :, 0]
    assert ((logits[0] > 0) == labels).mean() > 0.95  # a point lies among those of the other label
    assert ((logits[1] > 0) == ~labels).mean() > 0.95


def test_a_labelled_batch_has_every_starts_points_and_no_level_curves(labelled):
    reader = Reader(packed([labelled]))
    assert reader.header["levels"] == reader.header["optima"] == []
    cloud = reader.rows(reader.header["runs"][0]["cloud"]["points"]).reshape(2, 64, 2, -1)
    np.testing.assert_allclose(cloud[..., -1], labelled.z[:, -1], atol=0.02)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_is_held_has_the_start_alone_in_the_square_of_the_whole(problem):
    """Neither how a run goes on nor how it ends is in the page: nobody can look there."""
    both = [run(ToyConfig(problem=problem, method=key, steps=200)) for key in ("uniform", "rotograd")]
    runs = [Run("One", t, [(0, "At the start."), (150, "Solved.")]) for t in both]
    whole, held = (Reader(pack(runs, PROBLEMS[problem], held=held)).header for held in (False, True))
    assert held["view"] == whole["view"]
    assert not held["draggable"]
    for t, entry in zip(both, held["runs"], strict=True):
        starts = len(t.status)
        assert (entry["frames"], entry["steps"]) == (1, [0])
        assert (entry["outcome"], entry["solved"]) == ([[0, 0]] * starts, [-1] * starts)
        assert entry["told"] == {"texts": ["At the start."], "passages": [[0, 0]]}
        for name in ("z", "excess", "gradients", "update", "curves", "view"):
            assert entry[name] is None or entry[name][2] == 1, name
        assert entry["cloud"] is None or entry["cloud"]["every"] == [0]
