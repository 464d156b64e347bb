"""Gram matrices of gradients in any layout, dtype and number, against one float64 product."""

import pytest
import torch

from mtlcore.nn import gram
from mtlcore.nn.gram import gram_of_lists

CPU = torch.device("cpu")


def exact(tasks):
    """Returns M from one K x D matrix; None counts as zero."""
    sizes = [next(one.numel() for one in column if one is not None) for column in zip(*tasks, strict=True)]
    rows = [
        torch.cat(
            [torch.zeros(n) if one is None else one.reshape(-1) for one, n in zip(task, sizes, strict=True)]
        )
        for task in tasks
    ]
    matrix = torch.stack([row.double() for row in rows])
    return matrix @ matrix.T


def drawn(tasks, shapes, dtype=torch.float32):
    generator = torch.Generator().manual_seed(tasks)
    return [[torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes] for _ in range(tasks)]


@pytest.mark.parametrize("tasks", range(1, 12))
def test_every_number_of_tasks(tasks):
    lists = drawn(tasks, [(1,), (7, 3), (513,), (64, 33)])
    assert torch.allclose(gram_of_lists(lists, CPU), exact(lists), rtol=1e-12, atol=1e-12)


def test_pieces_and_threads(monkeypatch):
    """More pieces than threads, the last one short."""
    monkeypatch.setattr(gram, "PIECE", 1000)
    lists = drawn(3, [(4321,), (999,), (1000,)])
    assert torch.allclose(gram_of_lists(lists, CPU), exact(lists), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_dtypes(dtype):
    lists = drawn(4, [(5, 4), (600,)], dtype)
    assert torch.allclose(gram_of_lists(lists, CPU), exact(lists), rtol=1e-12, atol=1e-12)


def test_layouts_and_parameters_that_are_not_reached():
    lists = drawn(3, [(2, 3, 4, 5), (6, 7), (8,)])
    expected = [list(task) for task in lists]
    lists[0][0] = lists[0][0].to(memory_format=torch.channels_last)
    lists[1][1] = torch.randn(7, 6).T
    expected[1][1] = lists[1][1]
    lists[2][2] = expected[2][2] = None
    assert torch.allclose(gram_of_lists(lists, CPU), exact(expected), rtol=1e-12, atol=1e-12)
    empty = [[*task, torch.zeros(0)] for task in lists]
    assert torch.allclose(gram_of_lists(empty, CPU), gram_of_lists(lists, CPU), rtol=1e-14, atol=0.0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_not_finite_shows_in_its_tasks_products(bad):
    lists = drawn(5, [(700,)])
    lists[3][0][650] = bad
    finite = gram_of_lists(lists, CPU).isfinite()
    assert not finite[3].any()
    assert not finite[:, 3].any()
    assert finite.sum() == 16


def test_tiny_gradients_do_not_vanish():
    """Their squares are below float32's smallest number."""
    lists = [[one * 1e-30 for one in task] for task in drawn(2, [(900,)])]
    assert torch.allclose(gram_of_lists(lists, CPU), exact(lists), rtol=1e-12, atol=0.0)
