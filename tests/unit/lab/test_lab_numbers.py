"""Scores, costs, tables: numbers that can be checked by hand."""

import csv
import io

import numpy as np
import pytest
import torch

from experiments import comparison, estimate, locks, store
from experiments.cifar10 import CLASSES, checkpoint, cost, metrics, paper
from experiments.cifar10.augment import augmented, normalised, statistics
from experiments.cifar10.config import LabConfig
from experiments.cifar10.model import build
from mtlcore import METHODS
from mtlcore.nn.turning import largest_angles, mean_angles


def test_f1_is_counted_over_all_batches():
    counted = metrics.Confusion(2, torch.device("cpu"))
    logits = torch.tensor([[1.0, -1.0], [1.0, -1.0], [-1.0, -1.0]])
    targets = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    counted.add(logits[:2], targets[:2], torch.tensor([0.5, 1.0]))
    counted.add(logits[2:], targets[2:], torch.tensor([2.0, 1.0]))
    score, losses = counted.result()
    assert score.tolist() == [0.5, 0.0]  # 1 hit, 1 wrong, 1 missed; no hit at all
    assert losses.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("width", [8, 64])
def test_the_network_is_resnet_18_and_its_costs_are_its_own(width):
    backbone, heads = build(width, 10, 0)
    found = []

    def count(module, given, out):
        found.append(out[0].numel() * module.weight[0].numel())

    for module in backbone.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(count)
    z = backbone.eval()(torch.zeros(1, 3, 32, 32))
    assert (z.shape, heads[0](z).shape) == ((1, 8 * width), (1,))
    assert (len(found), sum(found)) == (20, cost.forward_operations(width))
    assert sum(p.numel() for p in backbone.parameters()) == cost.parameters(width)
    assert width != 64 or cost.parameters(width) == 11_168_832


def test_a_seed_makes_one_network_whatever_was_drawn_before():
    torch.rand(7)
    first, _ = build(2, 1, 5)
    second, _ = build(2, 1, 5)
    other, _ = build(2, 1, 6)
    weight = [net.stem[0].weight for net in (first, second, other)]
    assert torch.equal(weight[0], weight[1])
    assert not torch.equal(weight[0], weight[2])


def test_pictures_are_shifted_and_mirrored_and_nothing_else():
    images = torch.randint(1, 256, (64, 3, 32, 32), dtype=torch.uint8)
    out = augmented(images, torch.Generator().manual_seed(0))
    assert out.shape == images.shape
    again = augmented(images, torch.Generator().manual_seed(0))
    assert torch.equal(out, again)
    padded = torch.nn.functional.pad(images, (4,) * 4)
    found = [_places(*pair) for pair in zip(out, padded, strict=True)]
    assert all(len(places) == 1 for places in found)
    assert len({places[0] for places in found}) > 40


def _places(picture, wide):
    """Returns every (row, column, mirrored) at which the picture is cut out of the wide one."""
    cuts = {(y, x): wide[:, y : y + 32, x : x + 32] for y in range(9) for x in range(9)}
    plain = [(*place, False) for place, cut in cuts.items() if torch.equal(picture, cut)]
    return plain + [(*place, True) for place, cut in cuts.items() if torch.equal(picture, cut.flip(2))]


