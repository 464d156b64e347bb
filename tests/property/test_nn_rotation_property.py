"""Properties of the rotation step that hold for every tangent."""

from operator import attrgetter

import torch
from hypothesis import given
from hypothesis import strategies as st

from mtlcore.nn import Rotation
from mtlcore.nn.retraction import haar_rotations


@given(
    m=st.integers(2, 9), size=st.floats(1e-12, 30.0), seed=st.integers(0, 2**31 - 1), tasks=st.integers(1, 3)
)
def test_any_step_stays_on_the_group_and_can_be_taken_back(m, size, seed, tasks):
    generator = torch.Generator().manual_seed(seed)
    start = haar_rotations(tasks, m, seed, torch.float64, torch.device("cpu"))
    rotation = Rotation(tasks, m, m, partner=attrgetter("features"), start=start)
    lower = torch.randn(tasks, m, m, generator=generator, dtype=torch.float64) * size
    with torch.no_grad():
        rotation.tangent.copy_(lower)
        moved = rotation.rotations().clone()
        rotation.tangent.copy_(-lower)
        back = rotation.rotations()
    eye = torch.eye(m, dtype=torch.float64)
    assert float((moved.mT @ moved - eye).abs().max()) <= 1e-10
    assert bool((torch.linalg.det(moved) > 0).all())
    # a step of angle a is second-order: there and back leaves a^4 and less
    slack = min(0.25, float(torch.linalg.vector_norm(lower.tril(-1), dim=(1, 2)).max())) ** 4
    assert float((back - start).abs().max()) <= slack + 1e-10


@given(m=st.integers(2, 6), extra=st.integers(0, 3), seed=st.integers(0, 2**31 - 1))
def test_a_view_keeps_lengths_and_pulling_back_undoes_it(m, extra, seed):
    start = haar_rotations(2, m, seed, torch.float64, torch.device("cpu"))
    rotation = Rotation(2, m + extra, m, partner=attrgetter("features"), start=start)
    z = torch.randn(5, m + extra, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    views = torch.stack(rotation.views(z))
    torch.testing.assert_close(views.norm(dim=2), z.norm(dim=1).expand(2, -1))
    torch.testing.assert_close(rotation.pull_back(views), z.expand(2, -1, -1))
