"""What backward writes, against plain autograd and the rule on the plain Gram matrix."""

import numpy as np
import pytest
import torch
from small_networks import TASKS, assert_same, batch, grads, losses_of, model, step, task_gradients
from torch import nn

import mtlcore
from mtlcore.nn import MultiTask

BALANCING = [
    key
    for key, spec in mtlcore.METHODS.items()
    if spec.rule_spec.kind != "elementwise" and spec.transform in ("none", "rotation", "rotation_task")
]


def flat(gradients: list) -> torch.Tensor:
    return torch.cat([one.reshape(-1) for one in gradients])


@pytest.mark.parametrize("level", ["parameters", "features", "last_shared"])
def test_uniform_is_the_gradient_of_the_mean_loss(level):
    net, plain = model(f"none+uniform@{level}"), model()
    step(net)
    x, targets = batch()
    losses = losses_of([head(plain.backbone(x)) for head in plain.heads], targets)
    (sum(losses) / TASKS).backward()
    assert_same(grads(net), grads(plain))


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("level", ["parameters", "features", "last_shared"])
@pytest.mark.parametrize("rule", [key for key, spec in mtlcore.RULES.items() if spec.kind != "elementwise"])
def test_the_rule_sees_the_gram_matrix_of_its_level_and_weighs_the_shared_gradient(rule, level, images):
    net = model(f"none+{rule}@{level}", images=images, last_shared="2" if level == "last_shared" else None)
    at_backbone, at_z, _ = task_gradients(net, images=images)
    losses = step(net, images=images)
    rows = {
        "parameters": torch.stack([flat(one) for one in at_backbone]),
        "features": at_z.reshape(TASKS, -1),
        "last_shared": torch.stack([flat(one[2:]) for one in at_backbone]),
    }[level]
    spec = mtlcore.RULES[rule]
    gram = (rows @ rows.T).numpy() if "gram" in spec.needs else np.eye(TASKS)
    weights = mtlcore.rule(rule).weights(gram, [float(loss.detach()) for loss in losses])
    np.testing.assert_allclose(net.last.weights, weights, rtol=1e-7)
    if "gram" in spec.needs:
        np.testing.assert_allclose(net.last.gram, gram, rtol=1e-10)
    for i, parameter in enumerate(net.backbone.parameters()):
        expected = sum(w * one[i] for w, one in zip(net.last.weights, at_backbone, strict=True))
        torch.testing.assert_close(
            parameter.grad, expected, rtol=1e-8, atol=1e-10 * float(expected.abs().max())
        )


@pytest.mark.parametrize("method", BALANCING)
def test_heads_get_their_share_and_never_the_rule_s_balance(method):
    net = model(method)
    _, _, at_heads = task_gradients(net)
    step(net)
    kind = net.rule.spec.kind
    own = kind == "loss" or net.rule.spec.head_state is not None
    expected = net.last.head_weights if own else np.full(TASKS, 1 / TASKS)
    if kind == "loss":
        np.testing.assert_array_equal(net.last.head_weights, net.last.weights)
    for k, head in enumerate(net.heads):
        for parameter, gradient in zip(head.parameters(), at_heads[k], strict=True):
            torch.testing.assert_close(parameter.grad, float(expected[k]) * gradient, rtol=1e-10, atol=1e-14)


def test_imtl_gives_the_heads_its_normalised_scales():
    net, scales = model("imtl"), mtlcore.rule("imtl_l")
    for seed in range(3):
        net.zero_grad()
        _, _, at_heads = task_gradients(net, seed)
        losses = step(net, seed)
        expected = scales.weights(np.eye(TASKS), [float(loss.detach()) for loss in losses])
        np.testing.assert_allclose(net.last.head_weights, expected, rtol=1e-12)
        torch.testing.assert_close(net.heads[1][0].weight.grad, float(expected[1]) * at_heads[1][0])
    assert abs(expected[0] - expected[2]) > 1e-3


def test_given_task_weights_are_the_heads_shares_too():
    net = model(mtlcore.method("uniform", task_weights=(3.0, 1.0, 0.0)))
    at_backbone, _, at_heads = task_gradients(net)
    step(net)
    np.testing.assert_allclose(net.last.head_weights, [0.75, 0.25, 0.0])
    torch.testing.assert_close(net.heads[0][0].weight.grad, 0.75 * at_heads[0][0])
    assert not net.heads[2][0].weight.grad.any()
    expected = 0.75 * at_backbone[0][0] + 0.25 * at_backbone[1][0]
    torch.testing.assert_close(net.backbone[0].weight.grad, expected)


FOLLOWING = [key for key, spec in mtlcore.METHODS.items() if spec.rule_spec.preferences != "none"]


