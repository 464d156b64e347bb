"""`MultiTask` takes the steps of the toy engines: the same network, method and rates give the same path."""

import numpy as np
import pytest
import torch
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask
from toy_problems import PROBLEMS, ToyConfig, run

LR, LR_ROT, STEPS, EVEN = 1e-3, 1e-2, 20, (1.0, 1.0)
DRAWING = ("rlw", "graddrop")  # each engine has random numbers of its own
METHODS = [
    key
    for key, spec in mtlcore.METHODS.items()
    if spec.transform_spec.for_networks and spec.rule not in DRAWING
]
COMPOSED = ("rotation+mgda@parameters", "rigid+cagrad@features", "affine+aligned_mtl@last_shared",
            "rigid_sgd+upgrad@parameters", "rotation_task+nash_mtl@last_shared",
            "rotation_blocks+rotograd_scale@features", "rotation+unit-cagrad@features", "none+ema-mgda@parameters",
            "none+unit-db_mtl@last_shared")  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small tensors are no work for a pool of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def weights():
    """Returns the toys' network, so that no unit sits on the fold of its ReLU."""
    rng = np.random.default_rng(5)
    shapes = {"W1": (10, 2), "b1": 10, "W2": (2, 10), "b2": 2, "x": (1, 2)}
    return {name: rng.uniform(-0.5, 0.5, shape) for name, shape in shapes.items()}


def network(method, initial):
    """Returns the same network in torch, rotations as published; its heads hand on what their task sees."""
    backbone = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 2)).double()
    with torch.no_grad():
        for parameter, name in zip(backbone.parameters(), ("W1", "b1", "W2", "b2"), strict=True):
            parameter.copy_(torch.from_numpy(initial[name]))
    return MultiTask(backbone, [nn.Identity(), nn.Identity()], method, d=2, parametrization="expm")


def walked(net, problem, x):
    """Returns z before every step and after the last [STEPS + 1, d], each task's view [.., K, d], the weights."""
    sgd = torch.optim.SGD(net.network_parameters(), lr=LR)
    turning = net.transform_optimizer(LR_ROT)
    minima, z, r, w = problem.minima(2, EVEN), [], [], []
    for _ in range(STEPS + 1):
        net.zero_grad()
        views = net(x)
        with torch.no_grad():
            z.append(net.backbone(x)[0].numpy())
        r.append(torch.stack([view.detach()[0] for view in views]).numpy())
        net.backward([problem.formula(torch, view, k, EVEN) - minima[k] for k, view in enumerate(views)])
        w.append(net.last.weights)
        sgd.step()
        for part in turning or ():
            part.step()
    return np.array(z), np.array(r), np.array(w)


@pytest.mark.parametrize("problem", ["avocado", "nonconvex"])
@pytest.mark.parametrize("key", [*METHODS, *COMPOSED])
def test_a_network_takes_the_toys_steps(key, problem):
    names = {param.name for param in mtlcore.method(key).spec.params}
    params = {"lr_rot": LR_ROT, "rot_optimizer": "sgd"} if "lr_rot" in names else {}
    initial, wish = weights(), (0.7, 0.3) if problem == "nonconvex" else None
    config = ToyConfig(
        problem=problem, method=key, params=params, lr=LR, optimizer="sgd", steps=STEPS, preferences=wish
    )
    toy = run(config, initial=initial)
    net = network(mtlcore.method(key, config.followed_preferences, **params), initial)
    z, r, w = walked(net, PROBLEMS[problem], torch.from_numpy(initial["x"]))
    np.testing.assert_allclose(z, toy.z[0, :, 0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(r, toy.r[0, :, :, 0], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(w, toy.weights[0], rtol=1e-8, atol=1e-10)
    assert np.abs(z[-1] - z[0]).max() > 1e-6
