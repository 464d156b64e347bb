"""What of a run's curves the Lab draws."""

import pytest

from app.lab.curves import POINTS, QUANTITIES, stride

LONG = {"epochs": 30, "train_images": 20_000, "batch": 64, "log_every": 1}


@pytest.mark.parametrize("quantity", ["f1", "test_loss", "images_per_second", "memory_mb"])
def test_every_epoch_is_drawn_however_often_steps_are_logged(quantity):
    assert stride(LONG, quantity) == 1
    assert stride({**LONG, "epochs": 10 * POINTS}, quantity) == 10


@pytest.mark.parametrize("quantity", [name for name, kind in QUANTITIES.items() if not kind.per_epoch])
def test_steps_are_thinned(quantity):
    logged = 30 * 312
    assert POINTS <= logged / stride(LONG, quantity) < 2 * POINTS
    assert stride({**LONG, "log_every": 100}, quantity) == 1
