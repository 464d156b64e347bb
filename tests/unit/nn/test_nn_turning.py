"""How far views have turned: measured from where they began, and said in words where it is nothing."""

import re

import pytest
import torch
from small_networks import TASKS, model, step

import mtlcore
from mtlcore.turning import stillness


@pytest.mark.parametrize("name", ["retraction", "expm"])
@pytest.mark.parametrize("start", ["identity", "haar"])
def test_the_report_tells_how_far_each_view_has_turned(name, start):
    method = mtlcore.method("rotograd", rot_init=start, rot_optimizer="sgd")
    net = model(method, parametrization=name)
    step(net)
    assert net.last.turned == pytest.approx([0.0] * TASKS, abs=1e-12)
    with torch.no_grad():
        for task in range(TASKS):
            net.transform.tangent[task, 1, 0] = 0.3 * task  # a turn of one plane
    assert net.last.turned == pytest.approx([0.0, 0.3, 0.6])
    other = model(method, seed=8, parametrization=name)
    other.load_state_dict(net.state_dict())
    step(other)
    assert other.last.turned == pytest.approx([0.0, 0.3, 0.6])


def test_the_report_says_that_rotations_stand_still():
    net = model(mtlcore.method("rotograd", rot_optimizer="sgd"))
    step(net)
    optimizer, _ = net.transform_optimizer()  # plain steps at the rate that belongs to Adam
    optimizer.step()
    most = float(net.last.turned.max())
    assert 0 < most < 1e-3
    said = re.fullmatch(r"its rotations turned by at most (0\.\d{5}) rad: in effect (.*)", net.last.stillness)
    assert most <= float(said[1]) < most + 1e-5
    assert said[2] == "RotoGrad scale only (m = 0)"
    plain = model("uniform")
    step(plain)
    assert (plain.last.turned, plain.last.stillness) == (None, "")


WITHOUT = {
    "rotograd": "RotoGrad scale only (m = 0)", "rotate_only": "Uniform (vanilla)", "rotograd_v1": "GradNorm-Z",
    "imtl_g_rk": "IMTL-G (features)", "rotation+cagrad@features": "CAGrad at the features",
}  # fmt: skip


@pytest.mark.parametrize(("key", "title"), WITHOUT.items())
def test_what_a_method_is_without_its_rotations(key, title):
    assert stillness(key, [1e-4, 0.0]).endswith(f"rad: in effect {title}")
    assert stillness(key, [1e-4, 2e-3]) == stillness(key, []) == ""
