"""Two processes with gloo on the CPU do what one process does with the whole batch."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from small_networks import TASKS, batch, losses_of, model
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import mtlcore
from mtlcore.nn import MultiTask

WANTED = (
    "uniform", "rotograd", "rotate_only", "gradnorm_z", "gradnorm_w", "graddrop", "dwa", "rlw", "mgda",
    "cagrad", "pcgrad", "aligned_mtl_ub", "imtl", "imtl_g_rk", "rotograd_v1", "rotograd_v1_sgd", "d_grad",
    "none+graddrop@parameters", "rotation+mgda@parameters",
)  # fmt: skip
METHODS = [key for key in WANTED if key in mtlcore.METHODS or "+" in key]
WRAPPINGS = ("plain", "whole", "backbone")
STEPS = 3


def build(method: str, seed: int, wrapping: str) -> tuple[nn.Module, MultiTask]:
    """Returns what forward is called on, and the MultiTask in it."""
    net = model(method, seed=seed)
    if wrapping == "whole":
        outer = DistributedDataParallel(net)
        return outer, net
    if wrapping == "backbone":
        net = MultiTask(DistributedDataParallel(net.backbone), list(net.heads), mtlcore.method(method))
    return net, net


def train(method: str, outer: nn.Module, net: MultiTask, part: slice, accumulate: int = 1) -> dict:
    network = torch.optim.SGD(net.network_parameters(), lr=0.05)
    transform = net.transform_optimizer(lr=0.2)
    for i in range(STEPS):
        net.zero_grad()
        x, targets = batch(seed=i, n=8)
        x, targets = x[part], [y[part] for y in targets]
        size = len(x) // accumulate
        for j in range(accumulate):
            cut = slice(j * size, (j + 1) * size)
            net.backward(losses_of(outer(x[cut]), [y[cut] for y in targets]), accumulate=accumulate)
        network.step()
        if transform:
            transform[0].step()
    state = net.rule.state_dict()
    return {
        "grads": [None if p.grad is None else p.grad for p in net.parameters()],
        "parameters": [p.detach() for p in net.parameters()],
        "weights": net.last.weights,
        "gram": net.last.gram,
        "losses": net.last.losses,
        "state": state["state"],
        "rng": state["rng"],
    }


def worker(rank: int, folder: str) -> None:
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    results = {}
    part = slice(4 * rank, 4 * rank + 4)
    for method in METHODS:
        for wrapping in WRAPPINGS:
            # only the first process starts from the seed of the test: the others must be brought to it
            outer, net = build(method, rank, wrapping)
            results[method, wrapping] = train(method, outer, net, part)
    _, net = build("rotograd", rank, "plain")
    results["accumulate"] = train("rotograd", net, net, part, accumulate=2)
    results["sentence"] = bad_loss(rank)
    torch.save(results, Path(folder) / f"{rank}.pt")
    dist.destroy_process_group()


def bad_loss(rank: int) -> str:
    """Only the second process's loss is bad; both must say so and neither may wait for the other."""
    _, net = build("rotograd", 0, "plain")
    x, targets = batch()
    losses = losses_of(net(x), targets)
    if rank == 1:
        losses[2] = losses[2] * float("nan")
    try:
        net.backward(losses)
    except ValueError as error:
        return str(error)
    return "no error"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("processes")
    mp.spawn(worker, args=(str(folder),), nprocs=2)
    return [torch.load(folder / f"{rank}.pt", weights_only=False) for rank in range(2)]


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("method", METHODS)
def test_two_processes_take_the_step_of_the_whole_batch(results, method, wrapping):
    net = model(method)
    alone = train(method, net, net, slice(None))
    first, second = (result[method, wrapping] for result in results)
    for name in ("weights", "gram", "losses", "state", "rng"):
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
        if first[name] is not None:
            np.testing.assert_allclose(first[name], alone[name], rtol=1e-6, atol=1e-9, err_msg=name)
    for name in ("grads", "parameters"):
        for a, b, c in zip(first[name], second[name], alone[name], strict=True):
            assert (a is None) == (c is None)
            if a is not None:
                assert torch.equal(a, b)
                torch.testing.assert_close(a, c, rtol=1e-7, atol=1e-9)


def test_micro_batches_in_two_processes(results):
    net = model("rotograd")
    alone = train("rotograd", net, net, slice(None))
    for result in results:
        np.testing.assert_allclose(result["accumulate"]["weights"], alone["weights"], rtol=1e-9)
        for a, c in zip(result["accumulate"]["parameters"], alone["parameters"], strict=True):
            torch.testing.assert_close(a, c)


def test_a_bad_loss_in_one_process_stops_both(results):
    assert [result["sentence"] for result in results] == [
        "the loss of task 2 is nan: it takes a finite number, "
        "or None where no sample of the batch has the task's label."
    ] * 2
    assert len(results) == 2
    assert TASKS == 3
