"""The rotation layer: it stays on the group, its gradients are those of the losses it is said to minimise."""

import copy
from operator import attrgetter

import pytest
import torch
from small_networks import TASKS, batch, model, step
from torch import nn

import mtlcore
from mtlcore.nn import ExpmRotation, MultiTask, Rotation
from mtlcore.nn.retraction import angle_bound, haar_rotations, reorthogonalise, retract, skew


def error(rotations: torch.Tensor) -> float:
    eye = torch.eye(rotations.shape[-1], dtype=rotations.dtype)
    return float((rotations.mT @ rotations - eye).abs().max())


@pytest.fixture
def one_thread():
    """Two threads take longer than one where other processes want the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-10), (torch.float32, 5e-5)])
@pytest.mark.parametrize("m", [8, 512])
def test_it_stays_on_the_rotation_group_for_a_thousand_steps(dtype, limit, m):
    generator = torch.Generator().manual_seed(0)
    rotation = Rotation(
        1, m, m, partner=attrgetter("features"), start=haar_rotations(1, m, 0, dtype, torch.device("cpu"))
    )
    optimizer = torch.optim.SGD(rotation.parameters(), lr=1.0)
    noise = torch.randn(4, 1, m, m, dtype=dtype, generator=generator) / m
    small, large = noise * 0.001, noise * 0.1
    worst = 0.0
    for i in range(1000):
        rotation.tangent.grad = small[i % 4] if i % 50 else large[i // 50 % 4]
        optimizer.step()
        rotation.settle()
        if i % 100 in (50, 99):  # after a large step, and before the next
            worst = max(worst, error(rotation.base))
    assert worst <= limit
    assert float(torch.linalg.det(rotation.base.double())) == pytest.approx(1.0, abs=1e-3)


def test_a_retraction_agrees_with_the_exponential_to_third_order():
    lower = torch.randn(2, 6, 6, dtype=torch.float64)
    base = haar_rotations(2, 6, 0, torch.float64, torch.device("cpu"))
    gaps = []
    for size in (1e-2, 5e-3):
        small = lower * size / angle_bound(lower)
        exact = base @ torch.linalg.matrix_exp(skew(small))
        gaps.append(float((retract(base, small, angle_bound(small))[0] - exact).abs().max()))
    assert 6.0 < gaps[0] / gaps[1] < 10.0
    assert float(torch.linalg.matrix_norm(skew(lower), 2).max()) <= angle_bound(lower)


def test_a_long_step_takes_the_exponential():
    base = torch.eye(4, dtype=torch.float64)[None]
    lower = torch.randn(1, 4, 4, dtype=torch.float64)
    moved, _ = retract(base, lower, angle_bound(lower))
    torch.testing.assert_close(moved, torch.linalg.matrix_exp(skew(lower)))


def test_newton_schulz_takes_a_matrix_back_to_the_group():
    base = haar_rotations(2, 5, 0, torch.float64, torch.device("cpu")) + 1e-3
    fixed, drift = reorthogonalise(base, 2e-2)
    assert error(fixed) < 1e-14
    assert drift < 1e-14


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("m", [3, 4])
@pytest.mark.parametrize("kind", [Rotation, ExpmRotation])
@pytest.mark.parametrize("objective", ["paper", "library", "task"])
def test_the_gradient_is_that_of_the_loss(objective, kind, m, images):
    """Against autograd on eq. 3 (or the task's loss), written out, at R = R0 expm(A)."""
    transform = "rotation_task" if objective == "task" else "rotation"
    options = {"m": m, "rot_init": "haar"} | ({} if objective == "task" else {"alignment": objective})
    name = "expm" if kind is ExpmRotation else "retraction"
    net = model(
        mtlcore.method(f"{transform}+uniform@features", **options), images=images, parametrization=name
    )
    if kind is ExpmRotation:
        net.transform.tangent.data += 0.3 * torch.randn(TASKS, m, m, dtype=torch.float64).tril(-1)
    x, targets = batch(images=images)
    z = net.backbone(x).detach()
    lower = net.transform.tangent.detach().clone().requires_grad_()
    base = net.transform.group.base if kind is ExpmRotation else net.transform.base
    rotations = base @ torch.linalg.matrix_exp(skew(lower))
    rows = z.movedim(1, -1).reshape(-1, 4)

    def views(rotations):
        turned = [torch.cat([rows[:, :m] @ r.T, rows[:, m:]], dim=1) for r in rotations]
        return [one.view(z.movedim(1, -1).shape).movedim(-1, 1) for one in turned]

    def total(views):
        pairs = zip(net.heads, views, targets, strict=True)
        return sum((head(r) - y).square().mean() for head, r, y in pairs)

    if objective == "task":
        expected = torch.autograd.grad(total(views(rotations)), lower)[0]
    else:
        leaves = [view.detach().requires_grad_() for view in views(rotations)]
        seen = [g.movedim(1, -1).reshape(-1, 4) for g in torch.autograd.grad(total(leaves), leaves)]
        pulled = [
            torch.cat([g[:, :m] @ r, g[:, m:]], dim=1) for g, r in zip(seen, rotations.detach(), strict=True)
        ]
        v = sum(g / g.norm() for g in pulled) / TASKS
        alignment = -sum(((g[:, :m] @ r) * v[:, :m]).sum() for g, r in zip(seen, rotations, strict=True))
        factor = 2.0 * float((sum(pulled) / TASKS).norm()) if objective == "library" else 1.0
        expected = factor * torch.autograd.grad(alignment, lower)[0]
    step(net, images=images)
    torch.testing.assert_close(net.transform.tangent.grad, expected, rtol=1e-8, atol=1e-12)
    assert expected.abs().max() > 1e-6


def alignment_run(name: str, lr: float = 0.5, steps: int = 100) -> list[float]:
    method = mtlcore.method("rotograd", rot_init="haar", rot_optimizer="sgd")
    net = model(method, parametrization=name)
    network = torch.optim.SGD(net.network_parameters(), lr=0.01)
    rotation, _ = net.transform_optimizer(lr=lr)
    cosines = []
    for _ in range(steps):
        network.zero_grad()
        rotation.zero_grad()
        step(net)
        network.step()
        rotation.step()
        cosines.append(float(net.last.cosines[~torch.eye(TASKS, dtype=torch.bool).numpy()].mean()))
    return cosines


def test_the_fast_path_aligns_as_the_published_parametrization():
    fast, published = alignment_run("retraction"), alignment_run("expm")
    assert fast[-1] > fast[0] + 0.2
    assert max(abs(a - b) for a, b in zip(fast, published, strict=True)) < 0.02


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("name", ["retraction", "expm"])
def test_rotations_apply_in_evaluation_too_and_in_the_deployed_network(name, images):
    net = model(mtlcore.method("rotograd", rot_init="haar", m=3), images=images, parametrization=name)
    plain = model("uniform", images=images)
    step(net, images=images)
    optimizer, _ = net.transform_optimizer(lr=1.0)
    optimizer.step()  # not yet in the base
    x, _ = batch(images=images)
    net.eval()
    with torch.no_grad():
        outputs = net(x)
        for k in range(TASKS):
            deployed = net.task(k)
            assert type(deployed) is nn.Sequential
            torch.testing.assert_close(deployed(x), outputs[k])
        assert not torch.allclose(outputs[0], plain(x)[0])
    with torch.inference_mode():
        torch.testing.assert_close(net(x)[0], outputs[0])


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
def test_any_optimiser_may_step_the_tangent(optimizer):
    net = model("rotograd")
    steps = optimizer(net.transform_parameters(), lr=0.05)
    for i in range(5):
        before = net.transform.base.clone()
        step(net, seed=i)
        if i:
            assert not torch.equal(net.transform.base, before)
        assert not net.transform.tangent.any()
        steps.step()
        assert not net.transform.tangent.triu().any()
    assert error(net.transform.rotations()) < 1e-12


def test_rotations_stay_in_float32_in_a_network_of_16_bits():
    net = model("rotograd").bfloat16()
    assert net.transform.base.dtype == net.transform.tangent.dtype == torch.float32
    x, _ = batch()
    predictions = net(x.bfloat16())
    assert predictions[0].dtype == torch.bfloat16
    net.backward([p.square().mean() for p in predictions])
    assert net.transform.tangent.grad.dtype == torch.float32
    assert net.backbone[0].weight.grad.dtype == torch.bfloat16


def test_haar_rotations_are_drawn_from_the_seed():
    one = model(mtlcore.method("rotograd", rot_init="haar"))
    assert error(one.transform.base) < 1e-12
    again = model(mtlcore.method("rotograd", rot_init="haar"))
    other = MultiTask(
        nn.Linear(5, 4), [nn.Linear(4, 1)] * TASKS, mtlcore.method("rotograd", rot_init="haar"), seed=1
    )
    torch.testing.assert_close(one.transform.base, again.transform.base)
    assert not torch.allclose(one.transform.base.float(), other.transform.base)


def test_m_of_zero_is_no_rotation():
    net = model(mtlcore.method("rotograd", m=0))
    assert list(net.transform_parameters()) == []
    assert net.transform_optimizer() is None


def test_the_optimiser_of_the_transform_follows_the_method():
    given = model(mtlcore.method("rotograd", lr_rot=0.02, rot_decay=0.95, rot_optimizer="sgd"))
    optimizer, decay = given.transform_optimizer()
    assert type(optimizer) is torch.optim.SGD
    assert optimizer.defaults["lr"] == 0.02
    step(given)
    optimizer.step()
    decay.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.02 * 0.95)


