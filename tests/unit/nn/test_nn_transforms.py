"""The affine and the rigid transforms, on networks."""

import pytest
import torch
from small_networks import TASKS, batch, model, step
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask
from mtlcore.nn.retraction import haar_rotations, skew
from mtlcore.registry import TRANSFORMS
from mtlcore.transforms.networks import Asked
from mtlcore.transforms.rigid import nearest


def rotations(count, d, seed=0):
    return haar_rotations(count, d, seed, torch.float64, torch.device("cpu"))


def made(key, parametrization="retraction", **values):
    """Returns a transform's module for the small networks, at d = 4."""
    spec = TRANSFORMS[key]
    given = {p.name: values.get(p.name, p.default) for p in spec.params}
    return spec.network(Asked(TASKS, 4, 1, given, parametrization, 0, torch.float64))


def rigid(rate=0.3):
    return made("rigid", a=rate, a_decay=0.5, rot_init="haar")


def with_transform(transform, method="none+uniform@features", images=False):
    net = model(method, images=images)
    net.transform = transform
    return net


def rows_of(features):
    return features.movedim(1, -1).reshape(-1, features.shape[1])


@pytest.mark.parametrize("images", [False, True])
def test_affine_maps_learn_from_their_task_s_own_loss(images):
    net = with_transform(made("affine"), images=images)
    with torch.no_grad():
        net.transform.matrix += 0.1 * torch.randn_like(net.transform.matrix)
        net.transform.offset += 0.1
    x, targets = batch(images=images)
    z = net.backbone(x)
    matrix, offset = (p.detach().clone().requires_grad_() for p in net.transform.parameters())
    losses = []
    for k, (head, target) in enumerate(zip(net.heads, targets, strict=True)):
        moved = z.movedim(1, -1) @ matrix[k].T + offset[k]
        losses.append((head(moved.movedim(-1, 1)) - target).square().mean())
    expected = torch.autograd.grad(sum(losses), [matrix, offset], retain_graph=True)
    shared = torch.autograd.grad(sum(losses) / TASKS, list(net.backbone.parameters()))
    step(net, images=images)
    for parameter, gradient in zip(net.transform.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
    for parameter, gradient in zip(net.backbone.parameters(), shared, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
    with torch.no_grad():
        torch.testing.assert_close(net.task(1)(x), net(x)[1])


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_the_nearest_rotation_maximises_and_breaks_ties_towards_the_current(rank):
    torch.manual_seed(rank)
    left, right = torch.randn(4, rank, dtype=torch.float64), torch.randn(rank, 4, dtype=torch.float64)
    target, current = left @ right, rotations(1, 4)[0]
    found = nearest(target, current)
    torch.testing.assert_close(found.T @ found, torch.eye(4, dtype=torch.float64))
    assert float(torch.linalg.det(found)) == pytest.approx(1.0)
    best = float((found * target).sum())
    if rank < 4:  # the determinant costs nothing
        assert best == pytest.approx(float(torch.linalg.svdvals(target).sum()))
    for other in rotations(200, 4, seed=1):
        assert float((other * target).sum()) <= best + 1e-9
    # turning in the null space keeps the maximum and leads away from the current one
    u, _, vt = torch.linalg.svd(target)
    free = rotations(200, 4 - rank, seed=2) if rank < 3 else torch.eye(4 - rank, dtype=torch.float64)[None]
    for turn in free:
        block = torch.block_diag(torch.eye(rank, dtype=torch.float64), turn)
        other = u @ block @ u.T @ found
        assert (found - current).norm() <= (other - current).norm() + 1e-9
    assert vt.shape == (4, 4)


def test_a_target_of_zero_keeps_the_current_rotation():
    current = rotations(1, 3)[0]
    assert torch.equal(nearest(torch.zeros(3, 3, dtype=torch.float64), current), current)


@pytest.mark.parametrize("images", [False, True])
def test_the_rigid_motion_moves_towards_its_closed_form_targets(images):
    rate = 0.3
    transform = rigid(rate)
    transform.offset = torch.randn(TASKS, 4, dtype=torch.float64)
    net = with_transform(transform, images=images)
    before, shift = transform.rotation.clone(), transform.offset.clone()
    x, targets = batch(images=images)
    z = net.backbone(x).detach()
    views = [
        (z.movedim(1, -1) @ r.T + t).movedim(-1, 1).requires_grad_()
        for r, t in zip(before, shift, strict=True)
    ]
    losses = [(head(v) - y).square().mean() for head, v, y in zip(net.heads, views, targets, strict=True)]
    seen = [rows_of(g) for g in torch.autograd.grad(sum(losses), views)]
    update = sum(g @ r for g, r in zip(seen, before, strict=True)) / TASKS
    step(net, images=images)
    points = rows_of(z)
    for k in range(TASKS):
        u, _, vt = torch.linalg.svd(seen[k].T @ update)
        sign = float(torch.linalg.det(u @ vt))
        target = u @ torch.diag(torch.tensor([1.0, 1.0, 1.0, sign], dtype=torch.float64)) @ vt
        mixed = (1 - rate) * before[k] + rate * target
        u, _, vt = torch.linalg.svd(mixed)
        assert torch.linalg.det(u @ vt) > 0
        torch.testing.assert_close(net.transform.rotation[k], u @ vt)
        offset = (points @ before[k].T + shift[k]).mean(0) - target @ points.mean(0)
        torch.testing.assert_close(net.transform.offset[k], (1 - rate) * shift[k] + rate * offset)
    assert float(net.transform.rate) == pytest.approx(0.15)
    assert list(net.transform_parameters()) == []
    with torch.no_grad():
        torch.testing.assert_close(net.task(2)(x), net(x)[2])


def test_the_rigid_motion_s_state_is_saved():
    first = with_transform(rigid())
    step(first)
    second = with_transform(rigid())
    second.load_state_dict(first.state_dict())
    for name in ("rotation", "offset", "rate"):
        assert torch.equal(getattr(first.transform, name), getattr(second.transform, name)), name
    for net in (first, second):
        step(net, seed=3)
    for name in ("rotation", "offset", "rate"):  # LAPACK's last digits depend on where its matrices lie
        torch.testing.assert_close(getattr(first.transform, name), getattr(second.transform, name))


@pytest.mark.parametrize("parametrization", ["retraction", "expm"])
def test_the_rigid_loss_of_the_rotation(parametrization):
    start = rotations(TASKS, 4)
    net = with_transform(made("rigid_sgd", parametrization, rot_init="haar"))
    x, targets = batch()
    z = net.backbone(x).detach()
    views = [(z @ r.T).requires_grad_() for r in start]
    losses = [(head(v) - y).square().mean() for head, v, y in zip(net.heads, views, targets, strict=True)]
    seen = torch.autograd.grad(sum(losses), views)
    update = sum(g @ r for g, r in zip(seen, start, strict=True)) / TASKS
    lower = torch.zeros_like(start).requires_grad_()
    turned = start @ torch.linalg.matrix_exp(skew(lower))
    total = sum((update @ r.T - g).square().sum(1).mean() for r, g in zip(turned, seen, strict=True))
    step(net)
    torch.testing.assert_close(net.transform.tangent.grad, torch.autograd.grad(total, lower)[0])


def test_adversarial_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="adversarial is defined by double backpropagation"):
        MultiTask(nn.Linear(5, 4), [nn.Linear(4, 1)], "adversarial")


@pytest.mark.parametrize("key", ["rotograd", "rotograd_v1", "rotograd_v1_sgd", "imtl_g_rk"])
def test_transforms_start_where_their_method_says(key):
    still, turned = (model(mtlcore.method(key, rot_init=kind)) for kind in ("identity", "haar"))
    assert torch.equal(started(still), torch.eye(4, dtype=torch.float64).repeat(TASKS, 1, 1))
    torch.testing.assert_close(started(turned), rotations(TASKS, 4))


def started(net):
    return net.transform.turned()[0].flatten(0, -3)


def test_the_rigid_motion_takes_its_pace_from_the_method():
    net = model(mtlcore.method("rotograd_v1", a=0.4, a_decay=0.95))
    step(net)
    assert float(net.transform.rate) == pytest.approx(0.4 * 0.95)