def test_normalised_images_have_mean_0_and_deviation_1():
    images = torch.randint(0, 256, (50, 3, 32, 32), dtype=torch.uint8)
    out = normalised(images, *statistics(images))
    assert torch.allclose(out.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(out.std((0, 2, 3)), torch.ones(3), atol=1e-3)
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_small_angles_are_not_lost():
    turn = torch.linalg.matrix_exp(torch.tensor([[0.0, -1e-4], [1e-4, 0.0]])).repeat(3, 1, 1)
    half = -torch.eye(4)[None]
    for measure in (mean_angles, largest_angles):
        assert measure(turn, None) == pytest.approx([1e-4] * 3, rel=1e-3)
        assert measure(half, None) == pytest.approx([np.pi])
        assert measure(turn, turn) == pytest.approx([0.0] * 3)
    mixed = torch.block_diag(turn[0], torch.eye(2))[None]  # one plane of two turns
    assert largest_angles(mixed, None) == pytest.approx([1e-4], rel=1e-3)
    assert mean_angles(mixed, None) == pytest.approx([1e-4 / 2**0.5], rel=1e-3)


def test_backwards_are_counted_where_the_rule_looks_at_parameters():
    assert cost.backwards(LabConfig("pcgrad")) == 10
    assert cost.backwards(LabConfig("mgda_ub")) == 1
    assert cost.backwards(LabConfig("uniform")) == 1
    assert cost.backwards(LabConfig("rotograd")) == 1
    assert cost.turned(LabConfig("rotograd", {"m": 64})) == 64
    assert cost.turned(LabConfig("rotograd")) == 512
    assert cost.turned(LabConfig("uniform")) == 0
    in_blocks = LabConfig("rotation_blocks+rotograd_scale@features", {"block": 8})
    assert cost.blocks(in_blocks) == (8,) * 64
    rotated = [
        cost.step_operations(c) - cost.step_operations(LabConfig("uniform"))
        for c in (in_blocks, LabConfig("rotograd"))
    ]
    assert rotated[0] == 10 * (8 * 512 * 8 * 64 + 4 * 512 * 64)
    assert rotated[1] == 10 * (8 * 512 * 512 * 64 + 4 * 512**3)
    with pytest.raises(ValueError, match="block takes a divisor of the 512 dimensions that rotate, got 7"):
        LabConfig("rotation_blocks+rotograd_scale@features", {"block": 7})


def test_estimates_grow_with_the_work(tmp_path, monkeypatch):
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    plain = estimate.estimate(LabConfig("uniform"))
    assert estimate.estimate(LabConfig("pcgrad")).epoch_seconds > 4 * plain.epoch_seconds
    assert estimate.estimate(LabConfig("uniform", epochs=20)).seconds == pytest.approx(2 * plain.seconds)
    assert "per epoch on" in plain.sentence
    assert "fetched first" in estimate.estimate(LabConfig("uniform", data="cifar10")).notes[0]
    assert estimate.refusal(LabConfig("uniform")) == ""


def test_times_are_said_as_people_do():
    said = [estimate.duration(s) for s in (0.2, 3, 99, 240, 5999, 9000)]
    assert said == ["less than 1 s", "3 s", "99 s", "4 min", "100 min", "2.5 h"]


def finished(run, method, seed, f1, **params):
    """Returns a finished run as the store gives it."""
    config = {"method": method, "params": params, "seed": seed, "width": 64, "epochs": 3, "device": "cpu"}
    tasks = [params["task"]] if method == "single_task" else range(10)
    return run, config, method, "CIFAR-10", {f"f1/{CLASSES[k]}": f1 for k in tasks}


def test_the_table_is_the_papers_equation_over_seeds():
    singles = [
        finished(f"s{k}{s}", "single_task", s, 0.4 + 0.2 * s, task=k) for k in range(10) for s in (0, 1)
    ]
    found = comparison.tables(
        [
            *singles,
            finished("a", "uniform", 0, 0.5),
            finished("b", "uniform", 1, 0.55),
            finished("c", "rotograd", 0, 0.6, m=-1),
        ]
    )
    (table,) = found
    assert table.baseline == pytest.approx([0.5] * 10)
    assert (table.note, table.baseline_seeds) == ("", (0, 1))
    plain, turned = table.rows
    assert plain.improvement("mean").median == pytest.approx(5.0)
    assert plain.improvement("mean").deviation == pytest.approx(10 / np.sqrt(2))
    assert turned.improvement("max").median == pytest.approx(20.0)
    assert np.isnan(turned.improvement("max").deviation)
    assert (plain.paper, turned.paper, table.ranks) == (None, None, False)  # fewer than five seeds
    assert table.reach.startswith("One seed cannot rank: another seed")


def test_from_five_seeds_on_the_paper_stands_beside():
    runs = [
        finished(f"{method}{s}", method, s, 0.5, **more)
        for method, more in (("uniform", {}), ("rotograd", {"m": -1}), ("imtl_g_ub", {}))
        for s in range(5)
    ]
    (table,) = comparison.tables([*runs, finished("one", "imtl_g", 0, 0.5)])
    plain, turned, features, lonely = table.rows
    assert turned.paper == paper.TABLE_1["rotograd", 512]
    assert plain.paper.mean == (2.58, 0.54)
    assert features.paper.mean == (2.73, 0.27)
    assert (table.ranks, lonely.paper) == (True, None)
    assert [row.level for row in table.rows] == ["", "features", "features", "parameters"]
    assert table.reach.startswith("Methods with fewer than 5 seeds have no rank")
    (whole,) = comparison.tables(runs)
    assert whole.reach == ""


def test_rotations_that_did_not_turn_are_named():
    still, moved, old, plain = (
        finished("still", "rotograd", 0, 0.5, m=2), finished("moved", "rotograd", 0, 0.5, m=4),
        finished("old", "rotograd", 0, 0.5, m=8), finished("plain", "uniform", 0, 0.5),
    )  # fmt: skip
    for one, name, angle in ((still, "turned", 9e-6), (moved, "turned", 0.2), (old, "angle", 8e-6)):
        one[4].update({f"{name}/{task}": angle for task in CLASSES})
    rows = comparison.tables([still, moved, old, plain])[0].rows
    words = "its rotations turned by at most 0.00001 rad: in effect RotoGrad scale only (m = 0)"
    assert [row.stillness for row in rows] == [words, "", words.replace("01 rad", "02 rad"), ""]
    assert [row.turned is None for row in rows] == [False, False, False, True]


@pytest.mark.parametrize("seeds", [1, 5])
def test_the_csv_has_every_row_and_column_that_the_page_shows(seeds):
    singles = [finished(f"s{k}", "single_task", 0, 0.5, task=k) for k in range(10)]
    runs = [finished(f"u{s}", "uniform", s, 0.5 + s / 100) for s in range(seeds)]
    runs += [finished(f"r{s}", "rotograd", s, 0.6, m=-1) for s in range(seeds)]
    runs[-1][4].update({f"turned/{task}": 0.25 for task in CLASSES})
    (table,) = comparison.tables([*singles, *runs])
    lines = list(csv.DictReader(io.StringIO(table.to_csv())))
    assert [line["method"] for line in lines] == ["uniform", "rotograd", "Single task"]
    middle = f"{0.5 + (seeds - 1) / 200:.4f}"
    assert (lines[0]["seeds"], lines[0]["data"], lines[0]["mean f1"]) == (str(seeds), "CIFAR-10", middle)
    assert (lines[1]["level"], lines[1]["mean delta"], lines[1]["f1 cat"]) == (
        "features",
        "20.0000",
        "0.6000",
    )
    assert lines[0]["seed numbers"] == " ".join(map(str, range(seeds)))
    assert ("mean delta paper" in lines[0]) == (seeds == 5)
    assert lines[0].get("max delta paper", "11.1400") == "11.1400"
    assert lines[1]["turned (rad)"] == ("0.250000" if seeds == 1 else "")
    assert lines[2]["f1 cat"] == "0.5000"
    assert all(None not in line and None not in line.values() for line in lines)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", " =", "\n+"])
def test_no_cell_of_text_is_a_formula(start):
    """Title and source come from a store that anybody may have written; a spreadsheet runs such cells."""
    run, config, _, _, last = finished("a", "uniform", 0, 0.5)
    (table,) = comparison.tables([(run, config, f"{start}HYPERLINK(1)", f"{start}cmd|x", last)])
    line = next(csv.DictReader(io.StringIO(table.to_csv(), newline="")))
    assert [line["method"], line["data"]] == [f"'{start.strip()}HYPERLINK(1)", f"'{start.strip()}cmd|x"]


def test_only_like_is_compared_with_like():
    other = finished("b", "uniform", 0, 0.5)
    other[1]["epochs"] = 4
    assert len(comparison.tables([finished("a", "uniform", 0, 0.5), other])) == 2


def test_a_baseline_of_0_is_named():
    singles = [finished(f"s{k}", "single_task", 0, 0.0 if k == 3 else 0.5, task=k) for k in range(10)]
    (table,) = comparison.tables([*singles, finished("a", "uniform", 0, 0.5)])
    assert "F1 is 0: cat" in table.note
    assert table.rows[0].delta is None


def test_the_papers_rows_have_methods_of_the_registry():
    assert {method for method, _ in paper.TABLE_1} <= set(METHODS)
    assert len(paper.TABLE_1) == 12


def test_there_is_no_store_before_the_first_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    assert (store.runs(), store.curves(["a"]), store.latest(), store.tables()) == ([], {}, {}, [])
    store.hide("a")
    store.mark_ended("a")


def test_checkpoints_are_whole_or_not_there(tmp_path):
    assert checkpoint.newest(tmp_path) is None
    for epoch in (1, 2, 3):
        checkpoint.save(tmp_path, epoch, {"epoch": epoch, "weight": torch.full((4,), float(epoch))})
    assert len(list(tmp_path.iterdir())) == 2
    assert checkpoint.newest(tmp_path).content["epoch"] == 3
    checkpoint.forget_all_but(tmp_path, 1)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is intact"):
        checkpoint.newest(tmp_path)


def test_a_lock_belongs_to_one_process_and_knows_its_holder(tmp_path):
    import os

    path = tmp_path / "lock"
    assert locks.holder(path) is None
    lock = locks.take(path)
    assert locks.take(path) is None
    assert locks.holder(path) == os.getpid()
    lock.release()
    lock.release()
    assert locks.holder(path) is None
    assert locks.take(path) is not None