LEARNED = [key for key, spec in mtlcore.METHODS.items() if any(p.name == "lr_rot" for p in spec.params)]


@pytest.mark.parametrize("key", LEARNED)
def test_on_networks_a_transform_learns_by_adam_at_the_papers_rate(key):
    for method in (key, mtlcore.method(key)):
        net = MultiTask(nn.Linear(5, 4), [nn.Linear(4, 1) for _ in range(2)], method)
        optimizer, _ = net.transform_optimizer()
        assert (type(optimizer), optimizer.defaults["lr"]) == (torch.optim.Adam, 5e-4)
    rate_given = model(mtlcore.method(key, lr_rot=0.02)).transform_optimizer()[0]
    assert (type(rate_given), rate_given.defaults["lr"]) == (torch.optim.Adam, 0.02)
    kind_given = model(mtlcore.method(key, rot_optimizer="sgd")).transform_optimizer()[0]
    assert type(kind_given) is torch.optim.SGD
    copied = copy.deepcopy(model(mtlcore.method(key, rot_optimizer="sgd")))
    assert type(copied.transform_optimizer()[0]) is torch.optim.SGD


def test_the_toys_keep_plain_steps():
    given = mtlcore.method("rotograd").transform_params
    assert (given["rot_optimizer"], given["lr_rot"]) == ("sgd", 0.1)


def test_a_step_to_infinity_is_an_error():
    net = model("rotograd")
    with torch.no_grad():
        net.transform.tangent[0, 1, 0] = float("inf")
    with pytest.raises(ValueError, match="lower the rotation learning rate"):
        net(batch()[0])