@pytest.mark.parametrize("method", [key for key in FOLLOWING if key != "adversarial"])
def test_rule_and_heads_follow_the_preferences(method):
    """Heads get p_k grad L_k, the backbone what the rule itself says of the same Gram matrix and preferences."""
    wish = (5.0, 2.0, 1.0)
    net = model(method, preferences=wish)
    _, _, at_heads = task_gradients(net)
    step(net)
    assert net.rule.preferences == (0.625, 0.25, 0.125)
    np.testing.assert_allclose(net.last.head_weights, net.rule.preferences)
    for k, head in enumerate(net.heads):
        for parameter, gradient in zip(head.parameters(), at_heads[k], strict=True):
            torch.testing.assert_close(
                parameter.grad, net.rule.preferences[k] * gradient, rtol=1e-10, atol=1e-14
            )
    if net.rule.spec.kind == "gram":
        twin = mtlcore.rule(net.rule.spec.key, preferences=wish, **net.method.rule_params)
        np.testing.assert_array_equal(net.last.weights, twin.weights(net.last.gram))


def test_element_wise_choice_at_the_parameters_follows_the_preferences():
    net, plain = model("none+graddrop@parameters", preferences=(5, 2, 1)), model("none+graddrop@parameters")
    at_backbone, _, _ = task_gradients(net)
    rows = torch.stack([torch.cat([g.flatten() for g in task]) for task in at_backbone])
    step(net)
    step(plain)
    found = torch.cat([p.grad.flatten() for p in net.backbone.parameters()])
    expected = mtlcore.rule("graddrop", preferences=(5, 2, 1)).combine(rows)
    torch.testing.assert_close(found, expected)
    assert not torch.equal(found, torch.cat([p.grad.flatten() for p in plain.backbone.parameters()]))


class Tail(nn.Module):
    """A head whose last layer is shared with the other heads."""

    def __init__(self, shared: nn.Module) -> None:
        super().__init__()
        self.own = nn.Linear(4, 3)
        self.shared = shared

    def forward(self, r):
        return self.shared(torch.tanh(self.own(r)))


