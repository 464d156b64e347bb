"""Rotations in blocks, on networks."""

import pickle

import numpy as np
import pytest
import torch
from small_networks import TASKS, batch, model, step

import mtlcore
from mtlcore.nn.turning import largest_angles, mean_angles

D = 6


def blocks(block, parametrization="retraction", d=D, transform="rotation_blocks", **options):
    sizes = {"block": block} if transform == "rotation_blocks" else {}
    method = mtlcore.method(
        f"{transform}+uniform@features", **sizes, **{"rot_init": "haar", "rot_optimizer": "sgd", **options}
    )
    return model(method, d=d, parametrization=parametrization)


def whole(net):
    """Returns the model's rotations as full matrices [K, m, m]."""
    return torch.stack([torch.block_diag(*own) for own in net.transform.turned()[0]])


@pytest.mark.parametrize("parametrization", ["retraction", "expm"])
@pytest.mark.parametrize(("block", "m"), [(2, 6), (3, 6), (2, 4), (1, 3), (4, 4)])
def test_views_and_gradients_are_those_of_the_full_matrix_inside_the_blocks(block, m, parametrization):
    net = blocks(block, parametrization, m=m)
    full = blocks(block, m=m, transform="rotation")
    full.transform.base.copy_(whole(net))
    x, _ = batch()
    for view, expected in zip(net(x), full(x), strict=True):
        torch.testing.assert_close(view, expected)
    step(net)
    step(full)
    inside = torch.block_diag(*[torch.ones(block, block)] * (m // block)).bool()
    for own, other in zip(net.transform.tangent.grad.view(TASKS, -1, block, block),
                          full.transform.tangent.grad, strict=True):  # fmt: skip
        torch.testing.assert_close(torch.block_diag(*own), other * inside)
    for one, other in zip(net.backbone.parameters(), full.backbone.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
    assert block == 1 or net.transform.tangent.grad.abs().max() > 1e-6


def trained(net, steps, seed=0):
    optimizers = [torch.optim.SGD(net.network_parameters(), lr=0.01), net.transform_optimizer(0.5)[0]]
    for i in range(steps):
        net.zero_grad()
        step(net, seed=seed + i)
        for optimizer in optimizers:
            optimizer.step()
    net.transform.views(torch.zeros(1, D, dtype=torch.float64))  # takes the last step into the rotations
    return net


def test_one_block_is_the_full_rotation():
    torch.testing.assert_close(
        whole(trained(blocks(D), 10)), whole(trained(blocks(D, transform="rotation"), 10))
    )


def test_a_trained_block_stays_a_block():
    net = blocks(2)
    before = whole(net)
    trained(net, 20)
    turned = net.transform.base
    torch.testing.assert_close(turned.mT @ turned, torch.eye(2, dtype=torch.float64).expand_as(turned))
    assert (whole(net) - before).abs().max() > 1e-2
    angles = net.last.turned
    assert angles.shape == (TASKS,)
    now, start = net.transform.turned()
    by_hand = [[float(torch.arccos((a @ b.T).trace() / 2)) for a, b in zip(*pair, strict=True)]
               for pair in zip(now, start, strict=True)]  # fmt: skip
    np.testing.assert_allclose(angles, np.max(by_hand, axis=1), rtol=1e-6)
    mean = np.arccos(np.mean(np.cos(by_hand), axis=1))
    np.testing.assert_allclose(mean_angles(now, start), mean, rtol=1e-6)
    np.testing.assert_allclose(largest_angles(whole(net), before), angles, rtol=1e-6)


def test_the_deployed_network_holds_blocks_alone():
    net = trained(blocks(2, m=4), 3)
    x, _ = batch()
    with torch.no_grad():
        for k, expected in enumerate(net(x)):
            torch.testing.assert_close(net.task(k)(x), expected)
    assert net.task(0)[1].matrix.shape == (2, 2, 2)


def test_a_run_goes_on_after_save_load_and_pickling():
    straight = trained(blocks(3), 6)
    half = trained(blocks(3), 3)
    loaded = blocks(3)
    loaded.load_state_dict(half.state_dict())
    for net in (loaded, pickle.loads(pickle.dumps(half))):
        assert torch.equal(net.transform.base, half.transform.base)
        torch.testing.assert_close(whole(trained(net, 3, seed=3)), whole(straight))


@pytest.mark.parametrize("block", [2, 8, 64])
def test_nothing_is_kept_beyond_the_blocks(block):
    net = blocks(block, d=64, rot_init="identity")
    kept = [*net.transform.parameters(), *net.transform.buffers()]
    assert {tensor.numel() for tensor in kept} == {TASKS * 64 * block}


def test_no_dimensions_are_no_rotation():
    assert list(blocks(2, m=0).transform.parameters()) == []


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"block": 4}, "MultiTask: block takes a divisor of the 6 dimensions that rotate, got 4."),
        ({"block": 2, "m": 3}, r"MultiTask: m takes -1 \(all\) or a multiple of the block size 2, got 3."),
        ({"block": 2, "m": 8}, r"MultiTask: m takes -1 \(all\) or 0 to d = 6, got 8."),
    ],
)
def test_what_does_not_consist_of_blocks_is_refused(sizes, sentence):
    with pytest.raises(mtlcore.FieldError, match=sentence):
        blocks(**sizes)
