"""The lab's own figures: launch to first point, cancel, kill, a look at the queue, and full-width steps.

`python -m benchmarks.lab`, in a data folder of its own. Ratios are of one run on one machine.
"""

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable

ROUNDS = 3
LOOK = 0.1  # seconds between two looks: a look reads the store, and looking all the time would slow the run


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MTL_DATA"] = folder
        queue_figures()
    step_figures()


def queue_figures() -> None:
    """Prints what a person waits for."""
    from experiments import launch, paths, store
    from experiments.cifar10.config import LabConfig
    from experiments.launch.folder import existing

    launch.prepare()  # as the page does when it is opened
    wait(paths.database().exists)
    for number, (name, width) in enumerate((("Quick, width 8", 8), ("full width", 64)) * ROUNDS):
        config = LabConfig("uniform", train_images=2000, test_images=200, epochs=1, seed=number, width=width)
        started = time.perf_counter()
        (run,) = launch.submit([config])
        wait(lambda run=run: store.curves([run]))
        print(f"launch -> first point, 2000 synthetic images, {name}: {time.perf_counter() - started:.2f} s")
        started = time.perf_counter()
        launch.queue()
        print(f"  look at the queue: {1e3 * (time.perf_counter() - started):.1f} ms")
        if number % 2:
            started = time.perf_counter()
            os.kill(existing(run).worker(), signal.SIGKILL)
            wait(lambda run=run: launch.get(run).state == "interrupted")
            print(f"  kill -9 -> interrupted: {time.perf_counter() - started:.2f} s")
        else:
            started = time.perf_counter()
            launch.cancel(run)
            print(f"  cancel: {time.perf_counter() - started:.2f} s")


def step_figures() -> None:
    """Prints full-width steps at batch 64, each method beside vanilla."""
    import torch

    from experiments.cifar10 import data
    from experiments.cifar10.config import LabConfig
    from experiments.cifar10.place import find_place
    from experiments.cifar10.train import Trainer

    images = data.load("synthetic", 640, 100)
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    plain = None
    for method, params in (("uniform", {}), ("rotograd", {"m": 64}), ("rotograd", {}), ("mgda_ub", {})):
        config = LabConfig(method, params, train_images=640, test_images=100)
        trainer = Trainer(config, find_place(device, "auto", 64), images)
        trainer.model.train()
        draws = torch.Generator().manual_seed(0)
        times = []
        for _ in range(6):
            started = time.perf_counter()
            trainer.backward(torch.arange(64), draws)
            trainer.optimisers.step()
            if device != "cpu":
                torch.cuda.synchronize()
            times.append(time.perf_counter() - started)
        best = statistics.median(times[1:])
        plain = plain or best
        print(f"full-width step on {device}, {config.title}: {best:.3f} s, {best / plain:.2f} x vanilla")


def wait(what: Callable[[], object]) -> None:
    """Returns when what() is true."""
    while not what():
        time.sleep(LOOK)  # a pause between two looks at the state, which tells nobody when it changes


if __name__ == "__main__":
    main()