@pytest.mark.parametrize(
    "method", ["uniform", "rotograd", "single_task", "gradnorm_z", "uncertainty", "dwa", "rlw"]
)
def test_a_parameter_that_heads_share_gets_each_task_s_share(method):
    torch.manual_seed(0)
    shared = nn.Linear(3, 1)
    net = MultiTask(nn.Linear(5, 4), [Tail(shared) for _ in range(TASKS)], method, d=4).double()
    _, _, at_heads = task_gradients(net)
    step(net)
    expected = sum(float(w) * one[2] for w, one in zip(net.last.head_weights, at_heads, strict=True))
    torch.testing.assert_close(shared.weight.grad, expected, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(net.heads[1].own.weight.grad, float(net.last.head_weights[1]) * at_heads[1][0])


class Counter(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, counts, name):
        ctx.counts, ctx.name = counts, name
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        ctx.counts[ctx.name] = ctx.counts.get(ctx.name, 0) + 1
        return gradient, None, None


class Counted(nn.Module):
    def __init__(self, inner, counts, name):
        super().__init__()
        self.inner, self.counts, self.name = inner, counts, name
        self.in_features = getattr(inner, "in_features", 0)

    def forward(self, x):
        self.counts[f"{self.name} forward"] = self.counts.get(f"{self.name} forward", 0) + 1
        return Counter.apply(self.inner(x), self.counts, self.name)


@pytest.mark.parametrize(
    ("method", "passes"),
    [
        ("rotograd", 1), ("gradnorm_z", 1), ("rotograd_scale", 1), ("uniform", 1), ("dwa", 1),
        ("graddrop", 1),
        ("none+rotograd_scale@parameters", TASKS), ("none+uniform@parameters", 1),
    ],
)  # fmt: skip
def test_how_often_the_backbone_and_the_heads_are_passed(method, passes):
    counts = {}
    body = Counted(nn.Linear(5, 4), counts, "backbone")
    heads = [Counted(nn.Linear(4, 1), counts, f"head {k}") for k in range(TASKS)]
    net = MultiTask(body, heads, method, d=4).double()
    step(net)
    assert counts["backbone forward"] == 1
    assert counts["backbone"] == passes
    assert all(counts[f"head {k}"] == 1 for k in range(TASKS))


def test_pairs_of_forward_and_backward_add_up_and_advance_the_rule_once_each():
    net, first, second = model("gradnorm_z"), model("gradnorm_z"), model("gradnorm_z")
    step(net, seed=1)
    step(net, seed=2)
    step(first, seed=1)
    second.load_state_dict(first.state_dict())
    step(second, seed=2)
    total = {name: a + grads(second)[name] for name, a in grads(first).items()}
    assert_same(grads(net), total)
    for name, value in net.rule.state_dict().items():
        np.testing.assert_allclose(value, second.rule.state_dict()[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    "method",
    ["uniform", "rotograd", "gradnorm_z", "gradnorm_w", "dwa", "graddrop", "rlw", "uncertainty",
     "none+rotograd_scale@parameters", "none+graddrop@parameters"],
)  # fmt: skip
@pytest.mark.parametrize("images", [False, True])
def test_micro_batches_count_as_one_batch_of_equal_parts(method, images):
    whole, parts = model(method, images=images), model(method, images=images)
    x, targets = batch(n=6, images=images)
    whole.backward(losses_of(whole(x), targets))
    before = parts.rule.state_dict()["state"]
    for i in range(3):
        cut = slice(2 * i, 2 * i + 2)
        assert all(p.grad is None for p in parts.parameters())
        np.testing.assert_array_equal(parts.rule.state_dict()["state"], before)
        parts.backward(losses_of(parts(x[cut]), [y[cut] for y in targets]), accumulate=3)
    assert_same(grads(whole), grads(parts))
    np.testing.assert_allclose(whole.last.losses, parts.last.losses)


def test_a_rule_without_needs_lets_each_micro_batch_s_graph_go():
    counts = {}
    net = MultiTask(Counted(nn.Linear(5, 4), counts, "backbone"), [nn.Linear(4, 1)], "uniform").double()
    x, targets = batch()
    net.backward([(net(x)[0] - targets[0]).square().mean()], accumulate=2)
    assert counts["backbone"] == 1


def test_parameters_that_no_task_or_only_some_reach():
    class Split(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right, self.idle = nn.Linear(5, 2), nn.Linear(5, 2), nn.Linear(5, 2)

        def forward(self, x):
            return torch.cat([self.left(x), self.right(x)], dim=1)

    class Half(nn.Module):
        def __init__(self, cut):
            super().__init__()
            self.out, self.cut = nn.Linear(2, 1), cut

        def forward(self, r):
            return self.out(r[:, self.cut])

    torch.manual_seed(0)
    net = MultiTask(
        Split(), [Half(slice(0, 2)), Half(slice(2, 4))], "none+rotograd_scale@parameters", d=4
    ).double()
    x, targets = batch()
    net.backward(losses_of(net(x), targets[:2]))
    assert net.backbone.idle.weight.grad is None
    assert net.last.gram[0, 1] == 0.0
    assert net.last.gram[0, 0] > 0.0
    assert net.backbone.left.weight.grad.any()


def test_an_existing_grad_is_added_to_and_shared_memory_is_never_handed_out():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Parameter(torch.ones(4)), nn.Parameter(torch.ones(4))

        def forward(self, x):
            return x + (self.a + self.b)

    net = MultiTask(Sum(), [nn.Linear(4, 1), nn.Linear(4, 1)], "none+rotograd_scale@parameters").double()
    net.backbone.a.grad = torch.full((4,), 5.0, dtype=torch.float64)
    x = torch.randn(3, 4, dtype=torch.float64)
    net.backward([p.square().mean() for p in net(x)])
    torch.testing.assert_close(net.backbone.a.grad - 5.0, net.backbone.b.grad)
    before = net.backbone.a.grad.clone()
    net.backbone.b.grad.zero_()
    torch.testing.assert_close(net.backbone.a.grad, before)


def test_losses_from_one_joint_computation_are_told_apart():
    plain, joint = model("rotograd"), model("rotograd")
    step(plain)
    x, targets = batch()
    errors = (torch.cat(joint(x), dim=1) - torch.cat(targets, dim=1)).square().mean(0)
    joint.backward(list(errors.unbind()))
    assert_same(grads(plain), grads(joint))


def test_a_frozen_backbone_still_lets_the_heads_learn():
    net = model("rotograd")
    net.backbone.requires_grad_(False)
    step(net)
    assert all(p.grad is None for p in net.backbone.parameters())
    assert all(p.grad is not None for p in net.heads.parameters())
    assert net.transform.tangent.grad.any()


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("level", ["features", "parameters"])
def test_graddrop_draws_one_mask_per_task_and_feature(images, level):
    net = model(f"none+graddrop@{level}", images=images)
    at_backbone, at_z, _ = task_gradients(net, images=images)
    x, _ = batch(images=images)
    z = net.backbone(x)
    step(net, images=images)
    rule = mtlcore.rule("graddrop")
    if level == "parameters":
        update = rule.combine(torch.stack([flat(one) for one in at_backbone]))
        torch.testing.assert_close(flat([p.grad for p in net.backbone.parameters()]), update)
        return
    moved = z.detach().movedim(1, -1)
    rows = at_z.movedim(2, -1).reshape(TASKS, -1, z.shape[1])
    update = rule.combine(rows, features=moved.reshape(-1, z.shape[1]))
    shaped = update.view(moved.shape).movedim(-1, 1)
    expected = torch.autograd.grad(z, list(net.backbone.parameters()), shaped)
    for parameter, gradient in zip(net.backbone.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient)
